"""Lists of packages, kept as text files so that a Makefile can read them too."""

from importlib.resources import files
from pathlib import Path


def system_packages() -> tuple[str, ...]:
    """The Debian packages that the container kind needs on this machine."""
    return read(Path(str(files("portability.lab") / "packages.txt")))


def guest_packages() -> tuple[str, ...]:
    """The Debian packages in the guest image."""
    return read(recipe_folder() / "packages.txt")


def recipe_folder() -> Path:
    return Path(str(files("portability.lab.image") / "recipe"))


def read(path: Path) -> tuple[str, ...]:
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return tuple(line for line in lines if line)
