"""A volume's life: attached, written, detached, moved."""

import secrets
import time
from collections.abc import Generator, Iterator

from portability.behaviours.probes import Reading, measured, of_scratch, sample, unknown
from portability.behaviours.views import ScratchView
from portability.behaviours.vol.devices import bus, id_form
from portability.behaviours.vol.scratch import RESOLUTION, Attachment, Scratch, scratch_volume
from portability.guest.python import run_python
from portability.model.behaviour import Behaviour, Better, Cost, Impact, Level, Margin, Scale
from portability.model.units import Seconds

ATTACH = Behaviour(
    id="vol.attach.time",
    means="How long it takes from the request until a server has a volume.",
    scale=Scale.QUANTITY,
    level=Level.RECOMMENDED,
    unit="s",
    authority="Tempest, test_server_volume_attachment; no standard sets a limit",
    breaks="Moving the database to a spare server takes longer than the application is allowed to be away.",
    remedy="Wait for the link, not for a time: timeout 120 sh -c 'until ls /dev/disk/by-id/*ID*; do sleep 1; done'",
    cost=Cost.SERVER,
    better=Better.LOWER,
    margin=Margin(relative=0.5, absolute=3.0, reason="small beside the time a database needs to start again"),
)
DETACH = Behaviour(
    id="vol.detach.time",
    means="How long it takes from the request until a volume is free for another server.",
    scale=Scale.QUANTITY,
    level=Level.RECOMMENDED,
    unit="s",
    authority="Nova, detaching is repeated up to 8 times 20 s until the guest lets go",
    breaks="Moving the database to a spare server takes longer than the application is allowed to be away.",
    remedy="Unmount first, then wait: openstack volume show -c status ID until it says available",
    cost=Cost.SERVER,
    better=Better.LOWER,
    margin=Margin(relative=0.5, absolute=3.0, reason="small beside the time a database needs to start again"),
)
BY_ID = Behaviour(
    id="vol.device.by_id",
    means="Whether a server can tell its volumes apart by their ids, and by how much of the id.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Nova, libvirt driver: a disk's serial is the volume's id; virtio-blk keeps 20 bytes of it",
    breaks="The wrong disk is formatted or mounted: data is lost.",
    remedy="Look for the first 20 characters: ls /dev/disk/by-id/*${ID:0:20}*; mount by UUID= or LABEL= in /etc/fstab",
    cost=Cost.SERVER,
    accepted=("full-uuid", "20-char prefix"),
)
API_VS_GUEST = Behaviour(
    id="vol.device.api_vs_guest",
    means="Whether a volume has the device name in the server that the API tells.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Nova user guide, Block device mapping: the driver overrides device names",
    breaks="The wrong disk is formatted or mounted: data is lost.",
    remedy="Never use the API's device name: find the volume by its id under /dev/disk/by-id.",
    cost=Cost.SERVER,
)
BUS = Behaviour(
    id="vol.bus",
    means="How volumes are connected: what their devices are called.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Glance image property hw_disk_bus; SCS-0102",
    breaks="Device names such as /dev/vdb in scripts and fstab do not exist.",
    remedy="openstack image set --property hw_disk_bus=scsi --property hw_scsi_model=virtio-scsi IMAGE; and no device "
    "names anywhere.",
    cost=Cost.SERVER,
)
FSYNC = Behaviour(
    id="vol.perf.fsync",
    means="How long a write to a volume takes until it is safe: the time of every database commit.",
    scale=Scale.QUANTITY,
    level=Level.RECOMMENDED,
    unit="ms",
    authority="PostgreSQL, pg_test_fsync (open_datasync, 8 KiB); etcd asks for a 99th percentile under 10 ms; SCS-0110",
    breaks="Commits become slow; clusters that vote (etcd, Patroni) lose their leader.",
    remedy="A faster volume type or a flavor with a local SSD; synchronous_commit=off only where a lost second "
    "is allowed.",
    cost=Cost.SERVER,
    better=Better.LOWER,
    margin=Margin(relative=0.5, absolute=2.0, reason="under 2 ms a write is a small part of a web request"),
)
SURVIVES = Behaviour(
    id="vol.data_survives_move",
    means="Whether what was written on one server is there when the volume is moved to another.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Cinder and Nova: a detached volume keeps its data; Tempest, test_minimum_basic",
    breaks="A lost server loses the database.",
    remedy="Do not run a database on this cloud's volumes before the provider has explained it; replicate it.",
    cost=Cost.SEVERAL,
    impact=Impact.BLOCKER,
    accepted=("true",),
)

_CYCLES = 6
_BUDGET: Seconds = 4.0
"""No further cycle is begun after this, once the volume was on both servers: on slow clouds six would take minutes."""
_WRITES = 100


@of_scratch(ATTACH, DETACH, BY_ID, API_VS_GUEST, BUS, FSYNC, SURVIVES)
def life(view: ScratchView) -> Iterator[Reading]:
    """One volume, to and fro between two servers. What fails ends it; the runner tells why the rest is unknown."""
    start, seed = time.monotonic(), secrets.token_hex(8)
    with scratch_volume(view) as scratch:
        first = scratch.attach(view.places[0])
        yield from _look(first, scratch.volume.id)
        written = yield from _write(first, seed)
        scratch.detach(first)
        second = scratch.attach(view.places[-1])
        yield _survival(second, written, moved=len(view.places) > 1)
        scratch.detach(second)
        while len(scratch.stays) < _CYCLES and time.monotonic() - start < _BUDGET:
            stay = scratch.attach(view.places[len(scratch.stays) % len(view.places)])
            scratch.detach(stay)
        yield from _times(scratch)


def _look(stay: Attachment, volume_id: str) -> Iterator[Reading]:
    seen = stay.seen
    if seen is None:
        for behaviour in (BY_ID, API_VS_GUEST, BUS):
            yield unknown(behaviour, "several disks changed at once")
        return
    yield measured(BY_ID, id_form(seen.links, volume_id), detail=", ".join(seen.links) or "no link leads to it")
    yield measured(BUS, bus(seen.node), detail=seen.node)
    if stay.api_device is None:
        yield unknown(API_VS_GUEST, "the API tells no device")
    else:
        detail = f"the API says {stay.api_device}, the server {seen.node}"
        yield measured(API_VS_GUEST, stay.api_device == seen.node, detail=detail)


def _write(stay: Attachment, seed: str) -> Generator[Reading, None, str]:
    """Readings of synchronous writes; gives the checksum of what is then on the volume, empty: nothing."""
    if stay.seen is None:
        yield unknown(FSYNC, "which device is the volume could not be told")
        return ""
    node, shell = stay.seen.node, stay.place.shell
    written = run_python(shell, "disk.py", "write", node, seed, as_root=True)
    times = run_python(shell, "disk.py", "fsync", node, str(_WRITES), as_root=True, timeout=120.0)
    yield from sample(FSYNC, times)
    return str(written)


def _survival(stay: Attachment, written: str, *, moved: bool) -> Reading:
    if stay.seen is None or not written:
        return unknown(SURVIVES, "which device is the volume could not be told")
    found = run_python(stay.place.shell, "disk.py", "read", stay.seen.node, as_root=True)
    detail = "read on another server" if moved else "read on the same server again: there is only one"
    return measured(SURVIVES, found == written, detail=detail)


def _times(scratch: Scratch) -> Iterator[Reading]:
    for repetition, stay in enumerate(scratch.stays):
        yield measured(
            ATTACH, stay.seconds, repetition=repetition, resolution=RESOLUTION, detail=stay.place.server.role
        )
        if stay.detach_seconds is not None:
            yield measured(DETACH, stay.detach_seconds, repetition=repetition, resolution=RESOLUTION)
