"""Neutron v2: the service as a whole, with extensions, quotas, zones and tags."""

from typing import Any

from portability.lab.api import faults, networks, ports, routers, security
from portability.lab.api.neutron import changed
from portability.lab.api.versions import neutron_document
from portability.lab.api.web import Answer, Body, Call, Endpoint, Service
from portability.lab.state.faults import Fault, bad_request, not_found
from portability.lab.state.network import (
    QUOTA_KINDS,
    FloatingIP,
    Network,
    Port,
    Router,
    SecurityGroup,
    Subnet,
    get,
    own,
    used,
)

_ALWAYS = (
    ("agent", "agent"),
    ("allowed-address-pairs", "Allowed Address Pairs"),
    ("availability_zone", "Availability Zone"),
    ("binding", "Port Binding"),
    ("dns-integration", "DNS Integration"),
    ("external-net", "Neutron external network"),
    ("extra_dhcp_opt", "Neutron Extra DHCP options"),
    ("ip_allocation", "IP Allocation"),
    ("net-mtu", "Network MTU"),
    ("net-mtu-writable", "Network MTU (writable)"),
    ("network_availability_zone", "Network Availability Zone"),
    ("pagination", "Pagination support"),
    ("port-security", "Port Security"),
    ("project-id", "project_id field enabled"),
    ("quota_details", "Quota details management support"),
    ("quotas", "Quota management support"),
    ("rbac-policies", "RBAC Policies"),
    ("revision-if-match", "If-Match constraints based on revision_number"),
    ("security-group", "security-group"),
    ("sorting", "Sorting support"),
    ("standard-attr-description", "standard-attr-description"),
    ("standard-attr-revisions", "Resource revision numbers"),
    ("standard-attr-tag", "Tag support for resources with standard attribute"),
    ("standard-attr-timestamp", "Resource timestamps"),
    ("stateful-security-group", "Stateful security group"),
)
_ROUTED = (
    ("router", "Neutron L3 Router"),
    ("ext-gw-mode", "Neutron L3 Configurable external gateway mode"),
    ("extraroute", "Neutron Extra Route"),
    ("fip-port-details", "Floating IP Port Details Extension"),
    ("router_availability_zone", "Router Availability Zone"),
)
_TAGGED: dict[str, type[Any]] = {
    "networks": Network,
    "subnets": Subnet,
    "ports": Port,
    "routers": Router,
    "floatingips": FloatingIP,
    "security-groups": SecurityGroup,
    "security_groups": SecurityGroup,
}


def _extensions(call: Call) -> tuple[Body, ...]:
    offered = _ALWAYS + (_ROUTED if call.cloud.settings.tenant_networks else ())
    return tuple(
        {"alias": alias, "name": name, "description": name, "updated": "2016-01-01T00:00:00-00:00", "links": []}
        for alias, name in offered
    )


def _list_extensions(call: Call) -> Answer:
    return Answer(body={"extensions": list(_extensions(call))})


def _show_extension(call: Call) -> Answer:
    for extension in _extensions(call):
        if extension["alias"] == call.path["alias"]:
            return Answer(body={"extension": extension})
    raise not_found(f"Extension with alias {call.path['alias']} does not exist", kind="HTTPNotFound")


def _list_zones(call: Call) -> Answer:
    kinds = ("network", "router") if call.cloud.settings.tenant_networks else ("network",)
    zones = [{"name": "nova", "resource": kind, "state": "available"} for kind in kinds]
    return Answer(body={"availability_zones": zones})


def _show_quota(call: Call) -> Answer:
    _check_project(call)
    quotas = call.cloud.settings.quotas
    limits = {name: getattr(quotas, name) for name in QUOTA_KINDS}
    return Answer(body={"quota": {**limits, "rbac_policy": 10, "subnetpool": -1}})


def _show_quota_details(call: Call) -> Answer:
    _check_project(call)
    quotas = call.cloud.settings.quotas
    details = {
        name: {"limit": getattr(quotas, name), "used": used(call.cloud.store, name, call.project_id), "reserved": 0}
        for name in QUOTA_KINDS
    }
    return Answer(body={"quota": details})


def _check_project(call: Call) -> None:
    if call.path["project"] != call.project_id:
        raise Fault(403, "(rule:get_quota) is disallowed by policy", kind="PolicyNotAuthorized")


def _list_quotas(_: Call) -> Answer:
    raise Fault(403, "(rule:get_quota) is disallowed by policy", kind="PolicyNotAuthorized")


def _kind(call: Call) -> type[Any]:
    kind = _TAGGED.get(call.path["collection"])
    if kind is None:
        raise not_found("The resource could not be found.")
    return kind


def _show_tags(call: Call) -> Answer:
    record = get(call.cloud.store, _kind(call), call.project_id, call.path["id"])
    return Answer(body={"tags": list(record.tags)})


def _replace_tags(call: Call) -> Answer:
    tags = call.body.get("tags") if isinstance(call.body, dict) else None
    if not isinstance(tags, list) or not all(isinstance(tag, str) and 0 < len(tag) <= 255 for tag in tags):
        raise bad_request(f"Invalid input for tags. Reason: '{tags}' is not a list of strings of 1 to 255 characters.")
    _set_tags(call, lambda _: tuple(dict.fromkeys(tags)))
    return Answer(body={"tags": list(dict.fromkeys(tags))})


def _set_tags(call: Call, change: Any) -> None:
    with call.cloud.store.change():
        record = own(call.cloud.store, _kind(call), call.project_id, call.path["id"], "update_tags")
        call.cloud.store.put(changed(record, tags=change(record.tags)))


def _clear_tags(call: Call) -> Answer:
    _set_tags(call, lambda _: ())
    return Answer(status=204)


def _show_tag(call: Call) -> Answer:
    record = get(call.cloud.store, _kind(call), call.project_id, call.path["id"])
    if call.path["tag"] not in record.tags:
        raise not_found(f"Tag {call.path['tag']} could not be found.", kind="TagNotFound")
    return Answer(status=204)


def _add_tag(call: Call) -> Answer:
    _set_tags(call, lambda tags: (*(tag for tag in tags if tag != call.path["tag"]), call.path["tag"]))
    return Answer(status=201)


def _remove_tag(call: Call) -> Answer:
    _show_tag(call)
    _set_tags(call, lambda tags: tuple(tag for tag in tags if tag != call.path["tag"]))
    return Answer(status=204)


SERVICE = Service(
    type="network",
    prefix="/network",
    refuse=faults.network,
    endpoints=(
        Endpoint("GET", "", lambda call: neutron_document(call, alone=False), is_open=True),
        Endpoint("GET", "/v2.0", lambda call: neutron_document(call, alone=True), is_open=True),
        Endpoint("GET", "/v2.0/extensions", _list_extensions),
        Endpoint("GET", "/v2.0/extensions/{alias}", _show_extension),
        Endpoint("GET", "/v2.0/availability_zones", _list_zones),
        Endpoint("GET", "/v2.0/quotas", _list_quotas),
        Endpoint("GET", "/v2.0/quotas/{project}", _show_quota),
        Endpoint("GET", "/v2.0/quotas/{project}/details", _show_quota_details),
        *networks.ENDPOINTS,
        *ports.ENDPOINTS,
        *routers.ENDPOINTS,
        *security.ENDPOINTS,
        Endpoint("GET", "/v2.0/{collection}/{id}/tags", _show_tags),
        Endpoint("PUT", "/v2.0/{collection}/{id}/tags", _replace_tags),
        Endpoint("DELETE", "/v2.0/{collection}/{id}/tags", _clear_tags),
        Endpoint("GET", "/v2.0/{collection}/{id}/tags/{tag}", _show_tag),
        Endpoint("PUT", "/v2.0/{collection}/{id}/tags/{tag}", _add_tag),
        Endpoint("DELETE", "/v2.0/{collection}/{id}/tags/{tag}", _remove_tag),
    ),
)
