"""Names for the units that numbers carry."""

from typing import TypeAlias

Seconds: TypeAlias = float
MiB: TypeAlias = int
GiB: TypeAlias = int
Bytes: TypeAlias = int
CloudLabel: TypeAlias = str
"""What a cloud is called in one run: its clouds.yaml name, with a suffix where a cloud is compared with itself."""
