"""Nova: servers, their metadata and their tags."""

import re
from dataclasses import replace

from portability.lab.api.listing import links, page, sort
from portability.lab.api.server_create import create, hostname, metadata
from portability.lab.api.server_view import Surroundings, brief, detail, look_around
from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.state.compute import Server, get_server, servers_of
from portability.lab.state.faults import Fault, bad_request, forbidden, not_found
from portability.lab.state.identity import now


def _list(call: Call) -> Answer:
    return _answer(call, is_detailed=False)


def _list_detail(call: Call) -> Answer:
    return _answer(call, is_detailed=True)


def _answer(call: Call, *, is_detailed: bool) -> Answer:
    if call.arg("all_tenants") in ("1", "True", "true") or call.arg("all_projects") in ("1", "True", "true"):
        raise forbidden("Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.")
    around = look_around(call)
    found = [server for server in servers_of(call.cloud.store, call.project_id) if _matches(call, server, around)]
    keyed = {server.id: server for server in found}
    order = [
        {"id": server.id, "created_at": server.created_at.isoformat(), "display_name": server.name, "name": server.name}
        for server in found
    ]
    chosen, following = page(call, sort(call, order, default="created_at", descending=True))
    servers = (keyed[item["id"]] for item in chosen)
    bodies = [detail(call, server, around) if is_detailed else brief(call, server) for server in servers]
    return Answer(body={"servers": bodies, **links(call, "servers", following)})


def _matches(call: Call, server: Server, around: Surroundings) -> bool:
    name, status = call.arg("name"), call.arg("status")
    if name is not None and not _search(name, server.name):
        return False
    if status is not None and server.status != status.upper():
        return False
    if call.arg("flavor") not in (None, server.flavor.id) or call.arg("image") not in (None, server.image_id):
        return False
    if call.arg("uuid") not in (None, server.id) or call.arg("key_name") not in (None, server.key_name):
        return False
    address = call.arg("ip")
    if address is not None:
        shown = detail(call, server, around)["addresses"]
        if not any(_search(address, entry["addr"]) for entries in shown.values() for entry in entries):
            return False
    tags, any_tags = call.arg("tags"), call.arg("tags-any")
    if tags is not None and not set(tags.split(",")) <= set(server.tags):
        return False
    if any_tags is not None and not set(any_tags.split(",")) & set(server.tags):
        return False
    since = call.arg("changes-since")
    return since is None or server.updated_at.isoformat() >= since.replace("Z", "+00:00")


def _search(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text, re.IGNORECASE) is not None
    except re.error as error:
        raise bad_request(f"Invalid regular expression: {pattern}") from error


def _show(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    return Answer(body={"server": detail(call, server, look_around(call))})


def _create(call: Call) -> Answer:
    with call.cloud.store.change():
        made = create(call)
    for server in made:
        call.cloud.compute.build(server.id)
    first = made[0]
    url = f"{call.origin}/compute/v2.1/servers/{first.id}"
    if call.part("server").get("return_reservation_id"):
        return Answer(status=202, body={"reservation_id": first.reservation_id})
    names = [{"name": item["name"]} for item in call.part("server").get("security_groups") or [{"name": "default"}]]
    body: Body = {
        "id": first.id,
        "links": brief(call, first)["links"],
        "OS-DCF:diskConfig": "MANUAL",
        "security_groups": names,
        "adminPass": first.admin_pass,
    }
    return Answer(status=202, body={"server": body}, headers={"location": url})


def _update(call: Call) -> Answer:
    part = call.part("server")
    with call.cloud.store.change():
        server = get_server(call.cloud.store, call.project_id, call.path["id"])
        name = part.get("name", server.name)
        if not isinstance(name, str) or not name.strip():
            raise bad_request(f"Invalid input for field/attribute name. Value: {name}.")
        server = call.cloud.store.put(
            replace(
                server,
                name=name,
                description=part.get("description", server.description),
                hostname=hostname(part["hostname"]) if "hostname" in part else server.hostname,
                updated_at=now(),
            )
        )
    return Answer(body={"server": detail(call, server, look_around(call))})


def _delete(call: Call) -> Answer:
    with call.cloud.store.change():
        server = get_server(call.cloud.store, call.project_id, call.path["id"])
        if server.locked:
            raise Fault(409, f"Instance {server.id} is locked")
        call.cloud.store.put(replace(server, task_state="deleting", updated_at=now()))
    call.cloud.compute.delete(server.id)
    return Answer(status=204)


def _show_metadata(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    return Answer(body={"metadata": dict(server.metadata)})


def _change_metadata(call: Call) -> Answer:
    """POST adds, PUT replaces."""
    return _set_metadata(call, metadata(call.part("metadata"), call.cloud.settings.quotas.metadata_items))


def _set_metadata(call: Call, items: dict[str, str]) -> Answer:
    with call.cloud.store.change():
        server = get_server(call.cloud.store, call.project_id, call.path["id"])
        merged = metadata({**server.metadata, **items}, call.cloud.settings.quotas.metadata_items)
        server = call.cloud.store.put(replace(server, metadata=merged, updated_at=now()))
    return Answer(body={"metadata": dict(server.metadata)})


def _replace_metadata(call: Call) -> Answer:
    items = metadata(call.part("metadata"), call.cloud.settings.quotas.metadata_items)
    with call.cloud.store.change():
        server = get_server(call.cloud.store, call.project_id, call.path["id"])
        call.cloud.store.put(replace(server, metadata=items, updated_at=now()))
    return Answer(body={"metadata": items})


def _show_metadata_item(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    if call.path["key"] not in server.metadata:
        raise not_found("Metadata item was not found")
    return Answer(body={"meta": {call.path["key"]: server.metadata[call.path["key"]]}})


def _set_metadata_item(call: Call) -> Answer:
    items = metadata(call.part("meta"), 1)
    if list(items) != [call.path["key"]]:
        raise bad_request("Request body and URI mismatch")
    _set_metadata(call, items)
    return Answer(body={"meta": items})


def _delete_metadata_item(call: Call) -> Answer:
    with call.cloud.store.change():
        server = get_server(call.cloud.store, call.project_id, call.path["id"])
        if call.path["key"] not in server.metadata:
            raise not_found("Metadata item was not found")
        left = {key: value for key, value in server.metadata.items() if key != call.path["key"]}
        call.cloud.store.put(replace(server, metadata=left, updated_at=now()))
    return Answer(status=204)


def _show_tags(call: Call) -> Answer:
    return Answer(body={"tags": list(get_server(call.cloud.store, call.project_id, call.path["id"]).tags)})


def _replace_tags(call: Call) -> Answer:
    tags = call.body.get("tags") if isinstance(call.body, dict) else None
    if not isinstance(tags, list) or len(tags) > 50:
        raise bad_request("Invalid input for field/attribute tags. It must be a list of at most 50 strings.")
    return Answer(body={"tags": list(_set_tags(call, tuple(dict.fromkeys(tags))))})


def _set_tags(call: Call, tags: tuple[str, ...]) -> tuple[str, ...]:
    for tag in tags:
        if not isinstance(tag, str) or not 0 < len(tag) <= 60 or "/" in tag or "," in tag:
            raise bad_request(f"Invalid input for field/attribute tag. Value: {tag}.")
    with call.cloud.store.change():
        server = get_server(call.cloud.store, call.project_id, call.path["id"])
        call.cloud.store.put(replace(server, tags=tags, updated_at=now()))
    return tags


def _clear_tags(call: Call) -> Answer:
    _set_tags(call, ())
    return Answer(status=204)


def _add_tag(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    if call.path["tag"] in server.tags:
        return Answer(status=204)
    _set_tags(call, (*server.tags, call.path["tag"]))
    return Answer(status=201)


def _show_tag(call: Call) -> Answer:
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    if call.path["tag"] not in server.tags:
        raise not_found(f"Server {server.id} has no tag '{call.path['tag']}'")
    return Answer(status=204)


def _remove_tag(call: Call) -> Answer:
    _show_tag(call)
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    _set_tags(call, tuple(tag for tag in server.tags if tag != call.path["tag"]))
    return Answer(status=204)


ENDPOINTS = (
    Endpoint("GET", "/v2.1/servers", _list),
    Endpoint("POST", "/v2.1/servers", _create),
    Endpoint("GET", "/v2.1/servers/detail", _list_detail),
    Endpoint("GET", "/v2.1/servers/{id}", _show),
    Endpoint("PUT", "/v2.1/servers/{id}", _update),
    Endpoint("DELETE", "/v2.1/servers/{id}", _delete),
    Endpoint("GET", "/v2.1/servers/{id}/metadata", _show_metadata),
    Endpoint("POST", "/v2.1/servers/{id}/metadata", _change_metadata),
    Endpoint("PUT", "/v2.1/servers/{id}/metadata", _replace_metadata),
    Endpoint("GET", "/v2.1/servers/{id}/metadata/{key}", _show_metadata_item),
    Endpoint("PUT", "/v2.1/servers/{id}/metadata/{key}", _set_metadata_item),
    Endpoint("DELETE", "/v2.1/servers/{id}/metadata/{key}", _delete_metadata_item),
    Endpoint("GET", "/v2.1/servers/{id}/tags", _show_tags),
    Endpoint("PUT", "/v2.1/servers/{id}/tags", _replace_tags),
    Endpoint("DELETE", "/v2.1/servers/{id}/tags", _clear_tags),
    Endpoint("GET", "/v2.1/servers/{id}/tags/{tag}", _show_tag),
    Endpoint("PUT", "/v2.1/servers/{id}/tags/{tag}", _add_tag),
    Endpoint("DELETE", "/v2.1/servers/{id}/tags/{tag}", _remove_tag),
)
