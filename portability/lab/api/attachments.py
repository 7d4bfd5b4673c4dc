"""Nova: volumes and network interfaces of a server."""

from dataclasses import replace

from portability.lab.api.server_actions import check_idle
from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.machine.protocol import DiskBus
from portability.lab.metadata import server_ports
from portability.lab.state.addresses import add_port, release
from portability.lab.state.compute import Nic, Server, VmState, get_server
from portability.lab.state.faults import bad_request, conflict, not_found
from portability.lab.state.identity import new_id, now
from portability.lab.state.network import Network, Port, check_quota, get
from portability.lab.state.security import default_group
from portability.lab.state.volume import Attachment, Volume, attached_to, get_volume

_PREFIX = {DiskBus.VIRTIO: "/dev/vd", DiskBus.SCSI: "/dev/sd"}
_LETTERS = "bcdefghijklmnopqrstuvwxyz"
_ALIVE = (VmState.ACTIVE, VmState.STOPPED, VmState.PAUSED)


def _body(call: Call, volume: Volume, attachment: Attachment) -> Body:
    body: Body = {"volumeId": volume.id, "serverId": attachment.server_id, "device": attachment.device}
    if call.version < (2, 89):
        body["id"] = volume.id
    else:
        body["attachment_id"] = attachment.id
        body["bdm_uuid"] = attachment.bdm_uuid
    if call.version >= (2, 70):
        body["tag"] = attachment.tag
    if call.version >= (2, 79):
        body["delete_on_termination"] = attachment.delete_on_termination
    return body


def _list(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    attached = [pair for pair in attached_to(call.cloud.store, server.id) if pair[0].status != "attaching"]
    return Answer(body={"volumeAttachments": [_body(call, *pair) for pair in attached]})


def _find(call: Call, server: Server) -> tuple[Volume, Attachment]:
    for volume, attachment in attached_to(call.cloud.store, server.id):
        if volume.id == call.path["volume"]:
            return volume, attachment
    raise not_found(f"volume_id not found: {call.path['volume']}")


def _show(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    return Answer(body={"volumeAttachment": _body(call, *_find(call, server))})


def _attach(call: Call) -> Answer:
    part = call.part("volumeAttachment")
    store = call.cloud.store
    with store.change():
        server = get_server(store, call.project_id, call.path["id"])
        check_idle(server, "attach_volume", _ALIVE)
        volume = get_volume(store, call.project_id, str(part.get("volumeId")))
        if volume.status != "available":
            raise bad_request(
                f"Invalid volume: volume '{volume.id}' status must be 'available'. Currently in '{volume.status}'"
            )
        attachment = Attachment(
            id=new_id(),
            server_id=server.id,
            device=_next_device(call, server),
            attached_at=now(),
            delete_on_termination=bool(part.get("delete_on_termination", False)),
            tag=part.get("tag"),
            bdm_uuid=new_id(),
        )
        # A requested device name is accepted and not followed, as by Nova with libvirt.
        store.put(replace(volume, status="attaching", attachments=(attachment,), updated_at=now()))
    call.cloud.compute.attach(server.id, volume.id)
    return Answer(body={"volumeAttachment": _body(call, volume, attachment)})


def _next_device(call: Call, server: Server) -> str:
    prefix = _PREFIX[call.cloud.settings.disk_bus]
    taken = {attachment.device for _, attachment in attached_to(call.cloud.store, server.id)}
    for letter in _LETTERS:
        if prefix + letter not in taken:
            return prefix + letter
    raise bad_request(
        "The maximum allowed number of disk devices (26) to attach to a single instance has been exceeded."
    )


def _detach(call: Call) -> Answer:
    store = call.cloud.store
    with store.change():
        server = get_server(store, call.project_id, call.path["id"])
        volume, _ = _find(call, server)
        check_idle(server, "detach_volume", _ALIVE)
        if volume.status != "in-use":
            raise bad_request(
                f"Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. Volume status must "
                f"be 'in-use' and attach_status must be 'attached' to detach. Currently: status: '{volume.status}'"
            )
        store.put(replace(volume, status="detaching", updated_at=now()))
    call.cloud.compute.detach(server.id, volume.id)
    return Answer(status=202)


def _update(call: Call) -> Answer:
    part = call.part("volumeAttachment")
    with call.cloud.store.change():
        server = get_server(call.cloud.store, call.project_id, call.path["id"])
        volume, attachment = _find(call, server)
        if str(part.get("volumeId")) != volume.id:
            raise bad_request("Swapping volumes is not offered to members of a project.")
        flag = bool(part.get("delete_on_termination", attachment.delete_on_termination))
        call.cloud.store.put(replace(volume, attachments=(replace(attachment, delete_on_termination=flag),)))
    return Answer(status=202)


def _interface_body(port: Port) -> Body:
    return {
        "port_id": port.id,
        "net_id": port.network_id,
        "mac_addr": port.mac,
        "port_state": port.status,
        "fixed_ips": [{"subnet_id": ip.subnet_id, "ip_address": ip.ip_address} for ip in port.fixed_ips],
    }


def _list_interfaces(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    ports = server_ports(call.cloud.store, server)
    return Answer(body={"interfaceAttachments": [_interface_body(port) for port in ports]})


def _interface(call: Call, server: Server) -> Port:
    for port in server_ports(call.cloud.store, server):
        if port.id == call.path["port"]:
            return port
    raise not_found(f"Instance {server.id} does not have port with id {call.path['port']}")


def _show_interface(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    return Answer(body={"interfaceAttachment": _interface_body(_interface(call, server))})


def _plug(call: Call) -> Answer:
    part = call.part("interfaceAttachment")
    store = call.cloud.store
    with store.change():
        server = get_server(store, call.project_id, call.path["id"])
        check_idle(server, "attach_interface", _ALIVE)
        owner = f"compute:{server.zone}"
        if part.get("port_id"):
            port = get(store, Port, call.project_id, str(part["port_id"]))
            if port.device_id:
                raise conflict(f"Port {port.id} is still in use.")
            port = store.put(replace(port, device_id=server.id, device_owner=owner))
        else:
            network = get(store, Network, call.project_id, str(part.get("net_id")))
            check_quota(store, call.cloud.settings.quotas, call.project_id, "port")
            port = add_port(
                store,
                network,
                project_id=call.project_id,
                device_id=server.id,
                device_owner=owner,
                security_groups=(default_group(store, call.project_id).id,),
            )
        nic = Nic(port_id=port.id, network_id=port.network_id, is_ours=not part.get("port_id"))
        store.put(replace(server, nics=(*server.nics, nic), updated_at=now()))
    call.cloud.compute.plug(server.id)
    return Answer(body={"interfaceAttachment": _interface_body(port)})


def _unplug(call: Call) -> Answer:
    store = call.cloud.store
    with store.change():
        server = get_server(store, call.project_id, call.path["id"])
        port = _interface(call, server)
        check_idle(server, "detach_interface", _ALIVE)
        nic = next(nic for nic in server.nics if nic.port_id == port.id)
        store.put(replace(server, nics=tuple(n for n in server.nics if n is not nic), updated_at=now()))
        if nic.is_ours:
            release(store, port)
            store.remove(port)
        else:
            store.put(replace(port, device_id="", device_owner="", status="DOWN"))
    call.cloud.compute.plug(server.id)
    return Answer(status=202)


ENDPOINTS = (
    Endpoint("GET", "/v2.1/servers/{id}/os-volume_attachments", _list),
    Endpoint("POST", "/v2.1/servers/{id}/os-volume_attachments", _attach),
    Endpoint("GET", "/v2.1/servers/{id}/os-volume_attachments/{volume}", _show),
    Endpoint("PUT", "/v2.1/servers/{id}/os-volume_attachments/{volume}", _update),
    Endpoint("DELETE", "/v2.1/servers/{id}/os-volume_attachments/{volume}", _detach),
    Endpoint("GET", "/v2.1/servers/{id}/os-interface", _list_interfaces),
    Endpoint("POST", "/v2.1/servers/{id}/os-interface", _plug),
    Endpoint("GET", "/v2.1/servers/{id}/os-interface/{port}", _show_interface),
    Endpoint("DELETE", "/v2.1/servers/{id}/os-interface/{port}", _unplug),
)
