"""Programs that run inside the servers, as text."""

from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """The text of one of them, `facts.sh`."""
    return (files(__name__) / name).read_text(encoding="utf-8")
