"""What the guest calls its disks: names and links as libvirt's guests see them, made without udev."""

from collections.abc import Iterable
from dataclasses import dataclass
from shlex import quote
from string import ascii_lowercase
from typing import assert_never

from portability.errors import LabError
from portability.lab.machine.protocol import Disk, DiskBus

_FIRST_STEPS = """\
# Traces of the container manager: mounts of the machine's own disk, which no virtual machine has.
umount --recursive --lazy /run/host 2>/dev/null
rmdir /run/host 2>/dev/null
# A server may set what belongs to its own network; the rest of /proc/sys is the machine's.
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
# lsblk and others list this folder: it must have the server's disks, not the machine's.
mount -t tmpfs -o mode=755,size=64k tmpfs /sys/block
plug() {
    mknod -m 660 "/dev/$1" b 7 "$2"
    chgrp disk "/dev/$1"
    ln -s "../devices/virtual/block/loop$2" "/sys/block/$1"
}
link() {
    mkdir -p "$(dirname "/dev/$2")"
    ln -sfn "../../$1" "/dev/$2"
}
# Both set by supervise.sh, which alone knows the loop device of the root disk.
plug "$root_device" "$root_minor"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    name: str
    """Below /dev."""
    link: str
    """The udev link, below /dev."""
    minor: int
    """Of the loop device."""


def root_device(bus: DiskBus) -> str:
    return f"{_prefix(bus)}a"


def choose_device(bus: DiskBus, present: Iterable[Disk], *, wanted: str) -> str:
    """The wanted name where the bus has it and it is free, else the next free one; Nova too takes it as a hint only.

    Raises:
        LabError: all 25 are taken.
    """
    taken = {disk.device for disk in present}
    free = [device for letter in ascii_lowercase[1:] if (device := f"/dev/{_prefix(bus)}{letter}") not in taken]
    if not free:
        raise LabError("no free device name for another volume: 25 are attached")
    return wanted if wanted in free else free[0]


def volume_node(bus: DiskBus, disk: Disk, minor: int) -> Node:
    """The node and the by-id link: QEMU cuts a virtio serial after 20 characters, a SCSI one is whole."""
    match bus:
        case DiskBus.VIRTIO:
            link = f"virtio-{disk.volume_id[:20]}"
        case DiskBus.SCSI:
            link = f"scsi-0QEMU_QEMU_HARDDISK_{disk.volume_id}"
        case _:
            assert_never(bus)
    return Node(name=disk.device.removeprefix("/dev/"), link=f"disk/by-id/{link}", minor=minor)


def config_drive_node(minor: int) -> Node:
    return Node(name="sr0", link="disk/by-label/config-2", minor=minor)


def plug_script(nodes: Iterable[Node]) -> str:
    """Shell text for the guest's very first program: makes the nodes, then becomes the real init."""
    lines = [f"plug {quote(node.name)} {node.minor}\nlink {quote(node.name)} {quote(node.link)}\n" for node in nodes]
    return "".join([_FIRST_STEPS, *lines, "exec /sbin/init\n"])


def _prefix(bus: DiskBus) -> str:
    match bus:
        case DiskBus.VIRTIO:
            return "vd"
        case DiskBus.SCSI:
            return "sd"
        case _:
            assert_never(bus)
