"""Whether there is a flavor for each tier."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

FLAVOR_MATCH = Behaviour(
    id="place.flavor_match",
    means="How large the smallest server is that fits a tier's needs.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="SCS-0103, standard flavors",
    breaks="A flavor name in a template is unknown on the other cloud; a larger flavor costs more and hides that the "
    "application outgrew its needs.",
    remedy="Choose flavors by need: openstack flavor list --min-ram MIB --min-disk GIB --sort-column RAM",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
    absorbed_by="flavor",
)


@of_cloud(FLAVOR_MATCH)
def flavor_match(view: CloudView) -> Iterator[Reading]:
    for tier in view.workload.tiers:
        flavor = view.binding.flavor(tier.name)
        disk = f"{flavor.disk_gib} GiB disk" if flavor.disk_gib else "no disk"
        value = f"{flavor.vcpus} vCPU, {flavor.ram_mib} MiB, {disk}"
        yield measured(FLAVOR_MATCH, value, subject=tier.name, detail=flavor.name)
