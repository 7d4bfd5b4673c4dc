"""Neutron: ports."""

import re

from portability.lab.api.neutron import (
    address,
    changed,
    check_fields,
    cidr,
    collection,
    common,
    flag,
    invalid,
    refuse_policy,
    text,
)
from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.state.addresses import add_port, choose_addresses, remove_port
from portability.lab.state.faults import bad_request
from portability.lab.state.network import (
    AddressPair,
    FixedIP,
    Network,
    Port,
    SecurityGroup,
    check_quota,
    get,
    own,
    visible,
)
from portability.lab.state.security import default_group

_FIELDS = (
    "name",
    "description",
    "admin_state_up",
    "fixed_ips",
    "security_groups",
    "port_security_enabled",
    "allowed_address_pairs",
    "device_id",
    "device_owner",
    "dns_name",
    "extra_dhcp_opts",
    "binding:vnic_type",
    "binding:profile",
    "binding:host_id",
)
_READ_ONLY = ("id", "status", "created_at", "updated_at", "revision_number", "tags", "mac_address", "network_id")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")


def port_body(port: Port) -> Body:
    return {
        **common(port),
        "name": port.name,
        "network_id": port.network_id,
        "mac_address": port.mac,
        "fixed_ips": [{"subnet_id": ip.subnet_id, "ip_address": ip.ip_address} for ip in port.fixed_ips],
        "device_id": port.device_id,
        "device_owner": port.device_owner,
        "security_groups": list(port.security_groups),
        "port_security_enabled": port.port_security,
        "allowed_address_pairs": [
            {"ip_address": pair.ip_address, "mac_address": pair.mac_address} for pair in port.address_pairs
        ],
        "admin_state_up": port.admin_up,
        "status": port.status,
        "binding:vnic_type": "normal",
        "extra_dhcp_opts": [],
        "dns_name": port.dns_name,
        "dns_assignment": [],
        "dns_domain": "",
        "qos_policy_id": None,
        "qos_network_policy_id": None,
        "ip_allocation": "immediate" if port.fixed_ips else "none",
        "propagate_uplink_status": True,
    }


def _list(call: Call) -> Answer:
    return collection(call, "ports", map(port_body, visible(call.cloud.store, Port, call.project_id)))


def _show(call: Call) -> Answer:
    return Answer(body={"port": port_body(get(call.cloud.store, Port, call.project_id, call.path["id"]))})


def _create(call: Call) -> Answer:
    part = call.part("port")
    check_fields(part, (*_FIELDS, "network_id", "mac_address"), verb="POST", known=_READ_ONLY)
    _refuse_binding(part, "create_port")
    store = call.cloud.store
    with store.change():
        network = get(store, Network, call.project_id, str(part.get("network_id")))
        is_own = network.project_id == call.project_id
        if not is_own and not network.is_shared:
            raise refuse_policy("create_port")
        if part.get("fixed_ips") and not is_own:
            raise refuse_policy("create_port and (rule:create_port:fixed_ips)")
        check_quota(store, call.cloud.settings.quotas, call.project_id, "port")
        port_security = flag(part, "port_security_enabled", network.port_security)
        port = add_port(
            store,
            network,
            project_id=call.project_id,
            asked=_asked_addresses(part),
            name=text(part, "name"),
            mac=_mac(part.get("mac_address")),
            description=text(part, "description"),
            admin_up=flag(part, "admin_state_up", True),
            device_id=text(part, "device_id"),
            device_owner=text(part, "device_owner"),
            dns_name=text(part, "dns_name"),
            port_security=port_security,
            security_groups=_groups(call, part, default=port_security),
            address_pairs=_pairs(part, port_security=port_security),
        )
    call.cloud.network.changed()
    return Answer(status=201, body={"port": port_body(port)})


def _refuse_binding(part: Body, action: str) -> None:
    for name in ("binding:host_id", "binding:profile"):
        if part.get(name):
            raise refuse_policy(f"{action} and (rule:{action}:{name})")


def _mac(asked: object) -> str | None:
    if asked is None:
        return None
    if not _MAC.fullmatch(str(asked).lower()):
        raise invalid("mac_address", f"'{asked}' is not a valid MAC address.")
    return str(asked).lower()


def _asked_addresses(part: Body) -> tuple[tuple[str | None, str | None], ...] | None:
    asked = part.get("fixed_ips")
    if asked is None:
        return None
    found = []
    for item in asked:
        if not isinstance(item, dict) or not {"subnet_id", "ip_address"} & set(item):
            raise invalid("fixed_ips", f"'{item}' is not a valid fixed IP.")
        ip = item.get("ip_address")
        found.append((item.get("subnet_id"), address("fixed_ips", ip) if ip is not None else None))
    return tuple(found)


def _groups(call: Call, part: Body, *, default: bool) -> tuple[str, ...]:
    asked = part.get("security_groups")
    if asked is None:
        return (default_group(call.cloud.store, call.project_id).id,) if default else ()
    if asked and not default:
        raise bad_request(
            "Port security must be enabled in order to have allowed address pairs or security groups on a port.",
            kind="PortSecurityAndIPRequiredForSecurityGroups",
        )
    return tuple(get(call.cloud.store, SecurityGroup, call.project_id, str(group)).id for group in asked)


def _pairs(part: Body, *, port_security: bool, mac: str = "") -> tuple[AddressPair, ...]:
    asked = part.get("allowed_address_pairs") or []
    if asked and not port_security:
        raise bad_request(
            "Port Security must be enabled in order to have allowed address pairs on a port.",
            kind="AddressPairAndPortSecurityRequired",
        )
    pairs = []
    for item in asked:
        if not isinstance(item, dict) or "ip_address" not in item:
            raise invalid("allowed_address_pairs", f"AllowedAddressPair must contain ip_address: {item}")
        ip = str(item["ip_address"])
        normal = cidr("allowed_address_pairs", ip) if "/" in ip else address("allowed_address_pairs", ip)
        pairs.append(AddressPair(ip_address=normal, mac_address=_mac(item.get("mac_address")) or mac))
    return tuple(pairs)


def _update(call: Call) -> Answer:
    part = call.part("port")
    check_fields(part, _FIELDS, verb="PUT", known=_READ_ONLY)
    _refuse_binding(part, "update_port")
    store = call.cloud.store
    with store.change():
        port = own(store, Port, call.project_id, call.path["id"], "update_port")
        port_security = flag(part, "port_security_enabled", port.port_security)
        groups = _groups(call, part, default=port_security) if "security_groups" in part else port.security_groups
        if not port_security and groups and "security_groups" not in part:
            raise bad_request(
                "Unable to complete operation. Port must not have security groups when port security is disabled: "
                "remove them first.",
                kind="PortSecurityPortHasSecurityGroup",
            )
        port = store.put(
            changed(
                port,
                name=text(part, "name", port.name),
                description=text(part, "description", port.description),
                admin_up=flag(part, "admin_state_up", port.admin_up),
                device_id=text(part, "device_id", port.device_id),
                device_owner=text(part, "device_owner", port.device_owner),
                dns_name=text(part, "dns_name", port.dns_name),
                fixed_ips=_new_addresses(call, port, part),
                port_security=port_security,
                security_groups=groups,
                address_pairs=_pairs(part, port_security=port_security, mac=port.mac)
                if "allowed_address_pairs" in part
                else port.address_pairs,
            )
        )
    call.cloud.network.changed()
    return Answer(body={"port": port_body(port)})


def _new_addresses(call: Call, port: Port, part: Body) -> tuple[FixedIP, ...]:
    """The addresses after an update: what stays is kept, the rest is chosen anew."""
    asked = _asked_addresses(part)
    network = call.cloud.store.get(Network, port.network_id)
    if asked is None or network is None:
        return port.fixed_ips
    if network.project_id != call.project_id:
        raise refuse_policy("update_port and (rule:update_port:fixed_ips)")
    kept = tuple(ip for ip in port.fixed_ips if any(pair[1] in (None, ip.ip_address) for pair in asked))
    new = tuple(pair for pair in asked if not any(pair[1] in (None, ip.ip_address) for ip in kept))
    return kept + choose_addresses(call.cloud.store, network, new)


def _delete(call: Call) -> Answer:
    remove_port(call.cloud.store, own(call.cloud.store, Port, call.project_id, call.path["id"], "delete_port"))
    call.cloud.network.changed()
    return Answer(status=204)


ENDPOINTS = (
    Endpoint("GET", "/v2.0/ports", _list),
    Endpoint("POST", "/v2.0/ports", _create),
    Endpoint("GET", "/v2.0/ports/{id}", _show),
    Endpoint("PUT", "/v2.0/ports/{id}", _update),
    Endpoint("DELETE", "/v2.0/ports/{id}", _delete),
)
