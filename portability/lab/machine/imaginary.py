"""Machines that boot nothing: for tests of the API, of crashes, of thousands of servers."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from portability.errors import LabError
from portability.lab.machine.protocol import Disk, DiskBus, MachineSpec, MachineState, Power

_PREFIX = {DiskBus.VIRTIO: "/dev/vd", DiskBus.SCSI: "/dev/sd"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    hostname: str
    disk_bus: DiskBus
    power: Power = Power.SHUTDOWN
    disks: tuple[Disk, ...] = ()
    console: str = ""


class Imaginary:
    """Satisfies `Machines`. What runs "goes on running" without the caller in that it is kept in one small file."""

    def __init__(self, run_dir: Path, *, delay: float = 0.0) -> None:
        self._file = run_dir / "imaginary.json"
        self.before_start: Callable[[], object] = lambda: time.sleep(delay)
        """What a boot waits for."""
        self.failure = ""
        """While it says something, starting, stopping and attaching fail with it."""
        self._lock = threading.Lock()
        self._machines: dict[str, _Machine] = {}
        self._gone: Callable[[str], None] = lambda _: None
        run_dir.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            for machine_id, (hostname, bus, power) in json.loads(self._file.read_text()).items():
                self._machines[machine_id] = _Machine(hostname=hostname, disk_bus=DiskBus(bus), power=Power(power))

    def define(self, spec: MachineSpec) -> None:
        with self._lock:
            if spec.id not in self._machines:
                self._machines[spec.id] = _Machine(hostname=spec.hostname, disk_bus=spec.disk_bus)

    def start(self, machine_id: str) -> None:
        self.before_start()
        self._maybe_fail()
        with self._lock:
            machine = self._machines[machine_id]
            text = f"{machine.console}[    0.000000] Linux version imaginary\n{machine.hostname} login: \n"
            self._put(machine_id, replace(machine, power=Power.RUNNING, console=text))

    def stop(self, machine_id: str, *, grace: float) -> None:  # noqa: ARG002  (nothing here needs time)
        self._maybe_fail()
        self._set_power(machine_id, Power.SHUTDOWN)

    def pause(self, machine_id: str) -> None:
        self._set_power(machine_id, Power.PAUSED)

    def unpause(self, machine_id: str) -> None:
        self._set_power(machine_id, Power.RUNNING)

    def destroy(self, machine_id: str) -> None:
        with self._lock:
            self._machines.pop(machine_id, None)
            self._save()

    def state(self, machine_id: str) -> MachineState | None:
        machine = self._machines.get(machine_id)
        return MachineState(power=machine.power, disks=machine.disks) if machine else None

    def attach(self, machine_id: str, disk: Disk) -> Disk:
        self._maybe_fail()
        with self._lock:
            machine = self._machines[machine_id]
            taken = {other.device for other in machine.disks}
            free = (_PREFIX[machine.disk_bus] + letter for letter in "bcdefghijklmnopqrstuvwxyz")
            plugged = replace(disk, device=disk.device or next(name for name in free if name not in taken))
            others = tuple(other for other in machine.disks if other.volume_id != disk.volume_id)
            self._put(machine_id, replace(machine, disks=(*others, plugged)))
            return plugged

    def detach(self, machine_id: str, volume_id: str) -> None:
        with self._lock:
            machine = self._machines.get(machine_id)
            if machine is not None:
                left = tuple(disk for disk in machine.disks if disk.volume_id != volume_id)
                self._put(machine_id, replace(machine, disks=left))

    def console(self, machine_id: str, *, lines: int | None) -> str:
        text = self._machines[machine_id].console
        return text if lines is None else "".join(text.splitlines(keepends=True)[-lines:] if lines else [])

    def watch(self, gone: Callable[[str], None]) -> None:
        self._gone = gone

    def power_off(self, machine_id: str) -> None:
        """What a guest does that shuts itself down."""
        self._set_power(machine_id, Power.SHUTDOWN)
        self._gone(machine_id)

    def tear_down(self) -> None:
        with self._lock:
            self._machines.clear()
            self._file.unlink(missing_ok=True)

    def _maybe_fail(self) -> None:
        if self.failure:
            raise LabError(self.failure)

    def _set_power(self, machine_id: str, power: Power) -> None:
        with self._lock:
            self._put(machine_id, replace(self._machines[machine_id], power=power))

    def _put(self, machine_id: str, machine: _Machine) -> None:
        self._machines[machine_id] = machine
        self._save()

    def _save(self) -> None:
        kept = {name: (m.hostname, m.disk_bus.value, m.power.value) for name, m in self._machines.items()}
        self._file.write_text(json.dumps(kept))
