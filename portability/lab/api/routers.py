"""Neutron: routers and floating IPs."""

from portability.lab.api.neutron import (
    address,
    changed,
    check_fields,
    cidr,
    collection,
    common,
    flag,
    refuse_policy,
    text,
)
from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.state import routers
from portability.lab.state.faults import bad_request
from portability.lab.state.identity import new_id
from portability.lab.state.network import (
    FloatingIP,
    HostRoute,
    Network,
    Port,
    Router,
    Subnet,
    check_quota,
    get,
    missing,
    own,
    stamp,
    visible,
)

_ROUTER_FIELDS = ("name", "description", "admin_state_up", "external_gateway_info", "routes")
_ROUTER_POST = (*_ROUTER_FIELDS, "availability_zone_hints")
_FLOATING_FIELDS = ("port_id", "fixed_ip_address", "description")
_FLOATING_POST = (*_FLOATING_FIELDS, "floating_network_id", "floating_ip_address", "subnet_id")
_READ_ONLY = ("id", "status", "created_at", "updated_at", "revision_number", "tags", "router_id", "ha", "distributed")


def router_body(call: Call, router: Router) -> Body:
    gateway = routers.gateway_port(call.cloud.store, router)
    info = None
    if gateway is not None:
        info = {
            "network_id": gateway.network_id,
            "enable_snat": router.snat,
            "external_fixed_ips": [
                {"subnet_id": ip.subnet_id, "ip_address": ip.ip_address} for ip in gateway.fixed_ips
            ],
        }
    return {
        **common(router),
        "name": router.name,
        "status": "ACTIVE",
        "admin_state_up": router.admin_up,
        "external_gateway_info": info,
        "routes": [{"destination": route.destination, "nexthop": route.nexthop} for route in router.routes],
        "availability_zone_hints": list(router.zone_hints),
        "availability_zones": ["nova"],
        "flavor_id": None,
    }


def _list_routers(call: Call) -> Answer:
    found = visible(call.cloud.store, Router, call.project_id)
    return collection(call, "routers", (router_body(call, router) for router in found))


def _show_router(call: Call) -> Answer:
    router = get(call.cloud.store, Router, call.project_id, call.path["id"])
    return Answer(body={"router": router_body(call, router)})


def _create_router(call: Call) -> Answer:
    part = call.part("router")
    check_fields(part, _ROUTER_POST, verb="POST", known=_READ_ONLY)
    if not call.cloud.settings.tenant_networks:
        raise refuse_policy("create_router")
    store = call.cloud.store
    with store.change():
        check_quota(store, call.cloud.settings.quotas, call.project_id, "router")
        router = store.put(
            Router(
                id=new_id(),
                project_id=call.project_id,
                name=text(part, "name"),
                description=text(part, "description"),
                admin_up=flag(part, "admin_state_up", True),
                zone_hints=tuple(part.get("availability_zone_hints") or ()),
                **stamp(),
            )
        )
        router = _set_gateway(call, router, part)
    call.cloud.network.changed()
    return Answer(status=201, body={"router": router_body(call, router)})


def _set_gateway(call: Call, router: Router, part: Body) -> Router:
    if "external_gateway_info" not in part:
        return router
    info = part["external_gateway_info"]
    if not info:
        return routers.set_gateway(call.cloud.store, router, None, snat=True)
    if info.get("enable_snat") is False:
        raise refuse_policy("update_router and (rule:update_router:external_gateway_info:enable_snat)")
    if info.get("external_fixed_ips"):
        raise refuse_policy("update_router and (rule:update_router:external_gateway_info:external_fixed_ips)")
    network = get(call.cloud.store, Network, call.project_id, str(info.get("network_id")))
    return routers.set_gateway(call.cloud.store, router, network, snat=True)


def _update_router(call: Call) -> Answer:
    part = call.part("router")
    check_fields(part, _ROUTER_FIELDS, verb="PUT", known=_READ_ONLY)
    store = call.cloud.store
    with store.change():
        router = own(store, Router, call.project_id, call.path["id"], "update_router")
        routes = router.routes
        if part.get("routes") is not None:
            routes = tuple(
                HostRoute(destination=cidr("routes", r.get("destination")), nexthop=address("routes", r.get("nexthop")))
                for r in part["routes"]
            )
        router = store.put(
            changed(
                router,
                name=text(part, "name", router.name),
                description=text(part, "description", router.description),
                admin_up=flag(part, "admin_state_up", router.admin_up),
                routes=routes,
            )
        )
        router = _set_gateway(call, router, part)
    call.cloud.network.changed()
    return Answer(body={"router": router_body(call, router)})


def _delete_router(call: Call) -> Answer:
    router = own(call.cloud.store, Router, call.project_id, call.path["id"], "delete_router")
    routers.remove_router(call.cloud.store, router)
    call.cloud.network.changed()
    return Answer(status=204)


def _add_interface(call: Call) -> Answer:
    store = call.cloud.store
    port_id, subnet_id = _interface(call)
    with store.change():
        router = own(store, Router, call.project_id, call.path["id"], "add_router_interface")
        port = get(store, Port, call.project_id, port_id) if port_id else None
        if port is not None and len(port.fixed_ips) != 1:
            raise bad_request("Bad router request: Router port must have exactly one IPv4 subnet.", kind="BadRequest")
        subnet = get(store, Subnet, call.project_id, port.fixed_ips[0].subnet_id if port else subnet_id)
        leg = routers.add_interface(store, router, subnet, port)
    call.cloud.network.changed()
    return Answer(body=_interface_body(router, leg, subnet.id))


def _interface(call: Call) -> tuple[str | None, str | None]:
    body = call.body if isinstance(call.body, dict) else {}
    port_id, subnet_id = body.get("port_id"), body.get("subnet_id")
    if not port_id and not subnet_id:
        raise bad_request("Bad router request: Either subnet_id or port_id must be specified.", kind="BadRequest")
    return port_id, subnet_id


def _interface_body(router: Router, leg: Port, subnet_id: str) -> Body:
    return {
        "id": router.id,
        "project_id": router.project_id,
        "tenant_id": router.project_id,
        "port_id": leg.id,
        "network_id": leg.network_id,
        "subnet_id": subnet_id,
        "subnet_ids": [subnet_id],
    }


def _remove_interface(call: Call) -> Answer:
    port_id, subnet_id = _interface(call)
    router = own(call.cloud.store, Router, call.project_id, call.path["id"], "remove_router_interface")
    leg, found = routers.remove_interface(call.cloud.store, router, port_id=port_id, subnet_id=subnet_id)
    call.cloud.network.changed()
    return Answer(body=_interface_body(router, leg, found))


def floating_body(call: Call, floating: FloatingIP) -> Body:
    port = call.cloud.store.get(Port, floating.port_id)
    details = None
    if port is not None:
        details = {
            "name": port.name,
            "network_id": port.network_id,
            "mac_address": port.mac,
            "admin_state_up": port.admin_up,
            "status": port.status,
            "device_id": port.device_id,
            "device_owner": port.device_owner,
        }
    return {
        **common(floating),
        "floating_ip_address": floating.address,
        "floating_network_id": floating.network_id,
        "fixed_ip_address": floating.fixed_ip,
        "port_id": floating.port_id,
        "router_id": floating.router_id,
        "status": "ACTIVE" if floating.port_id else "DOWN",
        "port_details": details,
        "port_forwardings": [],
        "dns_domain": "",
        "dns_name": "",
        "qos_policy_id": None,
    }


def _list_floating(call: Call) -> Answer:
    found = visible(call.cloud.store, FloatingIP, call.project_id)
    return collection(call, "floatingips", (floating_body(call, floating) for floating in found))


def _show_floating(call: Call) -> Answer:
    floating = get(call.cloud.store, FloatingIP, call.project_id, call.path["id"])
    return Answer(body={"floatingip": floating_body(call, floating)})


def _create_floating(call: Call) -> Answer:
    part = call.part("floatingip")
    check_fields(part, (*_FLOATING_POST, "dns_name", "dns_domain"), verb="POST", known=_READ_ONLY)
    if not call.cloud.settings.floating_ips:
        raise refuse_policy("create_floatingip")
    if part.get("floating_ip_address"):
        raise refuse_policy("create_floatingip and (rule:create_floatingip:floating_ip_address)")
    store = call.cloud.store
    with store.change():
        check_quota(store, call.cloud.settings.quotas, call.project_id, "floatingip")
        network = store.get(Network, str(part.get("floating_network_id")))
        if network is None or not (network.is_external or network.project_id == call.project_id):
            raise missing(Network, part.get("floating_network_id"))
        floating = routers.add_floating_ip(
            store,
            network,
            project_id=call.project_id,
            address=None,
            subnet_id=part.get("subnet_id"),
            description=text(part, "description"),
        )
        if part.get("port_id"):
            floating = routers.associate(
                store, floating, call.project_id, part["port_id"], part.get("fixed_ip_address")
            )
    call.cloud.network.changed()
    return Answer(status=201, body={"floatingip": floating_body(call, floating)})


def _update_floating(call: Call) -> Answer:
    part = call.part("floatingip")
    check_fields(part, _FLOATING_FIELDS, verb="PUT", known=(*_READ_ONLY, "floating_network_id"))
    store = call.cloud.store
    with store.change():
        floating = own(store, FloatingIP, call.project_id, call.path["id"], "update_floatingip")
        if "description" in part:
            floating = store.put(changed(floating, description=text(part, "description")))
        if "port_id" in part or "fixed_ip_address" in part:
            port_id = part.get("port_id", floating.port_id if "port_id" not in part else None)
            floating = routers.associate(store, floating, call.project_id, port_id, part.get("fixed_ip_address"))
    call.cloud.network.changed()
    return Answer(body={"floatingip": floating_body(call, floating)})


def _delete_floating(call: Call) -> Answer:
    floating = own(call.cloud.store, FloatingIP, call.project_id, call.path["id"], "delete_floatingip")
    routers.remove_floating_ip(call.cloud.store, floating)
    call.cloud.network.changed()
    return Answer(status=204)


ENDPOINTS = (
    Endpoint("GET", "/v2.0/routers", _list_routers),
    Endpoint("POST", "/v2.0/routers", _create_router),
    Endpoint("GET", "/v2.0/routers/{id}", _show_router),
    Endpoint("PUT", "/v2.0/routers/{id}", _update_router),
    Endpoint("DELETE", "/v2.0/routers/{id}", _delete_router),
    Endpoint("PUT", "/v2.0/routers/{id}/add_router_interface", _add_interface),
    Endpoint("PUT", "/v2.0/routers/{id}/remove_router_interface", _remove_interface),
    Endpoint("GET", "/v2.0/floatingips", _list_floating),
    Endpoint("POST", "/v2.0/floatingips", _create_floating),
    Endpoint("GET", "/v2.0/floatingips/{id}", _show_floating),
    Endpoint("PUT", "/v2.0/floatingips/{id}", _update_floating),
    Endpoint("DELETE", "/v2.0/floatingips/{id}", _delete_floating),
)
