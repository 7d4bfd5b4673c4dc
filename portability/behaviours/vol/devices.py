"""Where a volume appears in a server. Pure: read from what is under /dev before and after attaching."""

from dataclasses import dataclass

_ID_PREFIX = 20
"""virtio-blk cuts a disk's serial number (virtio specification, 5.2.6.3: 20 bytes)."""
_BUSES = {"vd": "virtio-blk", "sd": "scsi", "nvme": "nvme", "xvd": "xen", "hd": "ide"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """A volume in a server."""

    node: str
    """`/dev/vdb`"""
    links: tuple[str, ...]
    """Names under /dev/disk/by-id that lead to it."""


def appearance(before: str, after: str, *, volume_id: str) -> Appearance | None:
    """The volume, found by its id, else by the one node that is new; None: neither.

    Both texts are lines of `node NODE` and `link NAME NODE`.
    """
    links = [tuple(line.split()[1:3]) for line in after.splitlines() if line.startswith("link ")]
    nodes = {line.split()[1] for line in after.splitlines() if line.startswith("node ")}
    new = nodes - {line.split()[1] for line in before.splitlines() if line.startswith("node ")}
    # Where the disk carries partitions, -part1 and the like lead to those.
    named = {node for name, node in links if id_form([name], volume_id) != "none" and node in nodes}
    candidates = named or new
    if len(candidates) != 1:
        return None
    node = next(iter(candidates))
    return Appearance(node=node, links=tuple(sorted(name for name, target in links if target == node)))


def id_form(links: "list[str] | tuple[str, ...]", volume_id: str) -> str:
    """`full-uuid`, `20-char prefix` or `none`: how much of the volume's id the links carry."""
    if any(volume_id in name for name in links):
        return "full-uuid"
    return "20-char prefix" if any(volume_id[:_ID_PREFIX] in name for name in links) else "none"


def bus(node: str) -> str:
    name = node.removeprefix("/dev/")
    return next((word for prefix, word in sorted(_BUSES.items(), reverse=True) if name.startswith(prefix)), "other")
