"""Into a running container from outside: its first process, and disks plugged in and out of its /dev."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from portability.lab.machine.devices import Node
from portability.lab.process import Process

_LOOP_MAJOR = 7

_DISK_GROUP = 6
"""The group `disk` has this number in every Debian (base-passwd)."""


def find_init(pids: Iterable[int]) -> Process | None:
    """The guest's PID 1 among the server's processes, once it is the real init; None between two boots."""
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            program = os.readlink(f"/proc/{pid}/exe")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        # One number for each process namespace, the innermost last (proc(5)).
        numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
        if len(numbers) > 1 and numbers[-1] == "1" and program.endswith("systemd"):
            return Process.find(pid)
    return None


def plug(init: Process, node: Node) -> None:
    """Make the device node, its udev link and its place in /sys/block, as plug.sh does at a boot."""
    device, listed, link = _places(init, node)
    for path in (device, listed, link):
        path.unlink(missing_ok=True)
    os.mknod(device, stat.S_IFBLK, os.makedev(_LOOP_MAJOR, node.minor))
    os.chown(device, 0, _DISK_GROUP)
    device.chmod(0o660)
    listed.symlink_to(f"../devices/virtual/block/loop{node.minor}")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"../../{node.name}")


def unplug(init: Process, node: Node) -> None:
    for path in reversed(_places(init, node)):
        path.unlink(missing_ok=True)


def _places(init: Process, node: Node) -> tuple[Path, Path, Path]:
    root = Path(f"/proc/{init.pid}/root")
    return root / "dev" / node.name, root / "sys/block" / node.name, root / "dev" / node.link
