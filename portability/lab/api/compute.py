"""Nova 2.1: the service as a whole, with flavors, zones, limits, quotas and server groups."""

from portability.lab.api import attachments, faults, keypairs, server_actions, servers
from portability.lab.api.listing import links, page
from portability.lab.api.versions import NOVA, nova_document
from portability.lab.api.web import Answer, Body, Call, Endpoint, Service
from portability.lab.state.compute import Flavor, Keypair, ServerGroup, get_flavor, servers_of, usage
from portability.lab.state.faults import Fault, bad_request, not_found
from portability.lab.state.identity import new_id

_POLICIES = ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")


def _brief_flavor(call: Call, flavor: Flavor) -> Body:
    urls = [{"rel": "self", "href": f"{call.origin}/compute/v2.1/flavors/{flavor.id}"}]
    urls.append({"rel": "bookmark", "href": f"{call.origin}/compute/flavors/{flavor.id}"})
    body: Body = {"id": flavor.id, "name": flavor.name, "links": urls}
    if call.version >= (2, 55):
        body["description"] = None
    return body


def _flavor(call: Call, flavor: Flavor) -> Body:
    body = {
        **_brief_flavor(call, flavor),
        "vcpus": flavor.vcpus,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "swap": 0 if call.version >= (2, 75) else "",
        "OS-FLV-EXT-DATA:ephemeral": 0,
        "OS-FLV-DISABLED:disabled": False,
        "os-flavor-access:is_public": True,
        "rxtx_factor": 1.0,
    }
    if call.version >= (2, 61):
        body["extra_specs"] = dict(flavor.extra_specs)
    return body


def _list_flavors(call: Call) -> Answer:
    return _flavors(call, is_detailed=False)


def _list_flavors_detail(call: Call) -> Answer:
    return _flavors(call, is_detailed=True)


def _flavors(call: Call, *, is_detailed: bool) -> Answer:
    least_ram, least_disk = int(call.arg("minRam") or 0), int(call.arg("minDisk") or 0)
    found = [f for f in call.cloud.store.all(Flavor) if f.ram >= least_ram and f.disk >= least_disk]
    show = _flavor if is_detailed else _brief_flavor
    chosen, following = page(call, [show(call, flavor) for flavor in found])
    return Answer(body={"flavors": chosen, **links(call, "flavors", following)})


def _show_flavor(call: Call) -> Answer:
    return Answer(body={"flavor": _flavor(call, get_flavor(call.cloud.store, call.path["id"]))})


def _show_extra_specs(call: Call) -> Answer:
    return Answer(body={"extra_specs": dict(get_flavor(call.cloud.store, call.path["id"]).extra_specs)})


def _list_zones(call: Call) -> Answer:
    zones = [
        {"zoneName": zone, "zoneState": {"available": True}, "hosts": None}
        for zone in call.cloud.settings.compute_zones
    ]
    return Answer(body={"availabilityZoneInfo": zones})


def _limits(call: Call) -> Answer:
    if call.arg("tenant_id") not in (None, call.project_id):
        raise Fault(403, "Policy doesn't allow os_compute_api:limits:other_project to be performed.")
    quotas, now_used = call.cloud.settings.quotas, usage(call.cloud.store, call.project_id)
    groups = [group for group in call.cloud.store.all(ServerGroup) if group.project_id == call.project_id]
    absolute = {
        "maxServerMeta": quotas.metadata_items,
        "maxTotalInstances": quotas.instances,
        "maxTotalCores": quotas.cores,
        "maxTotalRAMSize": quotas.ram,
        "maxTotalKeypairs": quotas.key_pairs,
        "maxServerGroups": quotas.server_groups,
        "maxServerGroupMembers": quotas.server_group_members,
        "totalInstancesUsed": now_used.instances,
        "totalCoresUsed": now_used.cores,
        "totalRAMUsed": now_used.ram,
        "totalServerGroupsUsed": len(groups),
    }
    return Answer(body={"limits": {"rate": [], "absolute": absolute}})


def _check_project(call: Call) -> None:
    if call.path["project"] != call.project_id:
        raise Fault(403, "Policy doesn't allow os_compute_api:os-quota-sets:show to be performed.")


def _in_use(call: Call) -> dict[str, tuple[int, int]]:
    """Limit and use by Nova's name."""
    quotas, now_used = call.cloud.settings.quotas, usage(call.cloud.store, call.project_id)
    groups = [group for group in call.cloud.store.all(ServerGroup) if group.project_id == call.project_id]
    keys = [keypair for keypair in call.cloud.store.all(Keypair) if keypair.user_id == call.user_id]
    return {
        "instances": (quotas.instances, now_used.instances),
        "cores": (quotas.cores, now_used.cores),
        "ram": (quotas.ram, now_used.ram),
        "key_pairs": (quotas.key_pairs, len(keys)),
        "metadata_items": (quotas.metadata_items, 0),
        "server_groups": (quotas.server_groups, len(groups)),
        "server_group_members": (quotas.server_group_members, 0),
    }


def _show_quota(call: Call) -> Answer:
    _check_project(call)
    limits = {name: limit for name, (limit, _) in _in_use(call).items()}
    return Answer(body={"quota_set": {"id": call.project_id, **limits}})


def _show_quota_detail(call: Call) -> Answer:
    _check_project(call)
    details = {name: {"limit": limit, "in_use": used, "reserved": 0} for name, (limit, used) in _in_use(call).items()}
    return Answer(body={"quota_set": {"id": call.project_id, **details}})


def _group(call: Call, group: ServerGroup) -> Body:
    alive = {server.id for server in servers_of(call.cloud.store, call.project_id)}
    body: Body = {"id": group.id, "name": group.name, "members": [m for m in group.members if m in alive]}
    if call.version >= (2, 13):
        body |= {"project_id": group.project_id, "user_id": group.user_id}
    if call.version >= (2, 64):
        body |= {"policy": group.policy, "rules": {}}
    else:
        body |= {"policies": [group.policy], "metadata": {}}
    return body


def _list_groups(call: Call) -> Answer:
    own = [group for group in call.cloud.store.all(ServerGroup) if group.project_id == call.project_id]
    return Answer(body={"server_groups": [_group(call, group) for group in own]})


def _get_group(call: Call) -> ServerGroup:
    group = call.cloud.store.get(ServerGroup, call.path["id"])
    if group is None or group.project_id != call.project_id:
        raise not_found(f"Instance group {call.path['id']} could not be found.")
    return group


def _create_group(call: Call) -> Answer:
    part = call.part("server_group")
    policy = part.get("policy") if call.version >= (2, 64) else (part.get("policies") or [None])[0]
    if policy not in _POLICIES:
        raise bad_request(f"Invalid input for field/attribute policy. Value: {policy}. It is not one of {_POLICIES}")
    own = [group for group in call.cloud.store.all(ServerGroup) if group.project_id == call.project_id]
    if len(own) >= call.cloud.settings.quotas.server_groups:
        raise Fault(403, "Quota exceeded, too many server groups.")
    group = call.cloud.store.put(
        ServerGroup(
            id=new_id(),
            project_id=call.project_id,
            user_id=call.user_id,
            name=str(part.get("name", "")),
            policy=str(policy),
        )
    )
    return Answer(body={"server_group": _group(call, group)})


def _delete_group(call: Call) -> Answer:
    call.cloud.store.remove(_get_group(call))
    return Answer(status=204)


def _admin_only(call: Call) -> Answer:
    rule = call.url.rpartition("/v2.1/")[2].replace("/", ":")
    raise Fault(403, f"Policy doesn't allow os_compute_api:{rule} to be performed.")


_ADMIN_PATHS = (
    "os-availability-zone/detail",
    "os-hypervisors",
    "os-hypervisors/detail",
    "os-services",
    "os-aggregates",
    "os-migrations",
)

SERVICE = Service(
    type="compute",
    prefix="/compute",
    refuse=faults.compute,
    microversions=NOVA,
    legacy_version_header="x-openstack-nova-api-version",
    endpoints=(
        Endpoint("GET", "", lambda call: nova_document(call, alone=False), is_open=True),
        Endpoint("GET", "/v2.1", lambda call: nova_document(call, alone=True), is_open=True),
        Endpoint("GET", "/v2.1/extensions", lambda _: Answer(body={"extensions": []})),
        Endpoint("GET", "/v2.1/flavors", _list_flavors),
        Endpoint("GET", "/v2.1/flavors/detail", _list_flavors_detail),
        Endpoint("GET", "/v2.1/flavors/{id}", _show_flavor),
        Endpoint("GET", "/v2.1/flavors/{id}/os-extra_specs", _show_extra_specs),
        Endpoint("GET", "/v2.1/os-availability-zone", _list_zones),
        Endpoint("GET", "/v2.1/limits", _limits),
        Endpoint("GET", "/v2.1/os-quota-sets/{project}", _show_quota),
        Endpoint("GET", "/v2.1/os-quota-sets/{project}/defaults", _show_quota),
        Endpoint("GET", "/v2.1/os-quota-sets/{project}/detail", _show_quota_detail),
        Endpoint("GET", "/v2.1/os-server-groups", _list_groups),
        Endpoint("POST", "/v2.1/os-server-groups", _create_group),
        Endpoint(
            "GET",
            "/v2.1/os-server-groups/{id}",
            lambda call: Answer(body={"server_group": _group(call, _get_group(call))}),
        ),
        Endpoint("DELETE", "/v2.1/os-server-groups/{id}", _delete_group),
        *(Endpoint("GET", f"/v2.1/{path}", _admin_only) for path in _ADMIN_PATHS),
        *keypairs.ENDPOINTS,
        *servers.ENDPOINTS,
        *server_actions.ENDPOINTS,
        *attachments.ENDPOINTS,
    ),
)
