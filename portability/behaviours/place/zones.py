"""Availability zones."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

ZONES = Behaviour(
    id="place.az.meaning",
    means="The names of the availability zones that servers can be put in.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Nova user guide, Availability zones: names and purposes vary between clouds; SCS-0121",
    breaks="A zone name written into a template is refused on the other cloud.",
    remedy="Keep the zone's name in a variable of each cloud, or name none: openstack availability zone list",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
    absorbed_by="zone",
)


@of_cloud(ZONES)
def compute_zones(view: CloudView) -> Iterator[Reading]:
    yield measured(ZONES, tuple(sorted(view.offer.compute_zones)))
