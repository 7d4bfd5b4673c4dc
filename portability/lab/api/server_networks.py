"""Nova: the networks, ports and security groups that a create request names."""

from typing import Any

from portability.lab.api.web import Body, Call
from portability.lab.state.compute import Nic
from portability.lab.state.faults import bad_request, conflict, forbidden
from portability.lab.state.network import Network, Port, SecurityGroup, is_visible, subnets_on


def wanted_nics(call: Call, networks: Any) -> tuple[Nic, ...]:
    """The NICs that a create request names, or none, or the one that `auto` means.

    Raises:
        Fault: 400 for what is not there, 403 for networks of others, 409 for ports in use or an unclear choice.
    """
    if networks == "none":
        return ()
    if networks == "auto" or not networks:
        return (_only_network(call),)
    if not isinstance(networks, list):
        raise bad_request(f"Invalid input for field/attribute networks. Value: {networks}.")
    return tuple(_nic(call, item) for item in networks)


def _only_network(call: Call) -> Nic:
    """What a server gets whose owner named no network: the project's own, else a shared one; it must be clear which."""
    usable = [n for n in call.cloud.store.all(Network) if n.project_id == call.project_id]
    usable = usable or [n for n in call.cloud.store.all(Network) if n.is_shared and not n.is_external]
    if len(usable) > 1:
        raise conflict("Multiple possible networks found, use a Network ID to be more specific.")
    if not usable:
        raise bad_request("Unable to automatically allocate a network for project " + call.project_id)
    return Nic(network_id=usable[0].id)


def _nic(call: Call, item: Body) -> Nic:
    store = call.cloud.store
    port_id = item.get("port")
    if port_id:
        port = store.get(Port, str(port_id))
        if port is None or port.project_id != call.project_id:
            raise bad_request(f"Port {port_id} could not be found.")
        if port.device_id:
            raise conflict(f"Port {port_id} is still in use.")
        return Nic(port_id=port.id, network_id=port.network_id)
    network = store.get(Network, str(item.get("uuid")))
    if network is None or not is_visible(store, network, call.project_id):
        raise bad_request(f"Network {item.get('uuid')} could not be found.")
    if network.project_id != call.project_id and not network.is_shared:
        raise forbidden(f"It is not allowed to create an interface on external network {network.id}")
    if not subnets_on(store, network.id):
        raise bad_request(f"Network {network.id} requires a subnet in order to boot instances on.")
    fixed = item.get("fixed_ip")
    if fixed and network.project_id != call.project_id:
        raise forbidden(f"(rule:create_port and (rule:create_port:fixed_ips)) is disallowed by policy for {fixed}")
    return Nic(network_id=network.id, fixed_ip=fixed)


def wanted_groups(call: Call, asked: Any) -> tuple[str, ...]:
    """The ids of the security groups that a create request names, by name or id."""
    found = []
    own = [group for group in call.cloud.store.all(SecurityGroup) if group.project_id == call.project_id]
    for item in asked or ():
        name = item.get("name")
        matching = [group for group in own if group.id == name] or [group for group in own if group.name == name]
        if not matching:
            raise bad_request(f"Security group {name} not found for project {call.project_id}.")
        if len(matching) > 1:
            raise conflict(f"Multiple security groups found matching '{name}'. Use an ID to be more specific.")
        found.append(matching[0].id)
    return tuple(found)
