"""Whether a project's quotas leave room for a run. Pure."""

from collections.abc import Iterable

from portability.errors import ImpossiblePlan
from portability.model.plan import UNLIMITED, AccessModel, Binding, Flavor, Offer, QuotaFit
from portability.model.units import CloudLabel
from portability.model.workload import Workload
from portability.plan.flavors import needs_with_image

# A new security group has two rules of its own, for outgoing IPv4 and IPv6 (Networking API v2.0, security groups).
_RULES_OF_A_NEW_GROUP = 2
# Neutron gives a network a DHCP port for each agent that serves it (dhcp_agents_per_network: 1, or 2 where one may
# fail), and counts it towards the project's quota.
_DHCP_PORTS = 2
_SCRATCH_VOLUME_GIB = 1
# Rules of the group of the canaries: SSH, ping, and the port of their small service.
_CANARY_RULES = 3

Demand = tuple[tuple[str, int], ...]


def quota_fit(workload: Workload, offer: Offer, binding: Binding, *, sides: int = 1) -> tuple[QuotaFit, ...]:
    """What a run needs of each quota and what is free; `sides` is how many clouds of the run share this project."""
    return tuple(_fit(offer, name, needed * sides) for name, needed in demand(workload, binding) if needed)


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
    """What the application takes, with a canary and the probes' scratch volume beside it, by the names of Quota."""
    flavors = _server_flavors(workload, binding)
    volumes = _volume_sizes(workload, binding)
    tiers = len(workload.tiers)
    own_network = int(binding.access is AccessModel.FLOATING)
    # A flow is one rule where its source is a group, and each tier is reached by SSH.
    rules = (tiers + 1) * _RULES_OF_A_NEW_GROUP + len(workload.flows) + tiers + _CANARY_RULES
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
        # The entry's and the canary's.
        ("floating_ips", 2 * own_network),
        # The router's leg is a port of the project too.
        ("ports", len(flavors) + own_network * (1 + _DHCP_PORTS)),
        ("security_groups", tiers + 1),
        ("security_group_rules", rules),
    )


def _server_flavors(workload: Workload, binding: Binding) -> tuple[Flavor, ...]:
    ours = tuple(binding.flavor(tier.name) for tier in workload.tiers for _ in range(tier.count))
    return (*ours, binding.flavor(workload.application.entry))


def _volume_sizes(workload: Workload, binding: Binding) -> tuple[int, ...]:
    sizes: list[int] = []
    for tier in workload.tiers:
        for _ in range(tier.count):
            sizes += [volume.size_gib for volume in tier.volumes]
            if tier.name in binding.boot_from_volume:
                sizes.append(needs_with_image(tier.needs, binding.image).disk_gib)
    entry = workload.tier(workload.application.entry)
    if entry.name in binding.boot_from_volume:
        sizes.append(needs_with_image(entry.needs, binding.image).disk_gib)
    return (*sizes, _SCRATCH_VOLUME_GIB)


def _fit(offer: Offer, name: str, needed: int) -> QuotaFit:
    quota = offer.quota(name)
    free = None if quota is None else quota.free
    if quota is not None and free is None and needed > quota.limit:
        # How much is used is not told, but even an empty project would not suffice.
        return QuotaFit(quota=name, needed=needed, free=quota.limit, fits=False)
    fits = None if free is None else free == UNLIMITED or needed <= free
    return QuotaFit(quota=name, needed=needed, free=free, fits=fits)
