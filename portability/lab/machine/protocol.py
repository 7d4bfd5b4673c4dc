"""The promise of a machine kind: what the compute service needs done with a server, and nothing more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Power(StrEnum):
    RUNNING = "running"
    SHUTDOWN = "shutdown"
    PAUSED = "paused"


class DiskBus(StrEnum):
    VIRTIO = "virtio"
    """vdb, vdc, …; /dev/disk/by-id/virtio-<first 20 characters of the volume id>"""
    SCSI = "scsi"
    """sdb, sdc, …; /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_<whole volume id>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpec:
    id: str
    """The server's UUID."""
    hostname: str
    image: Path
    """What Glance holds: for containers a folder with the unpacked root file system, never written to."""
    vcpus: int
    memory_mib: int
    disk_gib: int
    disk_bus: DiskBus
    namespace: Path | None
    """From Plane.join; None: no network."""
    config_drive: Mapping[str, bytes] | None = None
    """Path in the drive (openstack/latest/meta_data.json, …) to content; None: no drive. A label config-2 as Nova's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    volume_id: str
    backing: Path
    """A raw file."""
    device: str = ""
    """The name the guest sees, as /dev/vdb; empty: the machine chooses the next free one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineState:
    power: Power
    disks: tuple[Disk, ...] = field(default=())


class Machines(Protocol):
    """All servers of one cloud of one kind. Idempotent, thread-safe for different ids, safe after a crash of the
    caller: what runs goes on running when the calling process dies, and a new caller finds it again.
    """

    def define(self, spec: MachineSpec) -> None:
        """Prepare disk and console; nothing runs yet. A second call with this id changes namespace and drive only."""

    def start(self, machine_id: str) -> None:
        """Power on. Returns when the process runs, not when the guest is up."""

    def stop(self, machine_id: str, *, grace: float) -> None:
        """Ask the guest to power off, wait at most `grace` seconds, then cut the power. 0: cut at once."""

    def pause(self, machine_id: str) -> None: ...

    def unpause(self, machine_id: str) -> None: ...

    def destroy(self, machine_id: str) -> None:
        """Cut the power and remove everything but the volumes' files. Nothing happens when it is unknown."""

    def state(self, machine_id: str) -> MachineState | None:
        """What is true now, asked of the machine; None: not defined."""

    def attach(self, machine_id: str, disk: Disk) -> Disk:
        """Plug the disk in (running or not) and give it back with the device name that the guest has for it."""

    def detach(self, machine_id: str, volume_id: str) -> None:
        """Unplug; nothing happens when it is not attached."""

    def console(self, machine_id: str, *, lines: int | None) -> str:
        """The end of the serial console's text, since the first start; kept over reboots."""

    def watch(self, gone: Callable[[str], None]) -> None:
        """Call `gone(machine_id)` from a thread when a machine powers off by itself."""

    def tear_down(self) -> None:
        """Remove every machine of this cloud on this host, also what a crashed process left."""
