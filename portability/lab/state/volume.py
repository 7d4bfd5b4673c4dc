"""Cinder: volume types, volumes with their attachments, snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portability.lab.settings import Quotas
from portability.lab.state.faults import Fault, not_found
from portability.lab.state.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeType:
    id: str
    name: str
    description: str | None
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    id: str
    server_id: str
    device: str
    attached_at: datetime
    delete_on_termination: bool = False
    tag: str | None = None
    bdm_uuid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    id: str
    project_id: str
    user_id: str
    name: str | None
    description: str | None
    size: int
    volume_type: str
    zone: str
    status: str
    created_at: datetime
    updated_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    snapshot_id: str | None = None
    source_volume_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    """At most one: no type here is multiattach."""
    bootable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    id: str
    project_id: str
    user_id: str
    name: str | None
    description: str | None
    volume_id: str
    size: int
    status: str
    created_at: datetime
    updated_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


KINDS = (VolumeType, Volume, Snapshot)


def get_volume(store: Store, project_id: str | None, volume_id: str) -> Volume:
    volume = store.get(Volume, volume_id)
    if volume is None or volume.project_id != project_id:
        raise not_found(f"Volume {volume_id} could not be found.")
    return volume


def get_snapshot(store: Store, project_id: str | None, snapshot_id: str) -> Snapshot:
    snapshot = store.get(Snapshot, snapshot_id)
    if snapshot is None or snapshot.project_id != project_id:
        raise not_found(f"Snapshot {snapshot_id} could not be found.")
    return snapshot


def volumes_of(store: Store, project_id: str | None) -> tuple[Volume, ...]:
    return tuple(volume for volume in store.all(Volume) if volume.project_id == project_id)


def snapshots_of(store: Store, project_id: str | None) -> tuple[Snapshot, ...]:
    return tuple(snapshot for snapshot in store.all(Snapshot) if snapshot.project_id == project_id)


def attached_to(store: Store, server_id: str) -> tuple[tuple[Volume, Attachment], ...]:
    """The volumes of a server with how they are attached, in the order of their device names."""
    found = [
        (volume, attachment)
        for volume in store.all(Volume)
        for attachment in volume.attachments
        if attachment.server_id == server_id
    ]
    return tuple(sorted(found, key=lambda pair: pair[1].device))


def gigabytes_used(store: Store, project_id: str | None) -> int:
    return sum(v.size for v in volumes_of(store, project_id)) + sum(s.size for s in snapshots_of(store, project_id))


def check_quota(
    store: Store, quotas: Quotas, project_id: str, *, volumes: int = 0, snapshots: int = 0, gigabytes: int = 0
) -> None:
    """Nothing, when so much more fits.

    Raises:
        Fault: 413 in Cinder's words.
    """
    used = gigabytes_used(store, project_id)
    if used + gigabytes > quotas.gigabytes:
        raise Fault(
            413,
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested "
            f"{gigabytes}G, quota is {quotas.gigabytes}G and {used}G has been consumed.",
        )
    if volumes and len(volumes_of(store, project_id)) + volumes > quotas.volumes:
        raise Fault(
            413,
            f"VolumeLimitExceeded: Maximum number of volumes allowed ({quotas.volumes}) exceeded for quota 'volumes'.",
        )
    if snapshots and len(snapshots_of(store, project_id)) + snapshots > quotas.snapshots:
        raise Fault(
            413,
            f"SnapshotLimitExceeded: Maximum number of snapshots allowed ({quotas.snapshots}) exceeded "
            "for quota 'snapshots'.",
        )
