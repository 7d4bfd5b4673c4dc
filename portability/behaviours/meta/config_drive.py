"""The config drive."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, unknown
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Level, Scale

CONFIG_DRIVE = Behaviour(
    id="meta.config_drive",
    means="Whether a server that asks for a config drive gets one that it can read.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Nova user guide, Config drives: label config-2, iso9660 or vfat",
    breaks="Servers are not configured where the metadata service cannot be reached.",
    remedy="openstack server create --use-config-drive …; in the image keep the modules isofs and vfat.",
    cost=Cost.SERVER,
    accepted=("readable",),
)


@of_facts(CONFIG_DRIVE)
def config_drive(told: ServerFacts) -> Iterator[Reading]:
    drive, role = told.facts.drive, told.server.role
    if not told.binding.config_drive:
        yield unknown(CONFIG_DRIVE, "the binding asks for none", subject=role)
    elif drive is None:
        yield measured(CONFIG_DRIVE, "missing", subject=role)
    else:
        yield measured(CONFIG_DRIVE, "readable" if drive.metadata else "unreadable", subject=role, detail=drive.format)
