"""Whether a project's quotas leave room for the application."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud, unknown
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Level, Scale
from portability.model.plan import UNLIMITED, AccessModel, Binding
from portability.model.workload import Workload

HEADROOM = Behaviour(
    id="quota.headroom_for_app",
    means="How much of each quota is left once the application runs and one server of each tier is replaced beside it.",
    scale=Scale.LIMIT,
    level=Level.REQUIRED,
    unit="",
    authority="Nova, Neutron and Cinder quotas; Nova user guide, Quotas",
    breaks="Deployment, scaling out or a rolling update ends half way with 403 Quota exceeded.",
    remedy="Ask the provider to raise the quota that is too small, or delete what is not needed: openstack quota show "
    "--usage",
    cost=Cost.NO_SERVER,
)


@of_cloud(HEADROOM)
def headroom(view: CloudView) -> Iterator[Reading]:
    for name, needed in demand(view.workload, view.binding):
        quota = view.offer.quota(name)
        if quota is None or quota.free is None:
            yield unknown(HEADROOM, "the cloud does not tell how much is free", subject=name)
        elif quota.free == UNLIMITED:
            yield measured(HEADROOM, True, subject=name, detail=f"{needed} needed, no limit")
        else:
            detail = f"{needed} needed, {quota.free} free of {quota.limit}"
            yield measured(HEADROOM, quota.free - needed, subject=name, detail=detail)


def demand(workload: Workload, binding: Binding) -> tuple[tuple[str, int], ...]:
    """What the application takes at its largest: one more server of each tier, as while each is replaced in turn."""
    servers = [(tier, binding.flavor(tier.name)) for tier in workload.tiers for _ in range(tier.count + 1)]
    volumes = [need.size_gib for tier in workload.tiers for need in tier.volumes for _ in range(tier.count)]
    boot_volumes = [
        max(tier.needs.disk_gib, binding.image.min_disk_gib)
        for tier, _ in servers
        if tier.name in binding.boot_from_volume
    ]
    found = [
        ("instances", len(servers)),
        ("cores", sum(flavor.vcpus for _, flavor in servers)),
        ("ram_mib", sum(flavor.ram_mib for _, flavor in servers)),
        ("ports", len(servers)),
        ("volumes", len(volumes) + len(boot_volumes)),
        ("volume_gib", sum(volumes) + sum(boot_volumes)),
        ("security_groups", len(workload.tiers)),
        ("key_pairs", 1),
    ]
    if binding.access is AccessModel.FLOATING:
        found += [("networks", 1), ("routers", 1), ("floating_ips", 1)]
    return tuple(found)
