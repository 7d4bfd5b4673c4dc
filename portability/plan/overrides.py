"""What the user decides instead of the program: one cloud's part of portability.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from portability.model.plan import AccessModel
from portability.model.units import CloudLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudOverrides:
    """Names or ids of what to take on one cloud; None: the program chooses."""

    image: str | None = None
    flavors: tuple[tuple[str, str], ...] = ()
    """Tier to flavor."""
    access: AccessModel | None = None
    network: str | None = None
    volume_type: str | None = None
    compute_zone: str | None = None
    volume_zone: str | None = None
    user: str | None = None
    config_drive: bool | None = None
    cidr: str | None = None

    def flavor(self, tier: str) -> str | None:
        return next((flavor for name, flavor in self.flavors if name == tier), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    clouds: tuple[tuple[CloudLabel, CloudOverrides], ...] = ()
    source: str = ""
    """The file they were read from."""

    def renamed(self, names: Mapping[CloudLabel, str]) -> Self:
        """The same for clouds that have other labels in a run than names in the file."""
        return replace(self, clouds=tuple((label, self.of(name)) for label, name in names.items()))

    def of(self, cloud: CloudLabel) -> CloudOverrides:
        """What was said about this cloud: nothing, if it is not named."""
        return next((overrides for name, overrides in self.clouds if name == cloud), CloudOverrides())
