"""Cinder v3: the service as a whole, with types, zones, limits, quotas and snapshots."""

from dataclasses import replace

from portability.lab.api import faults, volumes
from portability.lab.api.listing import links, page, sort
from portability.lab.api.versions import CINDER, cinder_document
from portability.lab.api.volumes import time
from portability.lab.api.web import Answer, Body, Call, Endpoint, Service
from portability.lab.state.faults import Fault, bad_request, not_found
from portability.lab.state.identity import new_id, now
from portability.lab.state.volume import (
    Snapshot,
    VolumeType,
    check_quota,
    get_snapshot,
    get_volume,
    gigabytes_used,
    snapshots_of,
    volumes_of,
)


def _type(kind: VolumeType) -> Body:
    return {
        "id": kind.id,
        "name": kind.name,
        "description": kind.description,
        "is_public": True,
        "os-volume-type-access:is_public": True,
        "qos_specs_id": None,
        "extra_specs": {},
    }


def _list_types(call: Call) -> Answer:
    return Answer(body={"volume_types": [_type(kind) for kind in call.cloud.store.all(VolumeType)]})


def _show_type(call: Call) -> Answer:
    kinds = call.cloud.store.all(VolumeType)
    if call.path["id"] == "default":
        return Answer(body={"volume_type": _type(next((kind for kind in kinds if kind.is_default), kinds[0]))})
    for kind in kinds:
        if kind.id == call.path["id"]:
            return Answer(body={"volume_type": _type(kind)})
    raise not_found(f"Volume type {call.path['id']} could not be found.")


def _list_zones(call: Call) -> Answer:
    zones = [{"zoneName": zone, "zoneState": {"available": True}} for zone in call.cloud.settings.volume_zones]
    return Answer(body={"availabilityZoneInfo": zones})


def _in_use(call: Call) -> dict[str, tuple[int, int]]:
    quotas, store = call.cloud.settings.quotas, call.cloud.store
    used: dict[str, tuple[int, int]] = {
        "volumes": (quotas.volumes, len(volumes_of(store, call.project_id))),
        "snapshots": (quotas.snapshots, len(snapshots_of(store, call.project_id))),
        "gigabytes": (quotas.gigabytes, gigabytes_used(store, call.project_id)),
        "per_volume_gigabytes": (-1, 0),
        "backups": (0, 0),
        "backup_gigabytes": (0, 0),
        "groups": (0, 0),
    }
    for kind in store.all(VolumeType):
        own = [volume for volume in volumes_of(store, call.project_id) if volume.volume_type == kind.name]
        used[f"volumes_{kind.name}"] = (-1, len(own))
        used[f"gigabytes_{kind.name}"] = (-1, sum(volume.size for volume in own))
        used[f"snapshots_{kind.name}"] = (-1, 0)
    return used


def _show_quota(call: Call) -> Answer:
    if call.path["target"] != call.project_id:
        raise Fault(403, "Policy doesn't allow volume_extension:quotas:show to be performed.")
    if call.arg("usage") in ("True", "true", "1"):
        body: Body = {
            name: {"limit": limit, "in_use": used, "reserved": 0} for name, (limit, used) in _in_use(call).items()
        }
    else:
        body = {name: limit for name, (limit, _) in _in_use(call).items()}
    return Answer(body={"quota_set": {"id": call.project_id, **body}})


def _limits(call: Call) -> Answer:
    used = _in_use(call)
    absolute = {
        "maxTotalVolumes": used["volumes"][0],
        "maxTotalSnapshots": used["snapshots"][0],
        "maxTotalVolumeGigabytes": used["gigabytes"][0],
        "maxTotalBackups": 0,
        "maxTotalBackupGigabytes": 0,
        "totalVolumesUsed": used["volumes"][1],
        "totalSnapshotsUsed": used["snapshots"][1],
        "totalGigabytesUsed": used["gigabytes"][1],
        "totalBackupsUsed": 0,
        "totalBackupGigabytesUsed": 0,
    }
    return Answer(body={"limits": {"rate": [], "absolute": absolute}})


def _snapshot(snapshot: Snapshot) -> Body:
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "description": snapshot.description,
        "volume_id": snapshot.volume_id,
        "size": snapshot.size,
        "status": snapshot.status,
        "metadata": dict(snapshot.metadata),
        "created_at": time(snapshot.created_at),
        "updated_at": time(snapshot.updated_at),
        "os-extended-snapshot-attributes:progress": "100%" if snapshot.status == "available" else "0%",
        "os-extended-snapshot-attributes:project_id": snapshot.project_id,
        "user_id": snapshot.user_id,
        "group_snapshot_id": None,
        "consumes_quota": True,
    }


def _list_snapshots(call: Call) -> Answer:
    found = [
        body
        for snapshot in snapshots_of(call.cloud.store, call.project_id)
        if all(call.arg(key) in (None, (body := _snapshot(snapshot))[key]) for key in ("name", "status", "volume_id"))
    ]
    chosen, following = page(call, sort(call, found, default="created_at", descending=True))
    return Answer(body={"snapshots": chosen, **links(call, "snapshots", following)})


def _show_snapshot(call: Call) -> Answer:
    return Answer(body={"snapshot": _snapshot(get_snapshot(call.cloud.store, call.project_id, call.path["id"]))})


def _create_snapshot(call: Call) -> Answer:
    part = call.part("snapshot")
    store = call.cloud.store
    with store.change():
        volume = get_volume(store, call.project_id, str(part.get("volume_id")))
        # From microversion 3.66 a volume in use needs no force.
        free = call.version >= (3, 66) or part.get("force") in (True, "True", "true")
        if volume.status != "available" and not (free and volume.status == "in-use"):
            raise bad_request(
                f"Invalid volume: Volume {volume.id} status must be available, but current status is: {volume.status}."
            )
        check_quota(store, call.cloud.settings.quotas, call.project_id, snapshots=1, gigabytes=volume.size)
        moment = now()
        snapshot = store.put(
            Snapshot(
                id=new_id(),
                project_id=call.project_id,
                user_id=call.user_id,
                name=part.get("name"),
                description=part.get("description"),
                volume_id=volume.id,
                size=volume.size,
                status="creating",
                created_at=moment,
                updated_at=moment,
                metadata=part.get("metadata") or {},
            )
        )
    call.cloud.volumes.create_snapshot(snapshot.id)
    return Answer(status=202, body={"snapshot": _snapshot(snapshot)})


def _update_snapshot(call: Call) -> Answer:
    part = call.part("snapshot")
    with call.cloud.store.change():
        snapshot = get_snapshot(call.cloud.store, call.project_id, call.path["id"])
        snapshot = call.cloud.store.put(
            replace(
                snapshot,
                name=part.get("name", snapshot.name),
                description=part.get("description", snapshot.description),
                updated_at=now(),
            )
        )
    return Answer(body={"snapshot": _snapshot(snapshot)})


def _delete_snapshot(call: Call) -> Answer:
    store = call.cloud.store
    with store.change():
        snapshot = get_snapshot(store, call.project_id, call.path["id"])
        if snapshot.status not in ("available", "error"):
            raise bad_request("Invalid snapshot: Snapshot status must be available or error")
        store.put(replace(snapshot, status="deleting", updated_at=now()))
    call.cloud.volumes.delete_snapshot(snapshot.id)
    return Answer(status=202)


_PATHS = (
    Endpoint("GET", "/types", _list_types),
    Endpoint("GET", "/types/{id}", _show_type),
    Endpoint("GET", "/os-availability-zone", _list_zones),
    Endpoint("GET", "/os-quota-sets/{target}", _show_quota),
    Endpoint("GET", "/limits", _limits),
    Endpoint("GET", "/extensions", lambda _: Answer(body={"extensions": []})),
    Endpoint("GET", "/snapshots", _list_snapshots),
    Endpoint("GET", "/snapshots/detail", _list_snapshots),
    Endpoint("POST", "/snapshots", _create_snapshot),
    Endpoint("GET", "/snapshots/{id}", _show_snapshot),
    Endpoint("PUT", "/snapshots/{id}", _update_snapshot),
    Endpoint("DELETE", "/snapshots/{id}", _delete_snapshot),
    *volumes.ENDPOINTS,
)

SERVICE = Service(
    type="volume",
    prefix="/volume",
    refuse=faults.compute,
    microversions=CINDER,
    endpoints=(
        Endpoint("GET", "", lambda call: cinder_document(call, alone=False), is_open=True),
        Endpoint("GET", "/v3", lambda call: cinder_document(call, alone=True), is_open=True),
        *(Endpoint(e.method, "/v3" + e.path, e.handler) for e in _PATHS),
    ),
)
