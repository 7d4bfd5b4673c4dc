"""Glance v2: what a member sees of the images."""

from datetime import datetime
from urllib.parse import urlencode

from portability.lab.api import faults
from portability.lab.api.listing import page, sort
from portability.lab.api.versions import glance_document
from portability.lab.api.web import Answer, Body, Call, Endpoint, Service
from portability.lab.state.faults import Fault
from portability.lab.state.image import Image, get_image

_NOT_FILTERS = {"limit", "marker", "sort_key", "sort_dir", "sort", "visibility", "member_status", "tag", "os_hidden"}


def _body(image: Image) -> Body:
    return {
        **image.properties,
        "id": image.id,
        "name": image.name,
        "status": "active",
        "visibility": "public",
        "protected": True,
        "owner": image.owner,
        "size": image.size,
        "virtual_size": None,
        "checksum": image.checksum,
        "os_hash_algo": None,
        "os_hash_value": None,
        "os_hidden": False,
        "container_format": "bare",
        "disk_format": image.disk_format,
        "min_disk": image.min_disk,
        "min_ram": image.min_ram,
        "tags": [],
        "created_at": _time(image.created_at),
        "updated_at": _time(image.created_at),
        "self": f"/v2/images/{image.id}",
        "file": f"/v2/images/{image.id}/file",
        "schema": "/v2/schemas/image",
    }


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _list(call: Call) -> Answer:
    bodies = [body for image in call.cloud.store.all(Image) if _matches(call, body := _body(image))]
    chosen, following = page(call, sort(call, bodies, default="created_at", descending=True), most=1000)
    first = urlencode([(name, value) for name, value in call.query if name != "marker"])
    answer: Body = {
        "images": chosen,
        "first": "/v2/images" + (f"?{first}" if first else ""),
        "schema": "/v2/schemas/images",
    }
    if following:
        answer["next"] = f"/v2/images?{following}"
    return Answer(body=answer)


def _matches(call: Call, body: Body) -> bool:
    visibility = call.arg("visibility")
    if visibility not in (None, "public", "all"):
        return False
    if call.arg("tag") is not None or call.arg("os_hidden") in ("true", "True"):
        return False
    for name, value in call.query:
        if name in _NOT_FILTERS:
            continue
        values = value.removeprefix("in:").split(",") if value.startswith("in:") else [value]
        if str(body.get(name)) not in values:
            return False
    return True


def _show(call: Call) -> Answer:
    return Answer(body=_body(get_image(call.cloud.store, call.path["id"])))


def _schema(call: Call) -> Answer:
    properties = {name: {"type": "string"} for name in ("id", "name", "status", "visibility", "disk_format", "owner")}
    return Answer(
        body={"name": call.path["name"], "properties": properties, "additionalProperties": {"type": "string"}}
    )


def _refuse(call: Call) -> Answer:
    if "id" in call.path:
        get_image(call.cloud.store, call.path["id"])
    raise Fault(403, "You are not authorized to complete this action.")


SERVICE = Service(
    type="image",
    prefix="/image",
    refuse=faults.image,
    endpoints=(
        Endpoint("GET", "", glance_document, is_open=True),
        Endpoint("GET", "/versions", glance_document, is_open=True),
        Endpoint("GET", "/v2/images", _list),
        Endpoint("POST", "/v2/images", _refuse),
        Endpoint("GET", "/v2/images/{id}", _show),
        Endpoint("PATCH", "/v2/images/{id}", _refuse),
        Endpoint("DELETE", "/v2/images/{id}", _refuse),
        Endpoint("GET", "/v2/images/{id}/file", _refuse),
        Endpoint(
            "GET", "/v2/images/{id}/members", lambda _: Answer(body={"members": [], "schema": "/v2/schemas/members"})
        ),
        Endpoint("GET", "/v2/schemas/{name}", _schema),
    ),
)
