"""The root disk: whether there is one, and whether the system uses all of it."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud, of_facts, unknown
from portability.behaviours.views import CloudView, ServerFacts
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

ZERO_DISK = Behaviour(
    id="boot.zero_disk_flavor",
    means="Whether the flavors bring a root disk, or a server must boot from a volume.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="SCS-0103, whose mandatory flavors mostly lack a disk; Nova policy servers:create:zero_disk_flavor",
    breaks='Creating a server fails: "Only volume-backed servers are allowed for flavors with zero disk."',
    remedy="openstack server create --boot-from-volume GIB …; or take a flavor with a disk: openstack flavor list "
    "--min-disk 1",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
    absorbed_by="root disk",
)
GROW = Behaviour(
    id="boot.root_disk.size_grow",
    means="Whether the system on a new server fills the root disk that was paid for.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="cloud-init, modules growpart and resize_rootfs",
    breaks="No space left on device, on one cloud only.",
    remedy="Install cloud-guest-utils in the image, or run: growpart /dev/DISK 1 && resize2fs /dev/DISK1",
    cost=Cost.SERVER,
    accepted=("true",),
)

_GIB = 1 << 30
_USABLE = 0.85
"""Of a disk: partition table, EFI partition, and the file system's own tables take the rest."""


@of_cloud(ZERO_DISK)
def zero_disk_flavor(view: CloudView) -> Iterator[Reading]:
    without = [flavor.name for flavor in view.offer.flavors if flavor.disk_gib == 0]
    total = len(view.offer.flavors)
    value = "disk flavors" if not without else "diskless only" if len(without) == total else "mixed"
    detail = f"{len(without)} of {total} without a disk" + (f": {', '.join(sorted(without)[:6])}" if without else "")
    yield measured(ZERO_DISK, value, detail=detail)


@of_facts(GROW)
def size_grow(told: ServerFacts) -> Iterator[Reading]:
    role = told.server.role
    if told.facts.root_size is None:
        yield unknown(GROW, "df does not tell the size of /", subject=role)
        return
    promised = told.flavor.disk_gib or told.binding.image.min_disk_gib
    detail = f"/ has {told.facts.root_size / _GIB:.1f} GiB, the disk {promised} GiB"
    yield measured(GROW, told.facts.root_size >= promised * _GIB * _USABLE, subject=role, detail=detail)
