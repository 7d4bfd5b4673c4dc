"""Lists of what a project has, kind by kind: one call each, only the fields that are read, only the project's own."""

from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from openstack.connection import Connection

from portability.cloud.protocol import Kind, Resource, ServerStatus, VolumeStatus


def resources(sdk: Connection, project_id: str, kind: Kind, name_prefix: str) -> Iterator[Resource]:
    """What the project has of a kind, with names (floating IPs: descriptions) that begin so."""
    for item in _items(sdk, project_id, kind, name_prefix):
        name = (item.description if kind is Kind.FLOATING_IP else item.name) or ""
        if name.startswith(name_prefix):
            yield Resource(kind=kind, id=item.id, name=name)


def _items(sdk: Connection, project_id: str, kind: Kind, name_prefix: str) -> Iterable[Any]:
    own: dict[str, Any] = {"project_id": project_id, "fields": ["id", "name"]}
    network = sdk.network
    match kind:
        case Kind.SERVER:
            return sdk.compute.servers(details=False, **_name_filter(name_prefix))
        case Kind.KEY_PAIR:
            return sdk.compute.keypairs()
        case Kind.VOLUME:
            return sdk.block_storage.volumes(details=False)
        case Kind.FLOATING_IP:
            return network.ips(project_id=project_id, fields=["id", "description", "floating_ip_address"])
        case Kind.PORT:
            return network.ports(**own)
        case Kind.ROUTER:
            return network.routers(**own)
        case Kind.SUBNET:
            return network.subnets(**own)
        case Kind.NETWORK:
            return network.networks(**own)
        case Kind.SECURITY_GROUP:
            return network.security_groups(**own)
        case _:
            assert_never(kind)


def servers(sdk: Connection, name_prefix: str) -> tuple[ServerStatus, ...]:
    found = sdk.compute.servers(details=True, **_name_filter(name_prefix))
    return tuple(server_status(item) for item in found if (item.name or "").startswith(name_prefix))


def volumes(sdk: Connection, name_prefix: str) -> tuple[VolumeStatus, ...]:
    """Cinder filters by whole names only, unless an operator allowed more: the prefix is looked for here."""
    found = sdk.block_storage.volumes(details=True)
    return tuple(volume_status(item) for item in found if (item.name or "").startswith(name_prefix))


def _name_filter(name_prefix: str) -> dict[str, Any]:
    """Nova takes a regular expression (Compute API, list servers, `name`); ours have letters, digits and '-' only."""
    return {"name": f"^{name_prefix}"} if name_prefix else {}


def server_status(item: Any) -> ServerStatus:
    return ServerStatus(
        id=item.id,
        name=item.name or "",
        status=item.status or "UNKNOWN",
        task=item.task_state,
        fault=(item.fault or {}).get("message", ""),
        zone=item.availability_zone or None,
    )


def volume_status(item: Any) -> VolumeStatus:
    attachment: dict[str, Any] = next(iter(item.attachments or ()), {})
    return VolumeStatus(
        id=item.id,
        name=item.name or "",
        status=item.status or "unknown",
        attached_to=attachment.get("server_id"),
        device=attachment.get("device"),
    )


def first_ipv4(fixed_ips: list[dict[str, str]] | None) -> str:
    return next((ip["ip_address"] for ip in fixed_ips or () if "." in ip["ip_address"]), "")
