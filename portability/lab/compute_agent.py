"""The asynchronous half of Nova: builds servers, changes their power, plugs volumes, deletes."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from portability.errors import LabError
from portability.lab.machine.protocol import Disk, Machines, MachineSpec, Power
from portability.lab.metadata import config_drive, server_ports
from portability.lab.network_agent import NetworkAgent
from portability.lab.nics import Nics
from portability.lab.plane.protocol import Plane
from portability.lab.settings import CloudSettings
from portability.lab.state.compute import BuildFault, Server, VmState
from portability.lab.state.faults import Fault
from portability.lab.state.identity import now
from portability.lab.state.network import Port
from portability.lab.state.store import Store
from portability.lab.state.volume import Volume, attached_to
from portability.lab.volume_agent import VolumeAgent

log = logging.getLogger(__name__)

SHUTDOWN_GRACE_SECONDS = 60.0
"""Nova's default `shutdown_timeout`."""
RUNNING, SHUT_DOWN, PAUSED, NO_STATE = 1, 4, 3, 0
"""Nova's power states."""


class ComputeAgent:
    """All servers of one cloud. Work on one server never overlaps; work on different servers does."""

    def __init__(
        self,
        *,
        store: Store,
        settings: CloudSettings,
        machines: Machines,
        plane: Plane,
        network: NetworkAgent,
        volumes: VolumeAgent,
        image_path: Path,
        workers: ThreadPoolExecutor,
    ) -> None:
        self._store = store
        self._settings = settings
        self._machines = machines
        self._plane = plane
        self._network = network
        self._volumes = volumes
        self._image_path = image_path
        self._workers = workers
        self._nics = Nics(store)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def resume(self) -> None:
        """Go on with what a crash interrupted, and believe the machines about their power."""
        self._machines.watch(self._powered_off)
        for server in self._store.all(Server):
            if server.task_state is not None:
                self.submit(server.id, _RESUME.get(server.task_state, ComputeAgent._build))
            elif server.vm_state is VmState.ACTIVE:
                state = self._machines.state(server.id)
                if state is None or state.power is Power.SHUTDOWN:
                    self._powered_off(server.id)
        for volume in self._store.all(Volume):
            for attachment in volume.attachments:
                if volume.status == "attaching":
                    self.attach(attachment.server_id, volume.id)
                elif volume.status == "detaching":
                    self.detach(attachment.server_id, volume.id)

    def submit(self, server_id: str, work: "Callable[[ComputeAgent, str], None]") -> None:
        def run() -> None:
            with self._locks[server_id]:
                try:
                    work(self, server_id)
                except (LabError, Fault, OSError) as error:
                    self._fail(server_id, error)

        self._workers.submit(run).add_done_callback(_report)

    def build(self, server_id: str) -> None:
        self.submit(server_id, ComputeAgent._build)

    def delete(self, server_id: str) -> None:
        self.submit(server_id, ComputeAgent._delete)

    def stop(self, server_id: str) -> None:
        self.submit(server_id, ComputeAgent._stop)

    def start(self, server_id: str) -> None:
        self.submit(server_id, ComputeAgent._start)

    def reboot(self, server_id: str, *, hard: bool) -> None:
        self.submit(server_id, ComputeAgent._reboot_hard if hard else ComputeAgent._reboot_soft)

    def pause(self, server_id: str) -> None:
        self.submit(server_id, ComputeAgent._pause)

    def unpause(self, server_id: str) -> None:
        self.submit(server_id, ComputeAgent._unpause)

    def attach(self, server_id: str, volume_id: str) -> None:
        self.submit(server_id, lambda agent, _: agent._attach(server_id, volume_id))

    def detach(self, server_id: str, volume_id: str) -> None:
        self.submit(server_id, lambda agent, _: agent._detach(server_id, volume_id))

    def plug(self, server_id: str) -> None:
        self.submit(server_id, ComputeAgent._replug)

    def console(self, server_id: str, *, lines: int | None) -> str:
        return self._machines.console(server_id, lines=lines)

    def _update(self, server_id: str, **fields: object) -> Server | None:
        """The server with these fields changed; None when it is gone or on its way out."""
        with self._store.change():
            server = self._store.get(Server, server_id)
            if server is None or (server.task_state == "deleting" and "task_state" in fields):
                return None
            return self._store.put(replace(server, updated_at=now(), **fields))  # type: ignore[arg-type]

    def _build(self, server_id: str) -> None:
        server = self._update(server_id, task_state="networking")
        if server is None:
            return
        server = self._nics.make(server)
        ports = server_ports(self._store, server)
        self._network.settle()
        namespace = self._plane.join(server_id, tuple(port.id for port in ports)) if ports else None
        self._update(server_id, task_state="spawning")
        self._machines.define(self._spec(server, ports, namespace))
        self._machines.start(server_id)
        self._nics.are_up(ports)
        self._update(
            server_id, vm_state=VmState.ACTIVE, task_state=None, power_state=RUNNING, launched_at=now(), fault=None
        )

    def _spec(self, server: Server, ports: tuple[Port, ...], namespace: Path | None) -> MachineSpec:
        return MachineSpec(
            id=server.id,
            hostname=server.hostname,
            image=self._image_path,
            vcpus=server.flavor.vcpus,
            memory_mib=server.flavor.ram,
            disk_gib=server.flavor.disk,
            disk_bus=self._settings.disk_bus,
            namespace=namespace,
            config_drive=config_drive(self._store, server, ports) if server.config_drive else None,
        )

    def _fail(self, server_id: str, error: Exception) -> None:
        log.error("server %s: %s", server_id, error)
        message = error.message if isinstance(error, Fault) else str(error)
        fault = BuildFault(code=500, message=message[:255], created_at=now())
        with self._store.change():
            server = self._store.get(Server, server_id)
            if server is not None:
                failed = replace(server, vm_state=VmState.ERROR, task_state=None, power_state=NO_STATE, fault=fault)
                self._store.put(replace(failed, updated_at=now()))

    def _delete(self, server_id: str) -> None:
        server = self._store.get(Server, server_id)
        if server is None:
            return
        self._machines.destroy(server_id)
        self._plane.leave(server_id)
        with self._store.change():
            self._free_volumes(server_id)
            self._nics.free(server)
            self._store.remove(server)
        self._network.changed()
        self._locks.pop(server_id, None)

    def _free_volumes(self, server_id: str) -> None:
        for volume, attachment in attached_to(self._store, server_id):
            status = "deleting" if attachment.delete_on_termination else "available"
            self._store.put(replace(volume, status=status, attachments=(), updated_at=now()))
            if status == "deleting":
                self._volumes.delete(volume.id)

    def _stop(self, server_id: str) -> None:
        self._machines.stop(server_id, grace=SHUTDOWN_GRACE_SECONDS)
        self._update(server_id, vm_state=VmState.STOPPED, task_state=None, power_state=SHUT_DOWN)

    def _start(self, server_id: str) -> None:
        server = self._store.get(Server, server_id)
        if server is None:
            return
        if server.nics:
            # After a reboot of the host the namespace is gone; while it is there this does nothing.
            self._network.settle()
            self._plane.join(server_id, tuple(port.id for port in server_ports(self._store, server)))
        self._machines.start(server_id)
        self._update(server_id, vm_state=VmState.ACTIVE, task_state=None, power_state=RUNNING)

    def _reboot_soft(self, server_id: str) -> None:
        self._update(server_id, task_state="reboot_started")
        self._machines.stop(server_id, grace=SHUTDOWN_GRACE_SECONDS)
        self._start(server_id)

    def _reboot_hard(self, server_id: str) -> None:
        self._update(server_id, task_state="reboot_started_hard")
        self._machines.stop(server_id, grace=0)
        self._start(server_id)

    def _pause(self, server_id: str) -> None:
        self._machines.pause(server_id)
        self._update(server_id, vm_state=VmState.PAUSED, task_state=None, power_state=PAUSED)

    def _unpause(self, server_id: str) -> None:
        self._machines.unpause(server_id)
        self._update(server_id, vm_state=VmState.ACTIVE, task_state=None, power_state=RUNNING)

    def _replug(self, server_id: str) -> None:
        """A NIC came or went while the server exists."""
        server = self._store.get(Server, server_id)
        if server is None:
            return
        ports = server_ports(self._store, server)
        try:
            self._network.settle()
            self._plane.join(server_id, tuple(port.id for port in ports))
            self._nics.are_up(ports)
        except (LabError, OSError) as error:
            log.error("server %s: its NICs could not be changed: %s", server_id, error)

    def _attach(self, server_id: str, volume_id: str) -> None:
        volume = self._store.get(Volume, volume_id)
        if volume is None or not volume.attachments:
            return
        asked = Disk(volume_id=volume_id, backing=self._volumes.path(volume_id), device=volume.attachments[0].device)
        try:
            disk = self._machines.attach(server_id, asked)
        except (LabError, OSError) as error:
            log.error("volume %s could not be attached to %s: %s", volume_id, server_id, error)
            self._store.put(replace(volume, status="available", attachments=(), updated_at=now()))
            return
        attachment = replace(volume.attachments[0], device=disk.device or asked.device, attached_at=now())
        self._store.put(replace(volume, status="in-use", attachments=(attachment,), updated_at=now()))

    def _detach(self, server_id: str, volume_id: str) -> None:
        volume = self._store.get(Volume, volume_id)
        if volume is None:
            return
        try:
            self._machines.detach(server_id, volume_id)
        except (LabError, OSError) as error:
            log.error("volume %s could not be detached from %s: %s", volume_id, server_id, error)
            self._store.put(replace(volume, status="in-use", updated_at=now()))
            return
        self._store.put(replace(volume, status="available", attachments=(), updated_at=now()))

    def _powered_off(self, server_id: str) -> None:
        """The guest powered itself off: what Nova's periodic look finds."""
        with self._store.change():
            server = self._store.get(Server, server_id)
            if server is not None and server.vm_state is VmState.ACTIVE and server.task_state is None:
                self._store.put(replace(server, vm_state=VmState.STOPPED, power_state=SHUT_DOWN, updated_at=now()))


def _report(done: "Future[None]") -> None:
    """A worker that died of a bug must not do so in silence."""
    if not done.cancelled() and (error := done.exception()) is not None:
        log.error("work on a server ended with a bug", exc_info=error)


_RESUME: dict[str, Callable[[ComputeAgent, str], None]] = {
    "deleting": ComputeAgent._delete,
    "powering-off": ComputeAgent._stop,
    "powering-on": ComputeAgent._start,
    "rebooting": ComputeAgent._reboot_soft,
    "reboot_started": ComputeAgent._reboot_soft,
    "rebooting_hard": ComputeAgent._reboot_hard,
    "reboot_started_hard": ComputeAgent._reboot_hard,
    "pausing": ComputeAgent._pause,
    "unpausing": ComputeAgent._unpause,
}
