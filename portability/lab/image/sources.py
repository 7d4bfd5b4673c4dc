"""Where packages come from: what this machine's own apt is set to, so that no mirror is named here."""

import platform
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
"""The release of the guest image, where the machine's sources have it; else the machine's own release."""

_ACQUIRE = re.compile(r"^(Acquire::(?:Check-Valid-Until|Check-Date|Retries|https?::Proxy)) \"(.*)\";$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""

    def line(self) -> str:
        """The entry in apt's one-line format (sources.list(5))."""
        options = f"[signed-by={self.signed_by}] " if self.signed_by else ""
        return f"deb {options}{self.uri} {self.suite} {' '.join(self.components)}"


def machine_sources(folder: Path = Path("/etc/apt")) -> tuple[Source, ...]:
    """The binary package sources that apt uses on this machine, in both of apt's formats."""
    found: list[Source] = []
    for path in (folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))):
        if path.suffix == ".list" and path.is_file():
            found.extend(_one_line(path.read_text()))
        elif path.suffix == ".sources":
            found.extend(_deb822(path.read_text()))
    return tuple(found)


def choose(sources: Iterable[Source], *, own_release: str) -> tuple[str, tuple[Source, ...]]:
    """The suite to build and the sources that carry it: Debian 12 if any has it, else this machine's own release."""
    sources = tuple(sources)
    suite = SUITE if any(source.suite == SUITE for source in sources) else own_release
    names = {suite, f"{suite}-updates", f"{suite}-security"}
    return suite, tuple(source for source in sources if source.suite in names)


def own_release() -> str:
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def acquire_options() -> tuple[str, ...]:
    """What apt is told here about proxies and clocks; a build that ignored it would fail where apt works."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    matches = (_ACQUIRE.match(line) for line in dump.splitlines())
    return tuple(f'{match[1]} "{match[2]}"' for match in matches if match and match[2])


def _one_line(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        match = re.match(r"^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)", line)
        if match:
            options = dict(option.split("=", 1) for option in (match[1] or "").split() if "=" in option)
            yield Source(
                uri=match[2],
                suite=match[3],
                components=tuple(match[4].split()),
                signed_by=options.get("signed-by", ""),
            )


def _deb822(text: str) -> Iterator[Source]:
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        fields = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        signed_by = fields.get("signed-by", "")
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(
                    uri=uri,
                    suite=suite,
                    components=tuple(fields.get("components", "").split()),
                    signed_by=signed_by if signed_by.startswith("/") else "",
                )
