"""Nova: a server as its owner sees it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portability.lab.api.web import Body, Call
from portability.lab.metadata import server_ports
from portability.lab.state.compute import Server, ServerGroup, VmState
from portability.lab.state.network import FloatingIP, Network, Port, SecurityGroup
from portability.lab.state.volume import Attachment, Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What belongs to servers but is kept elsewhere, collected once for a whole list."""

    floating: Mapping[str, tuple[FloatingIP, ...]]
    """By port."""
    volumes: Mapping[str, tuple[tuple[Volume, Attachment], ...]]
    """By server."""
    groups: Mapping[str, str]
    """Server group by server."""


def look_around(call: Call) -> Surroundings:
    store = call.cloud.store
    floating: dict[str, tuple[FloatingIP, ...]] = {}
    for ip in store.all(FloatingIP):
        if ip.port_id:
            floating[ip.port_id] = (*floating.get(ip.port_id, ()), ip)
    volumes: dict[str, tuple[tuple[Volume, Attachment], ...]] = {}
    for volume in store.all(Volume):
        for attachment in volume.attachments:
            volumes[attachment.server_id] = (*volumes.get(attachment.server_id, ()), (volume, attachment))
    groups = {member: group.id for group in store.all(ServerGroup) for member in group.members}
    return Surroundings(floating=floating, volumes=volumes, groups=groups)


def brief(call: Call, server: Server) -> Body:
    return {"id": server.id, "name": server.name, "links": _links(call, f"servers/{server.id}")}


def detail(call: Call, server: Server, around: Surroundings) -> Body:
    """All that the call's microversion shows."""
    ports = server_ports(call.cloud.store, server)
    body: Body = {
        **brief(call, server),
        "status": server.status,
        "tenant_id": server.project_id,
        "user_id": server.user_id,
        "metadata": dict(server.metadata),
        "hostId": _host_id(server),
        "image": {"id": server.image_id, "links": _links(call, f"images/{server.image_id}", versioned=False)},
        "flavor": _flavor(call, server),
        "created": time(server.created_at),
        "updated": time(server.updated_at),
        "addresses": _addresses(call, ports, around),
        "accessIPv4": "",
        "accessIPv6": "",
        "OS-DCF:diskConfig": "MANUAL",
        "OS-EXT-AZ:availability_zone": server.zone if server.launched_at or server.task_state != "scheduling" else "",
        "config_drive": "True" if server.config_drive else "",
        "key_name": server.key_name,
        "OS-SRV-USG:launched_at": f"{server.launched_at:%Y-%m-%dT%H:%M:%S.000000}" if server.launched_at else None,
        "OS-SRV-USG:terminated_at": None,
        "OS-EXT-STS:task_state": server.task_state,
        "OS-EXT-STS:vm_state": server.vm_state.value,
        "OS-EXT-STS:power_state": server.power_state,
        "os-extended-volumes:volumes_attached": _volumes(call, around.volumes.get(server.id, ())),
    }
    if server.vm_state is VmState.ACTIVE or server.vm_state is VmState.BUILDING:
        body["progress"] = 0
    names = _group_names(call, ports)
    if names:
        body["security_groups"] = [{"name": name} for name in names]
    if server.fault is not None and server.vm_state is VmState.ERROR:
        fault = server.fault
        body["fault"] = {"code": fault.code, "created": time(fault.created_at), "message": fault.message}
    return {**body, **_by_version(call, server, around)}


def _by_version(call: Call, server: Server, around: Surroundings) -> Body:
    body: Body = {}
    if call.version >= (2, 9):
        body["locked"] = server.locked
    if call.version >= (2, 19):
        body["description"] = server.description
    if call.version >= (2, 26):
        body["tags"] = list(server.tags)
    if call.version >= (2, 63):
        body["trusted_image_certificates"] = None
    if call.version >= (2, 71):
        body["server_groups"] = [around.groups[server.id]] if server.id in around.groups else []
    if call.version >= (2, 73):
        body["locked_reason"] = None
    if call.version >= (2, 90):
        body["OS-EXT-SRV-ATTR:hostname"] = server.hostname
    if call.version >= (2, 96):
        body["pinned_availability_zone"] = server.zone
    return body


def _links(call: Call, path: str, *, versioned: bool = True) -> list[Body]:
    plain = {"rel": "bookmark", "href": f"{call.origin}/compute/{path}"}
    return [{"rel": "self", "href": f"{call.origin}/compute/v2.1/{path}"}, plain] if versioned else [plain]


def _host_id(server: Server) -> str:
    """Nova's: differs by project, so that members can compare hosts without knowing them."""
    if server.task_state == "scheduling":
        return ""
    return hashlib.sha224(f"{server.project_id}{server.zone}-host-0".encode()).hexdigest()


def _flavor(call: Call, server: Server) -> Body:
    flavor = server.flavor
    if call.version < (2, 47):
        return {"id": flavor.id, "links": _links(call, f"flavors/{flavor.id}", versioned=False)}
    return {
        "original_name": flavor.name,
        "vcpus": flavor.vcpus,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "ephemeral": 0,
        "swap": 0,
        "extra_specs": dict(flavor.extra_specs),
    }


def _addresses(call: Call, ports: tuple[Port, ...], around: Surroundings) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for port in ports:
        network = call.cloud.store.get(Network, port.network_id)
        if network is None:
            continue
        entries = found.setdefault(network.name, [])
        entries += [_address(ip.ip_address, port, "fixed") for ip in port.fixed_ips]
        entries += [_address(ip.address, port, "floating") for ip in around.floating.get(port.id, ())]
    return found


def _address(address: str, port: Port, kind: str) -> Body:
    return {"version": 4, "addr": address, "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": port.mac}


def _group_names(call: Call, ports: tuple[Port, ...]) -> list[str]:
    found = (call.cloud.store.get(SecurityGroup, group) for port in ports for group in port.security_groups)
    return list(dict.fromkeys(group.name for group in found if group is not None))


def _volumes(call: Call, attached: tuple[tuple[Volume, Attachment], ...]) -> list[Body]:
    in_order = sorted(attached, key=lambda pair: pair[1].device)
    if call.version < (2, 3):
        return [{"id": volume.id} for volume, _ in in_order]
    return [{"id": volume.id, "delete_on_termination": a.delete_on_termination} for volume, a in in_order]


def time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
