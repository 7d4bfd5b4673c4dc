"""Neutron: networks and subnets."""

import ipaddress

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
from portability.lab.state.addresses import add_subnet, default_pools, remove_network, remove_subnet, set_dhcp
from portability.lab.state.faults import bad_request
from portability.lab.state.identity import new_id
from portability.lab.state.network import (
    HostRoute,
    Network,
    Pool,
    Subnet,
    check_quota,
    get,
    own,
    stamp,
    subnets_on,
    visible,
)

_NETWORK_FIELDS = ("name", "description", "admin_state_up", "mtu", "port_security_enabled", "dns_domain")
_NETWORK_POST = (*_NETWORK_FIELDS, "shared", "router:external", "availability_zone_hints", "is_default")
_SUBNET_FIELDS = (
    "name",
    "description",
    "gateway_ip",
    "dns_nameservers",
    "host_routes",
    "enable_dhcp",
    "allocation_pools",
)
_SUBNET_POST = (*_SUBNET_FIELDS, "network_id", "cidr", "ip_version", "subnetpool_id", "prefixlen")
_READ_ONLY = ("id", "status", "subnets", "created_at", "updated_at", "revision_number", "tags")


def network_body(call: Call, network: Network) -> Body:
    subnets = subnets_on(call.cloud.store, network.id)
    if not network.is_shared and network.project_id != call.project_id:
        # A member sees an external network, not its subnets.
        subnets = ()
    return {
        **common(network),
        "name": network.name,
        "status": "ACTIVE",
        "admin_state_up": network.admin_up,
        "mtu": network.mtu,
        "shared": network.is_shared,
        "router:external": network.is_external,
        "is_default": False,
        "port_security_enabled": network.port_security,
        "subnets": [subnet.id for subnet in subnets],
        "availability_zone_hints": list(network.zone_hints),
        "availability_zones": ["nova"] if subnets else [],
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
        "l2_adjacency": True,
        "dns_domain": network.dns_domain,
    }


def subnet_body(subnet: Subnet) -> Body:
    return {
        **common(subnet),
        "name": subnet.name,
        "network_id": subnet.network_id,
        "ip_version": 4,
        "cidr": subnet.cidr,
        "gateway_ip": subnet.gateway_ip,
        "enable_dhcp": subnet.dhcp,
        "allocation_pools": [{"start": pool.start, "end": pool.end} for pool in subnet.pools],
        "dns_nameservers": list(subnet.dns_servers),
        "host_routes": [{"destination": r.destination, "nexthop": r.nexthop} for r in subnet.host_routes],
        "ipv6_ra_mode": None,
        "ipv6_address_mode": None,
        "service_types": [],
        "subnetpool_id": None,
        "dns_publish_fixed_ip": False,
    }


def _list_networks(call: Call) -> Answer:
    found = visible(call.cloud.store, Network, call.project_id)
    return collection(call, "networks", (network_body(call, network) for network in found))


def _show_network(call: Call) -> Answer:
    network = get(call.cloud.store, Network, call.project_id, call.path["id"])
    return Answer(body={"network": network_body(call, network)})


def _create_network(call: Call) -> Answer:
    part = call.part("network")
    check_fields(part, _NETWORK_POST, verb="POST", known=_READ_ONLY)
    if not call.cloud.settings.tenant_networks:
        raise refuse_policy("create_network")
    for name, rule in (("shared", "create_network:shared"), ("router:external", "create_network:router:external")):
        if part.get(name):
            raise refuse_policy(f"create_network and rule:{rule}")
    with call.cloud.store.change():
        check_quota(call.cloud.store, call.cloud.settings.quotas, call.project_id, "network")
        network = call.cloud.store.put(
            Network(
                id=new_id(),
                project_id=call.project_id,
                name=text(part, "name"),
                description=text(part, "description"),
                mtu=_mtu(call, part.get("mtu")),
                admin_up=flag(part, "admin_state_up", True),
                port_security=flag(part, "port_security_enabled", True),
                dns_domain=text(part, "dns_domain"),
                zone_hints=tuple(part.get("availability_zone_hints") or ()),
                **stamp(),
            )
        )
    call.cloud.network.changed()
    return Answer(status=201, body={"network": network_body(call, network)})


def _mtu(call: Call, asked: object) -> int:
    most = call.cloud.settings.mtu
    if asked in (None, 0):
        return most
    if not isinstance(asked, int) or asked < 68:
        raise invalid("mtu", f"'{asked}' is not in valid range.")
    if asked > most:
        raise bad_request(
            f"Invalid input for operation: Requested MTU is too big, maximum is {most}.", kind="InvalidInput"
        )
    return asked


def _update_network(call: Call) -> Answer:
    part = call.part("network")
    check_fields(part, (*_NETWORK_FIELDS, "shared", "router:external"), verb="PUT", known=_READ_ONLY)
    with call.cloud.store.change():
        network = own(call.cloud.store, Network, call.project_id, call.path["id"], "update_network")
        if part.get("shared") or part.get("router:external"):
            raise refuse_policy("update_network and rule:update_network:shared")
        network = call.cloud.store.put(
            changed(
                network,
                name=text(part, "name", network.name),
                description=text(part, "description", network.description),
                mtu=_mtu(call, part["mtu"]) if "mtu" in part else network.mtu,
                admin_up=flag(part, "admin_state_up", network.admin_up),
                port_security=flag(part, "port_security_enabled", network.port_security),
                dns_domain=text(part, "dns_domain", network.dns_domain),
            )
        )
    call.cloud.network.changed()
    return Answer(body={"network": network_body(call, network)})


def _delete_network(call: Call) -> Answer:
    network = own(call.cloud.store, Network, call.project_id, call.path["id"], "delete_network")
    remove_network(call.cloud.store, network)
    call.cloud.network.changed()
    return Answer(status=204)


def _list_subnets(call: Call) -> Answer:
    return collection(call, "subnets", map(subnet_body, visible(call.cloud.store, Subnet, call.project_id)))


def _show_subnet(call: Call) -> Answer:
    return Answer(body={"subnet": subnet_body(get(call.cloud.store, Subnet, call.project_id, call.path["id"]))})


def _create_subnet(call: Call) -> Answer:
    part = call.part("subnet")
    check_fields(part, _SUBNET_POST, verb="POST", known=(*_READ_ONLY, "ipv6_ra_mode", "ipv6_address_mode"))
    if not call.cloud.settings.tenant_networks:
        raise refuse_policy("create_subnet")
    with call.cloud.store.change():
        network = own(call.cloud.store, Network, call.project_id, str(part.get("network_id")), "create_subnet")
        check_quota(call.cloud.store, call.cloud.settings.quotas, call.project_id, "subnet")
        subnet = add_subnet(call.cloud.store, _new_subnet(call, part, network))
    call.cloud.network.changed()
    return Answer(status=201, body={"subnet": subnet_body(subnet)})


def _new_subnet(call: Call, part: Body, network: Network) -> Subnet:
    if part.get("ip_version", 4) != 4 or "cidr" not in part:
        raise bad_request(
            "Bad subnets request: a subnetpool must be specified in the absence of a cidr."
            if "cidr" not in part
            else "Invalid input for operation: this cloud offers IPv4 only.",
            kind="BadRequest",
        )
    range_ = cidr("cidr", part["cidr"])
    if ipaddress.ip_network(range_).version != 4:
        raise bad_request(
            f"Invalid input for operation: ip_version 4 does not match cidr {range_}.", kind="InvalidInput"
        )
    first = str(ipaddress.ip_network(range_)[1])
    gateway = part.get("gateway_ip", first)
    gateway = address("gateway_ip", gateway) if gateway is not None else None
    return Subnet(
        id=new_id(),
        project_id=call.project_id,
        name=text(part, "name"),
        description=text(part, "description"),
        network_id=network.id,
        cidr=range_,
        gateway_ip=gateway,
        pools=_pools(part.get("allocation_pools"), range_) or default_pools(range_, gateway),
        dns_servers=_dns_servers(part, call.cloud.settings.dns_servers),
        host_routes=_routes(part.get("host_routes")),
        dhcp=flag(part, "enable_dhcp", True),
        **stamp(),
    )


def _pools(asked: object, range_: str) -> tuple[Pool, ...]:
    if not isinstance(asked, list):
        return ()
    network = ipaddress.ip_network(range_)
    found = []
    for item in asked:
        start, end = address("allocation_pools", item.get("start")), address("allocation_pools", item.get("end"))
        if ipaddress.ip_address(start) not in network or ipaddress.ip_address(end) not in network:
            raise bad_request(
                f"The allocation pool {start}-{end} spans beyond the subnet cidr {range_}.",
                kind="OutOfBoundsAllocationPool",
            )
        found.append(Pool(start=start, end=end))
    return tuple(found)


def _dns_servers(part: Body, default: tuple[str, ...]) -> tuple[str, ...]:
    asked = part.get("dns_nameservers")
    return default if not asked else tuple(address("dns_nameservers", item) for item in asked)


def _routes(asked: object) -> tuple[HostRoute, ...]:
    if not isinstance(asked, list):
        return ()
    return tuple(
        HostRoute(
            destination=cidr("host_routes", item.get("destination")),
            nexthop=address("host_routes", item.get("nexthop")),
        )
        for item in asked
    )


def _update_subnet(call: Call) -> Answer:
    part = call.part("subnet")
    check_fields(part, _SUBNET_FIELDS, verb="PUT", known=(*_READ_ONLY, "cidr", "network_id", "ip_version"))
    with call.cloud.store.change():
        subnet = own(call.cloud.store, Subnet, call.project_id, call.path["id"], "update_subnet")
        gateway = part.get("gateway_ip", subnet.gateway_ip)
        subnet = changed(
            subnet,
            name=text(part, "name", subnet.name),
            description=text(part, "description", subnet.description),
            gateway_ip=address("gateway_ip", gateway) if gateway is not None else None,
            pools=_pools(part.get("allocation_pools"), subnet.cidr) or subnet.pools,
            dns_servers=_dns_servers(part, ()) if "dns_nameservers" in part else subnet.dns_servers,
            host_routes=_routes(part["host_routes"]) if "host_routes" in part else subnet.host_routes,
        )
        subnet = set_dhcp(call.cloud.store, subnet, enabled=flag(part, "enable_dhcp", subnet.dhcp))
    call.cloud.network.changed()
    return Answer(body={"subnet": subnet_body(subnet)})


def _delete_subnet(call: Call) -> Answer:
    remove_subnet(call.cloud.store, own(call.cloud.store, Subnet, call.project_id, call.path["id"], "delete_subnet"))
    call.cloud.network.changed()
    return Answer(status=204)


ENDPOINTS = (
    Endpoint("GET", "/v2.0/networks", _list_networks),
    Endpoint("POST", "/v2.0/networks", _create_network),
    Endpoint("GET", "/v2.0/networks/{id}", _show_network),
    Endpoint("PUT", "/v2.0/networks/{id}", _update_network),
    Endpoint("DELETE", "/v2.0/networks/{id}", _delete_network),
    Endpoint("GET", "/v2.0/subnets", _list_subnets),
    Endpoint("POST", "/v2.0/subnets", _create_subnet),
    Endpoint("GET", "/v2.0/subnets/{id}", _show_subnet),
    Endpoint("PUT", "/v2.0/subnets/{id}", _update_subnet),
    Endpoint("DELETE", "/v2.0/subnets/{id}", _delete_subnet),
)
