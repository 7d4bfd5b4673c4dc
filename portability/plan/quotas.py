"""Whether a project's quotas leave room for a run. Pure."""

from collections.abc import Iterable

from portability.errors import ImpossiblePlan
from portability.model.plan import UNLIMITED, AccessModel, Binding, Offer, QuotaFit
from portability.model.units import CloudLabel
from portability.model.workload import Workload
from portability.plan.flavors import needs_with_image

# A new security group has two rules of its own, for outgoing IPv4 and IPv6 (Networking API v2.0, security groups).
_RULES_OF_A_NEW_GROUP = 2
# Neutron gives a network a DHCP port for each agent that serves it (dhcp_agents_per_network: 1, or 2 where one may
# fail), and counts it towards the project's quota.
_DHCP_PORTS = 2
_SCRATCH_VOLUME_GIB = 1
# For a moment the probes add a port to a server, and a rule to a group.
_PROBE_PORTS = 1
_PROBE_RULES = 1

Demand = tuple[tuple[str, int], ...]


def quota_fit(workload: Workload, offer: Offer, binding: Binding, *, sides: int = 1) -> tuple[QuotaFit, ...]:
    """What a run needs of each quota and what is free, the same quotas in the same order for every cloud, also where
    nothing is needed. `sides` is how many clouds of the run share this project.
    """
    return tuple(_fit(offer, name, needed * sides) for name, needed in demand(workload, binding))


def check_quotas(fits: Iterable[tuple[CloudLabel, tuple[QuotaFit, ...]]]) -> None:
    """Nothing, if all that can be told fits.

    Raises:
        ImpossiblePlan: which quota is too small on which cloud, and by how much.
    """
    short = [
        f"{cloud}: {fit.quota}: {fit.needed} needed, {fit.free} free, {fit.needed - (fit.free or 0)} too few"
        for cloud, cloud_fits in fits
        for fit in cloud_fits
        if fit.fits is False
    ]
    if short:
        raise ImpossiblePlan(
            f"the quota is too small: {'; '.join(short)}",
            way_out="ask the provider for more, or delete what is not needed (portability sweep lists our leftovers)",
        )


def demand(workload: Workload, binding: Binding) -> Demand:
    """What the application takes at once, with what probes add to it, by the names of Quota. Boot canaries take less,
    and are gone before.
    """
    flavors = [binding.flavor(tier.name) for tier in workload.tiers for _ in range(tier.count)]
    volumes = _volume_sizes(workload, binding)
    tiers = len(workload.tiers)
    own_network = int(binding.access is AccessModel.FLOATING)
    # A flow is one rule, for its source is one group or one range; and each tier is reached by SSH.
    rules = tiers * _RULES_OF_A_NEW_GROUP + len(workload.flows) + tiers + _PROBE_RULES
    return (
        ("instances", len(flavors)),
        ("cores", sum(flavor.vcpus for flavor in flavors)),
        ("ram_mib", sum(flavor.ram_mib for flavor in flavors)),
        ("key_pairs", 1),
        ("volumes", len(volumes)),
        ("volume_gib", sum(volumes)),
        ("networks", own_network),
        ("subnets", own_network),
        ("routers", own_network),
        ("floating_ips", own_network),
        # The router's leg is a port of the project too.
        ("ports", len(flavors) + _PROBE_PORTS + own_network * (1 + _DHCP_PORTS)),
        ("security_groups", tiers),
        ("security_group_rules", rules),
    )


def _volume_sizes(workload: Workload, binding: Binding) -> tuple[int, ...]:
    sizes = [_SCRATCH_VOLUME_GIB]
    for tier in workload.tiers:
        of_one = [volume.size_gib for volume in tier.volumes]
        if tier.name in binding.boot_from_volume:
            of_one.append(needs_with_image(tier.needs, binding.image).disk_gib)
        sizes += of_one * tier.count
    return tuple(sizes)


def _fit(offer: Offer, name: str, needed: int) -> QuotaFit:
    quota = offer.quota(name)
    free = None if quota is None else quota.free
    if quota is not None and free is None and needed > quota.limit:
        # How much is used is not told, but even an empty project would not suffice.
        return QuotaFit(quota=name, needed=needed, free=quota.limit, fits=False)
    if needed == 0 or free == UNLIMITED:
        return QuotaFit(quota=name, needed=needed, free=free, fits=True)
    return QuotaFit(quota=name, needed=needed, free=free, fits=None if free is None else needed <= free)
