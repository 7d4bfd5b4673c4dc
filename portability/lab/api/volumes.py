"""Cinder v3: volumes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from portability.lab.api.listing import links, page, sort
from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.state.faults import bad_request, not_found
from portability.lab.state.identity import new_id, now
from portability.lab.state.volume import (
    Volume,
    VolumeType,
    check_quota,
    get_snapshot,
    get_volume,
    snapshots_of,
    volumes_of,
)


def time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"


def _brief(call: Call, volume: Volume) -> Body:
    url = f"{call.origin}/volume/v3/volumes/{volume.id}"
    return {"id": volume.id, "name": volume.name, "links": [{"rel": "self", "href": url}]}


def _body(call: Call, volume: Volume) -> Body:
    body: Body = {
        **_brief(call, volume),
        "description": volume.description,
        "size": volume.size,
        "status": volume.status,
        "volume_type": volume.volume_type,
        "availability_zone": volume.zone,
        "metadata": dict(volume.metadata),
        "snapshot_id": volume.snapshot_id,
        "source_volid": volume.source_volume_id,
        "attachments": _attachments(volume),
        "bootable": "true" if volume.bootable else "false",
        "encrypted": False,
        "multiattach": False,
        "consistencygroup_id": None,
        "replication_status": None,
        "user_id": volume.user_id,
        "os-vol-tenant-attr:tenant_id": volume.project_id,
        "created_at": time(volume.created_at),
        "updated_at": time(volume.updated_at),
    }
    if call.version >= (3, 13):
        body["group_id"] = None
    if call.version >= (3, 48):
        body["shared_targets"] = False
        body["service_uuid"] = None
    if call.version >= (3, 61):
        body["cluster_name"] = None
    if call.version >= (3, 63):
        kinds = {kind.name: kind.id for kind in call.cloud.store.all(VolumeType)}
        body["volume_type_id"] = kinds.get(volume.volume_type)
    if call.version >= (3, 65):
        body["consumes_quota"] = True
    return body


def _attachments(volume: Volume) -> list[Body]:
    if volume.status not in ("in-use", "detaching"):
        return []
    return [
        {
            "id": volume.id,
            "volume_id": volume.id,
            "attachment_id": attachment.id,
            "server_id": attachment.server_id,
            "device": attachment.device,
            "host_name": None,
            "attached_at": time(attachment.attached_at),
        }
        for attachment in volume.attachments
    ]


def _list(call: Call) -> Answer:
    return _answer(call, is_detailed=False)


def _list_detail(call: Call) -> Answer:
    return _answer(call, is_detailed=True)


def _answer(call: Call, *, is_detailed: bool) -> Answer:
    found = [
        body for volume in volumes_of(call.cloud.store, call.project_id) if _matches(call, body := _body(call, volume))
    ]
    chosen, following = page(call, sort(call, found, default="created_at", descending=True))
    if not is_detailed:
        chosen = [{key: body[key] for key in ("id", "name", "links")} for body in chosen]
    return Answer(body={"volumes": chosen, **links(call, "volumes", following)})


def _matches(call: Call, body: Body) -> bool:
    for name in ("name", "status", "volume_type", "availability_zone", "bootable"):
        if call.arg(name) not in (None, body[name]):
            return False
    return True


def _show(call: Call) -> Answer:
    volume = get_volume(call.cloud.store, call.project_id, call.path["id"])
    return Answer(body={"volume": _body(call, volume)})


def _create(call: Call) -> Answer:
    part = call.part("volume")
    store = call.cloud.store
    if part.get("imageRef") or part.get("backup_id"):
        raise bad_request(
            "Invalid input received: this cloud makes empty volumes, and copies of volumes and snapshots."
        )
    if part.get("multiattach"):
        raise bad_request("Invalid input received: no volume type here allows multiattach.")
    with store.change():
        snapshot = get_snapshot(store, call.project_id, part["snapshot_id"]) if part.get("snapshot_id") else None
        source = get_volume(store, call.project_id, part["source_volid"]) if part.get("source_volid") else None
        least = snapshot.size if snapshot else source.size if source else 1
        size = _size(part.get("size"), least)
        check_quota(store, call.cloud.settings.quotas, call.project_id, volumes=1, gigabytes=size)
        moment = now()
        volume = store.put(
            Volume(
                id=new_id(),
                project_id=call.project_id,
                user_id=call.user_id,
                name=part.get("name"),
                description=part.get("description"),
                size=size,
                volume_type=_type(call, part.get("volume_type")),
                zone=_zone(call, part.get("availability_zone")),
                status="creating",
                created_at=moment,
                updated_at=moment,
                metadata=_metadata(part.get("metadata")),
                snapshot_id=snapshot.id if snapshot else None,
                source_volume_id=source.id if source else None,
            )
        )
    call.cloud.volumes.create(volume.id)
    return Answer(status=202, body={"volume": _body(call, volume)})


def _size(asked: Any, least: int) -> int:
    if asked is None:
        asked = least
    if isinstance(asked, bool) or not str(asked).isdigit() or int(asked) < 1:
        raise bad_request(f"Invalid input received: Volume size '{asked}' must be an integer and greater than 0")
    if int(asked) < least:
        raise bad_request(
            f"Invalid input received: Volume size '{asked}'GB cannot be smaller than the original size {least}GB. "
            "They must be >= original size."
        )
    return int(asked)


def _type(call: Call, asked: Any) -> str:
    kinds = call.cloud.store.all(VolumeType)
    if not asked:
        return next((kind.name for kind in kinds if kind.is_default), kinds[0].name)
    for kind in kinds:
        if asked in (kind.id, kind.name):
            return kind.name
    raise not_found(f"Volume type with name {asked} could not be found.")


def _zone(call: Call, asked: Any) -> str:
    zones = call.cloud.settings.volume_zones
    if asked is None:
        return zones[0]
    if asked not in zones:
        raise bad_request(f"Invalid input received: Availability zone '{asked}' is invalid.")
    return str(asked)


def _metadata(items: Any) -> dict[str, str]:
    if not items:
        return {}
    if not isinstance(items, dict) or not all(isinstance(v, str) and len(v) <= 255 for v in items.values()):
        raise bad_request("Invalid input for field/attribute metadata. It must map strings to strings.")
    return dict(items)


def _update(call: Call) -> Answer:
    part = call.part("volume")
    with call.cloud.store.change():
        volume = get_volume(call.cloud.store, call.project_id, call.path["id"])
        volume = call.cloud.store.put(
            replace(
                volume,
                name=part.get("name", volume.name),
                description=part.get("description", volume.description),
                metadata=_metadata(part["metadata"]) if "metadata" in part else volume.metadata,
                updated_at=now(),
            )
        )
    return Answer(body={"volume": _body(call, volume)})


def _delete(call: Call) -> Answer:
    store = call.cloud.store
    with store.change():
        volume = get_volume(store, call.project_id, call.path["id"])
        has_snapshots = any(s.volume_id == volume.id for s in snapshots_of(store, call.project_id))
        if volume.status not in ("available", "error", "error_extending") or has_snapshots:
            raise bad_request(
                "Invalid volume: Volume status must be available or error or error_restoring or error_extending or "
                "error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a "
                "transfer, or be disassociated from snapshots after volume transfer."
            )
        store.put(replace(volume, status="deleting", updated_at=now()))
    call.cloud.volumes.delete(volume.id)
    return Answer(status=202)


def _act(call: Call) -> Answer:
    volume = get_volume(call.cloud.store, call.project_id, call.path["id"])
    if isinstance(call.body, dict) and isinstance(call.body.get("os-extend"), dict):
        return _extend(call, volume, call.body["os-extend"].get("new_size"))
    if isinstance(call.body, dict) and isinstance(call.body.get("os-set_bootable"), dict):
        call.cloud.store.put(replace(volume, bootable=bool(call.body["os-set_bootable"].get("bootable"))))
        return Answer(status=200)
    raise bad_request("There is no such action: " + ", ".join(call.body or {}))


def _extend(call: Call, volume: Volume, asked: Any) -> Answer:
    size = _size(asked, 1)
    if volume.status != "available":
        raise bad_request(
            f"Invalid volume: Volume {volume.id} status must be '{{'available'}}' to extend, currently {volume.status}."
        )
    if size <= volume.size:
        raise bad_request(
            f"Invalid input received: New size for extend must be greater than current size. (current: {volume.size}, "
            f"extended: {size})."
        )
    with call.cloud.store.change():
        check_quota(call.cloud.store, call.cloud.settings.quotas, call.project_id, gigabytes=size - volume.size)
        grown = call.cloud.store.put(replace(volume, size=size, updated_at=now()))
        call.cloud.volumes.extend(grown)
    return Answer(status=202)


def _show_metadata(call: Call) -> Answer:
    volume = get_volume(call.cloud.store, call.project_id, call.path["id"])
    return Answer(body={"metadata": dict(volume.metadata)})


def _change_metadata(call: Call) -> Answer:
    items = _metadata(call.part("metadata"))
    with call.cloud.store.change():
        volume = get_volume(call.cloud.store, call.project_id, call.path["id"])
        merged = {**volume.metadata, **items}
        call.cloud.store.put(replace(volume, metadata=merged, updated_at=now()))
    return Answer(body={"metadata": merged})


def _delete_metadata_item(call: Call) -> Answer:
    with call.cloud.store.change():
        volume = get_volume(call.cloud.store, call.project_id, call.path["id"])
        left = {key: value for key, value in volume.metadata.items() if key != call.path["key"]}
        call.cloud.store.put(replace(volume, metadata=left, updated_at=now()))
    return Answer(status=200)


ENDPOINTS = (
    Endpoint("GET", "/volumes", _list),
    Endpoint("POST", "/volumes", _create),
    Endpoint("GET", "/volumes/detail", _list_detail),
    Endpoint("GET", "/volumes/{id}", _show),
    Endpoint("PUT", "/volumes/{id}", _update),
    Endpoint("DELETE", "/volumes/{id}", _delete),
    Endpoint("POST", "/volumes/{id}/action", _act),
    Endpoint("GET", "/volumes/{id}/metadata", _show_metadata),
    Endpoint("POST", "/volumes/{id}/metadata", _change_metadata),
    Endpoint("DELETE", "/volumes/{id}/metadata/{key}", _delete_metadata_item),
)
