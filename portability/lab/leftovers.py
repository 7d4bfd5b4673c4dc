"""What a lab could leave on a machine, and the look that finds it."""

import ipaddress
import json
import shutil
from pathlib import Path

from portability.errors import LabError
from portability.lab.process import run


def of(folder: Path, prefixes: tuple[str, ...]) -> list[str]:
    """Namespaces, links, mounts and loop devices that are the lab's and still there, in words."""
    return [*_namespaces(prefixes), *_links(prefixes), *_mounts(folder), *_loops(folder)]


def _namespaces(prefixes: tuple[str, ...]) -> list[str]:
    found = Path("/run/netns").glob("*")
    return [f"namespace {path.name}" for path in found if path.name.startswith(tuple(f"{p}." for p in prefixes))]


def _links(prefixes: tuple[str, ...]) -> list[str]:
    found = Path("/sys/class/net").glob("*")
    return [f"link {path.name}" for path in found if path.name.startswith(tuple(prefix[:5] for prefix in prefixes))]


def _mounts(folder: Path) -> list[str]:
    inside = f"{folder.resolve()}/"
    targets = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return [f"mount {target}" for target in targets if target.startswith(inside)]


def _loops(folder: Path) -> list[str]:
    inside = f"{folder.resolve()}/"
    found = []
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            backing = file.read_text().strip()
        except OSError:  # it went while we looked
            continue
        if backing.startswith(inside):
            found.append(f"loop device /dev/{file.parts[-3]} on {backing}")
    return found


def remove_folder(folder: Path) -> None:
    """The lab's files; only after `of` found nothing, so nothing that is mounted can be hit."""
    shutil.rmtree(folder)


def check_range(cidr: str) -> None:
    """Nothing, when the host has no route into the range.

    Raises:
        LabError: with the route that is in the way.
    """
    wanted = ipaddress.ip_network(cidr)
    for route in json.loads(run("ip", "-json", "-4", "route", "show", "table", "all") or "[]"):
        target = route["dst"]
        if target == "default":
            continue
        network = ipaddress.ip_network(target, strict=False)
        if network.prefixlen and network.overlaps(wanted):
            raise LabError(
                f"{cidr} is in use on this machine: route to {target} over {route.get('dev', '?')}",
                way_out="choose another `cidr:` in a lab.yaml of your own and give it with --file",
            )
