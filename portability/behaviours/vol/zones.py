"""Zones of volumes."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

VOLUME_ZONES = Behaviour(
    id="vol.az.names",
    means="Whether volumes have zones of the same names as servers.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Cinder availability zones; Nova option cross_az_attach (default true)",
    breaks="A volume is asked for in a zone that only servers have: 400, availability zone is invalid.",
    remedy="Keep two variables, compute_zone and volume_zone, and leave the volume's zone out where both are alike.",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
    absorbed_by="volume zone",
)


@of_cloud(VOLUME_ZONES)
def volume_zones(view: CloudView) -> Iterator[Reading]:
    compute, volume = set(view.offer.compute_zones), set(view.offer.volume_zones)
    detail = f"servers: {', '.join(sorted(compute))}; volumes: {', '.join(sorted(volume))}"
    yield measured(VOLUME_ZONES, "the same names" if compute == volume else "other names", detail=detail)
