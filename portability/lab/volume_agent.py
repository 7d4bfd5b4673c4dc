"""Makes, copies and removes the files that volumes and snapshots are: sparse raw images."""

import logging
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from portability.lab.state.identity import now
from portability.lab.state.store import Store
from portability.lab.state.volume import Snapshot, Volume

log = logging.getLogger(__name__)

GIB = 1024**3


class VolumeAgent:
    """The asynchronous half of Cinder."""

    def __init__(self, store: Store, folder: Path, workers: ThreadPoolExecutor) -> None:
        self._store = store
        self._folder = folder
        self._workers = workers

    def path(self, record_id: str) -> Path:
        return self._folder / f"{record_id}.raw"

    def resume(self) -> None:
        """Go on with what a crash interrupted."""
        for volume in self._store.all(Volume):
            if volume.status == "creating":
                self.create(volume.id)
            elif volume.status == "deleting":
                self.delete(volume.id)
        for snapshot in self._store.all(Snapshot):
            if snapshot.status == "creating":
                self.create_snapshot(snapshot.id)
            elif snapshot.status == "deleting":
                self.delete_snapshot(snapshot.id)

    def create(self, volume_id: str) -> None:
        self._workers.submit(self._create, volume_id)

    def delete(self, volume_id: str) -> None:
        self._workers.submit(self._delete, volume_id)

    def create_snapshot(self, snapshot_id: str) -> None:
        self._workers.submit(self._create_snapshot, snapshot_id)

    def delete_snapshot(self, snapshot_id: str) -> None:
        self._workers.submit(self._delete_snapshot, snapshot_id)

    def extend(self, volume: Volume) -> None:
        """The file, grown to the volume's size."""
        os.truncate(self.path(volume.id), volume.size * GIB)

    def _create(self, volume_id: str) -> None:
        volume = self._store.get(Volume, volume_id)
        if volume is None:
            return
        source = volume.snapshot_id or volume.source_volume_id
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if source:
                _copy(self.path(source), self.path(volume_id))
            self.path(volume_id).touch(mode=0o600)
            os.truncate(self.path(volume_id), volume.size * GIB)
            self._settle_volume(volume_id, "available")
        except (OSError, subprocess.CalledProcessError) as error:
            log.error("volume %s could not be made: %s", volume_id, error)
            self._settle_volume(volume_id, "error")

    def _settle_volume(self, volume_id: str, status: str) -> None:
        with self._store.change():
            volume = self._store.get(Volume, volume_id)
            if volume is not None:
                self._store.put(replace(volume, status=status, updated_at=now()))

    def _delete(self, volume_id: str) -> None:
        self.path(volume_id).unlink(missing_ok=True)
        with self._store.change():
            volume = self._store.get(Volume, volume_id)
            if volume is not None:
                self._store.remove(volume)

    def _create_snapshot(self, snapshot_id: str) -> None:
        snapshot = self._store.get(Snapshot, snapshot_id)
        if snapshot is None:
            return
        try:
            _copy(self.path(snapshot.volume_id), self.path(snapshot_id))
            status = "available"
        except (OSError, subprocess.CalledProcessError) as error:
            log.error("snapshot %s could not be made: %s", snapshot_id, error)
            status = "error"
        with self._store.change():
            found = self._store.get(Snapshot, snapshot_id)
            if found is not None:
                self._store.put(replace(found, status=status, updated_at=now()))

    def _delete_snapshot(self, snapshot_id: str) -> None:
        self.path(snapshot_id).unlink(missing_ok=True)
        with self._store.change():
            snapshot = self._store.get(Snapshot, snapshot_id)
            if snapshot is not None:
                self._store.remove(snapshot)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(
        ["cp", "--reflink=auto", "--sparse=always", "--", str(source), str(target)], check=True, capture_output=True
    )
