"""Limits of a project and what is used of them, by our own names for every cloud."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from openstack.connection import Connection

from portability.cloud import listing
from portability.cloud.faults import told_by
from portability.cloud.protocol import Kind
from portability.errors import CloudError, Refused
from portability.model.plan import Quota
from portability.model.units import CloudLabel

_NETWORK_QUOTAS = {
    "ports": "port",
    "networks": "network",
    "subnets": "subnet",
    "routers": "router",
    "floating_ips": "floatingip",
    "security_groups": "security_group",
    "security_group_rules": "security_group_rule",
}
_COUNTED = {
    "ports": Kind.PORT,
    "networks": Kind.NETWORK,
    "subnets": Kind.SUBNET,
    "routers": Kind.ROUTER,
    "floating_ips": Kind.FLOATING_IP,
    "security_groups": Kind.SECURITY_GROUP,
}


def read_quotas(sdk: Connection, *, label: CloudLabel, project_id: str) -> tuple[Quota, ...]:
    """Compute, volume and network quotas; a service that does not tell its limits gives none."""
    readers: tuple[Callable[[], tuple[Quota, ...]], ...] = (
        lambda: _compute(sdk, project_id),
        lambda: _volume(sdk),
        lambda: _network(sdk, label, project_id),
    )
    with ThreadPoolExecutor(max_workers=len(readers)) as pool:
        return tuple(quota for quotas in pool.map(lambda read: _if_told(label, read), readers) for quota in quotas)


def _if_told(label: CloudLabel, read: Callable[[], tuple[Quota, ...]]) -> tuple[Quota, ...]:
    try:
        with told_by(label, "read the quotas"):
            return read()
    except Refused:
        return ()


def _compute(sdk: Connection, project_id: str) -> tuple[Quota, ...]:
    limits: Any = _json(sdk.compute, "/limits")["limits"]["absolute"]
    pairs = sum(1 for _ in listing.resources(sdk, project_id, Kind.KEY_PAIR, ""))
    named = (
        _quota("instances", limits.get("maxTotalInstances"), limits.get("totalInstancesUsed")),
        _quota("cores", limits.get("maxTotalCores"), limits.get("totalCoresUsed")),
        _quota("ram_mib", limits.get("maxTotalRAMSize"), limits.get("totalRAMUsed")),
        _quota("key_pairs", limits.get("maxTotalKeypairs"), pairs),
        _quota("server_groups", limits.get("maxServerGroups"), limits.get("totalServerGroupsUsed")),
    )
    return tuple(quota for quota in named if quota)


def _volume(sdk: Connection) -> tuple[Quota, ...]:
    limits: Any = _json(sdk.block_storage, "/limits")["limits"]["absolute"]
    named = (
        _quota("volumes", limits.get("maxTotalVolumes"), limits.get("totalVolumesUsed")),
        _quota("volume_gib", limits.get("maxTotalVolumeGigabytes"), limits.get("totalGigabytesUsed")),
    )
    return tuple(quota for quota in named if quota)


def _network(sdk: Connection, label: CloudLabel, project_id: str) -> tuple[Quota, ...]:
    """With usage where the cloud tells it (extension quota_details); else counted from lists."""
    try:
        with told_by(label, "read the usage of quotas"):
            details: Any = _json(sdk.network, f"/quotas/{project_id}/details")["quota"]
    except CloudError:
        return _counted_network(sdk, project_id)
    named = ((name, details.get(theirs)) for name, theirs in _NETWORK_QUOTAS.items())
    return tuple(
        Quota(name=name, limit=_limit(told["limit"]), used=told["used"] + _reserved(told))
        for name, told in named
        if told
    )


def _counted_network(sdk: Connection, project_id: str) -> tuple[Quota, ...]:
    limits: Any = _json(sdk.network, f"/quotas/{project_id}")["quota"]
    quotas = []
    for name, theirs in _NETWORK_QUOTAS.items():
        kind = _COUNTED.get(name)
        used = sum(1 for _ in listing.resources(sdk, project_id, kind, "")) if kind else None
        if quota := _quota(name, limits.get(theirs), used):
            quotas.append(quota)
    return tuple(quotas)


def _json(proxy: Any, path: str) -> Any:
    """Read as it is: openstacksdk's quota and limit classes differ in names from one release to the next."""
    from openstack.exceptions import raise_from_response

    answer = proxy.get(path)
    raise_from_response(answer)
    return answer.json()


def _quota(name: str, limit: int | None, used: int | None) -> Quota | None:
    """Microversions drop limits that no longer mean anything: absent is not zero."""
    return None if limit is None else Quota(name=name, limit=_limit(limit), used=used)


def _limit(limit: int) -> int:
    """Services say -1 for no limit; any negative number means it."""
    return max(-1, limit)


def _reserved(told: dict[str, Any]) -> int:
    reserved = told.get("reserved")
    return reserved if isinstance(reserved, int) else 0
