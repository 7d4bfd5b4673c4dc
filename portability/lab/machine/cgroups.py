"""The control groups of one server: how much it may use, how it is frozen, and which processes are its."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from portability.errors import LabError

_USED = ("cpu", "memory", "freezer", "pids")
_PERIOD_US = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchies:
    """Where this machine mounts its control groups: one folder a controller (version 1) or one for all (version 2)."""

    controllers: dict[str, Path]
    tracking: tuple[Path, ...]
    """Hierarchies in which each server needs a group because systemd in it makes groups below its own."""

    @property
    def is_unified(self) -> bool:
        return not self.controllers


def hierarchies(mounts: str | None = None) -> Hierarchies:
    """What /proc/self/mounts says."""
    controllers: dict[str, Path] = {}
    tracking: list[Path] = []
    for line in (mounts if mounts is not None else Path("/proc/self/mounts").read_text()).splitlines():
        _, where, kind, options = line.split()[:4]
        if kind == "cgroup2":
            tracking.append(Path(where))
        elif kind == "cgroup":
            words = options.split(",")
            if "name=systemd" in words:
                tracking.append(Path(where))
            controllers.update({word: Path(where) for word in words if word in _USED})
    return Hierarchies(controllers=controllers, tracking=tuple(tracking))


class ServerGroup:
    """The control groups of one server, the same relative path in every hierarchy."""

    def __init__(self, name: str, where: Hierarchies) -> None:
        self._where = where
        self._name = name

    @property
    def folders(self) -> tuple[Path, ...]:
        roots = {*self._where.controllers.values(), *self._where.tracking}
        return tuple(sorted(root / self._name for root in roots))

    def make(self, *, vcpus: int, memory_mib: int) -> None:
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
        if self._where.is_unified:
            self._write(self.folders[0] / "cpu.max", f"{vcpus * _PERIOD_US} {_PERIOD_US}")
            self._write(self.folders[0] / "memory.max", str(memory_mib << 20))
            return
        if "cpu" in self._where.controllers:
            folder = self._where.controllers["cpu"] / self._name
            self._write(folder / "cpu.cfs_period_us", str(_PERIOD_US))
            self._write(folder / "cpu.cfs_quota_us", str(vcpus * _PERIOD_US))
        if "memory" in self._where.controllers:
            self._write(self._where.controllers["memory"] / self._name / "memory.limit_in_bytes", str(memory_mib << 20))

    def freeze(self, frozen: bool) -> None:
        """Stop every process of the server where it is, or let all go on.

        Raises:
            LabError: this machine has no freezer.
        """
        path, value = self._freezer(frozen)
        if not path.exists():
            raise LabError("servers cannot be paused: this machine has no freezer control group")
        path.write_text(value)

    def is_frozen(self) -> bool:
        path, _ = self._freezer(True)
        with contextlib.suppress(OSError):
            return path.read_text().strip() in {"FROZEN", "FREEZING", "1"}
        return False

    def processes(self) -> tuple[int, ...]:
        """The pids of the server and of what supervises it, as this machine sees them."""
        found: set[int] = set()
        for root in self.folders:
            # os.walk passes over folders that go away meanwhile, as those of a guest that shuts down do.
            for folder, _, _ in os.walk(root):
                with contextlib.suppress(OSError):
                    found.update(int(pid) for pid in (Path(folder) / "cgroup.procs").read_text().split())
        found.discard(0)
        return tuple(sorted(found))

    def kill(self, *, timeout: float = 10.0) -> None:
        """End every process of the server at once, frozen ones too.

        Raises:
            LabError: some are still there after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while pids := self.processes():
            if time.monotonic() > deadline:
                raise LabError(f"processes {pids} of {self._name} do not end")
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if self.is_frozen():
                self.freeze(False)
            time.sleep(0.01)

    def remove(self) -> None:
        for folder in self.folders:
            if not folder.exists():
                continue
            for path, _, _ in os.walk(folder, topdown=False):
                _remove_folder(Path(path))

    def _freezer(self, frozen: bool) -> tuple[Path, str]:
        if self._where.is_unified:
            return self.folders[0] / "cgroup.freeze", "1" if frozen else "0"
        root = self._where.controllers.get("freezer", Path("/nonexistent"))
        return root / self._name / "freezer.state", "FROZEN" if frozen else "THAWED"

    @staticmethod
    def _write(path: Path, value: str) -> None:
        # A controller that is not handed down to us is a limit less, not a server less.
        with contextlib.suppress(FileNotFoundError, PermissionError):
            path.write_text(value)


def remove_parent(name: str, where: Hierarchies) -> None:
    """Remove the group above the servers' where nothing is left in it."""
    for root in {*where.controllers.values(), *where.tracking}:
        with contextlib.suppress(OSError):
            (root / name).rmdir()


def _remove_folder(path: Path) -> None:
    """rmdir, again for a moment while the kernel lets go of the last processes."""
    for attempt in range(50):
        try:
            path.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            if attempt == 49:
                raise
            time.sleep(0.02)
        else:
            return
