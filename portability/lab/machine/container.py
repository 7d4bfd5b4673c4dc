"""Servers as containers: a real init, cloud-init and sshd over an overlay of the image, started in seconds.

They share the host's kernel, CPU and clock; what is in /sys and /proc is the host's. What a server has:

    RUN_DIR/<server id>/
        machine.json    what was defined and what is attached
        disk.img        the root disk: a sparse ext4 whose size the guest sees; holds what it wrote over the image
        config.img      the config drive, if any
        plug.sh         makes the device nodes, run inside as the very first program at each boot
        console.log     everything that the guest said, since the first start
        supervisor      pid and start time of the process that runs it (supervise.sh)
"""

import hashlib
import logging
import shutil
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from portability.errors import LabError
from portability.lab.machine import drive, live
from portability.lab.machine.cgroups import ServerGroup, hierarchies, remove_parent
from portability.lab.machine.devices import (
    choose_device,
    config_drive_node,
    plug_script,
    root_device,
    volume_node,
)
from portability.lab.machine.protocol import Disk, MachineSpec, MachineState, Power
from portability.lab.machine.record import Record
from portability.lab.process import Process, launch

log = logging.getLogger(__name__)

_POWER_OFF = signal.SIGRTMIN + 4
"""systemd as PID 1 starts poweroff.target on it (systemd(1)): what an ACPI power button does in a virtual machine."""


class Containers:
    """The servers of one cloud, as systemd-nspawn containers."""

    def __init__(self, cloud: str, run_dir: Path) -> None:
        self._cloud = cloud
        self._run_dir = run_dir
        self._hierarchies = hierarchies()
        self._group_name = f"portability/{cloud}-{hashlib.sha256(str(run_dir).encode()).hexdigest()[:8]}"
        self._locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._stopping: set[str] = set()
        self._gone: Callable[[str], None] | None = None
        run_dir.mkdir(parents=True, exist_ok=True)

    # Life

    def define(self, spec: MachineSpec) -> None:
        with self._locks[spec.id]:
            folder = self._folder(spec.id)
            known = Record.load(folder)
            if known is None:
                for part in (folder, *(folder / name for name in ("disk", "image", "root"))):
                    part.mkdir(mode=0o755, parents=True, exist_ok=True)
                drive.make_root_disk(folder / "disk.img", size_gib=max(spec.disk_gib, 1))
                (folder / "console.log").touch()
                known = Record.of(spec)
            if spec.config_drive is not None:
                drive.drop_loop(folder / "config.img")
                drive.make_config_drive(folder / "config.img", spec.config_drive)
            namespace = str(spec.namespace) if spec.namespace is not None else None
            replace(known, namespace=namespace, has_config_drive=spec.config_drive is not None).save(folder)

    def start(self, machine_id: str) -> None:
        with self._locks[machine_id]:
            record = self._record(machine_id)
            if self._group(machine_id).processes():
                return
            folder = self._folder(machine_id)
            self._write_plug(record)
            group = self._group(machine_id)
            group.make(vcpus=record.vcpus, memory_mib=record.memory_mib)
            supervisor = launch(*self._command(record, group), output=folder / "supervisor.log")
            supervisor.save(folder / "supervisor")
            self._stopping.discard(machine_id)
            self._await_init(machine_id, supervisor)
            self._watch_one(machine_id, supervisor)

    def stop(self, machine_id: str, *, grace: float) -> None:
        with self._locks[machine_id]:
            self._stopping.add(machine_id)
            supervisor = Process.load(self._folder(machine_id) / "supervisor")
            init = self._init(machine_id)
            if grace > 0 and supervisor is not None and init is not None:
                self.unpause(machine_id)
                init.signal(_POWER_OFF)
                if not supervisor.wait(grace):
                    log.info("%s/%s: did not power off in %s s, cut", self._cloud, machine_id, grace)
            self._cut(machine_id)

    def pause(self, machine_id: str) -> None:
        self._group(machine_id).freeze(True)

    def unpause(self, machine_id: str) -> None:
        if self._group(machine_id).is_frozen():
            self._group(machine_id).freeze(False)

    def destroy(self, machine_id: str) -> None:
        with self._locks[machine_id]:
            self._stopping.add(machine_id)
            self._cut(machine_id)
            folder = self._folder(machine_id)
            record = Record.load(folder)
            for disk in record.disks if record is not None else ():
                drive.drop_loop(disk.backing)
            for image in ("config.img", "disk.img"):
                drive.drop_loop(folder / image)
            self._group(machine_id).remove()
            shutil.rmtree(folder, ignore_errors=True)

    def state(self, machine_id: str) -> MachineState | None:
        record = Record.load(self._folder(machine_id))
        if record is None:
            return None
        group = self._group(machine_id)
        if not group.processes():
            return MachineState(power=Power.SHUTDOWN, disks=record.disks)
        return MachineState(power=Power.PAUSED if group.is_frozen() else Power.RUNNING, disks=record.disks)

    # Disks

    def attach(self, machine_id: str, disk: Disk) -> Disk:
        with self._locks[machine_id]:
            record = self._record(machine_id)
            known = next((found for found in record.disks if found.volume_id == disk.volume_id), None)
            plugged = known or replace(disk, device=choose_device(record.disk_bus, record.disks, wanted=disk.device))
            if known is None:
                record = replace(record, disks=(*record.disks, plugged))
                record.save(self._folder(machine_id))
            # First for the next boot, then for this one: a guest that starts in between finds it either way.
            self._write_plug(record)
            number = drive.make_loop(plugged.backing)
            init = self._settled_init(machine_id)
            if init is not None:
                live.plug(init, volume_node(record.disk_bus, plugged, number))
            return plugged

    def detach(self, machine_id: str, volume_id: str) -> None:
        with self._locks[machine_id]:
            record = self._record(machine_id)
            disk = next((found for found in record.disks if found.volume_id == volume_id), None)
            if disk is None:
                return
            record = replace(record, disks=tuple(other for other in record.disks if other != disk))
            record.save(self._folder(machine_id))
            self._write_plug(record)
            init = self._settled_init(machine_id)
            if init is not None:
                live.unplug(init, volume_node(record.disk_bus, disk, 0))
            drive.drop_loop(disk.backing)

    # What a caller sees

    def console(self, machine_id: str, *, lines: int | None) -> str:
        try:
            text = (self._folder(machine_id) / "console.log").read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return ""
        # A serial line ends its lines with both; the pseudo-terminal adds its own.
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n")
        return text if lines is None else "".join(text.splitlines(keepends=True)[-lines:] if lines > 0 else [])

    def watch(self, gone: Callable[[str], None]) -> None:
        self._gone = gone
        for machine_id in self._known():
            supervisor = Process.load(self._folder(machine_id) / "supervisor")
            if supervisor is not None:
                self._watch_one(machine_id, supervisor)

    def tear_down(self) -> None:
        self._gone = None
        failures: list[Exception] = []
        for machine_id in self._known():
            try:
                self.destroy(machine_id)
            except (LabError, OSError) as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"{self._cloud}: {len(failures)} servers could not be removed", failures)
        remove_parent(self._group_name, self._hierarchies)
        remove_parent("portability", self._hierarchies)
        shutil.rmtree(self._run_dir, ignore_errors=True)

    # Inside

    def _folder(self, machine_id: str) -> Path:
        return self._run_dir / machine_id

    def _known(self) -> tuple[str, ...]:
        """Every server with a folder or with a control group."""
        names = {path.name for path in self._run_dir.glob("*") if path.is_dir()}
        for folder in self._group("").folders:
            names.update(path.name for path in folder.glob("*") if path.is_dir())
        return tuple(sorted(names))

    def _record(self, machine_id: str) -> Record:
        record = Record.load(self._folder(machine_id))
        if record is None:
            raise LabError(f"{self._cloud}: server {machine_id} is not defined here")
        return record

    def _group(self, machine_id: str) -> ServerGroup:
        return ServerGroup(f"{self._group_name}/{machine_id}".rstrip("/"), self._hierarchies)

    def _command(self, record: Record, group: ServerGroup) -> Iterator[str | Path]:
        folder = self._folder(record.id)
        # nspawn's own way into a namespace leaves the host's links in the guest's /sys/class/net, so it starts inside.
        if record.namespace is not None:
            yield from ("nsenter", f"--net={record.namespace}", "--")
        yield from ("unshare", "--mount", "--propagation", "private", "sh")
        yield Path(str(files("portability.lab.machine") / "supervise.sh"))
        yield from (folder, record.image, " ".join(str(path) for path in group.folders), root_device(record.disk_bus))
        yield from ("--quiet", "--register=no", "--keep-unit", "--link-journal=no", "--console=read-only")
        yield from ("--resolv-conf=off", "--timezone=off", "--kill-signal=SIGRTMIN+3", "--capability=CAP_NET_ADMIN")
        # Without DMI, cloud-init's OpenStack datasource trusts this variable of PID 1 (DataSourceOpenStack.py).
        yield "--setenv=product_name=OpenStack Nova"
        yield f"--uuid={record.id}"
        yield f"--machine=pb-{record.id}"
        if record.namespace is None:
            yield "--private-network"
        yield f"--directory={folder / 'root'}"

    def _write_plug(self, record: Record) -> None:
        nodes = [volume_node(record.disk_bus, disk, drive.make_loop(disk.backing)) for disk in record.disks]
        folder = self._folder(record.id)
        if record.has_config_drive:
            nodes.append(config_drive_node(drive.make_loop(folder / "config.img", read_only=True)))
        partial = folder / "plug.part"
        partial.write_text(plug_script(nodes))
        partial.rename(folder / "plug.sh")

    def _init(self, machine_id: str) -> Process | None:
        return live.find_init(self._group(machine_id).processes())

    def _settled_init(self, machine_id: str, *, timeout: float = 10.0) -> Process | None:
        """The init of a server that runs, awaited while it starts again; None for one that is off."""
        deadline = time.monotonic() + timeout
        while (init := self._init(machine_id)) is None and self._group(machine_id).processes():
            if time.monotonic() > deadline:
                raise LabError(f"{self._cloud}/{machine_id}: still between two boots after {timeout} s")
            time.sleep(0.02)
        return init

    def _await_init(self, machine_id: str, supervisor: Process, *, timeout: float = 30.0) -> Process:
        deadline = time.monotonic() + timeout
        while (init := self._init(machine_id)) is None:
            if not supervisor.is_alive() or time.monotonic() > deadline:
                folder = self._folder(machine_id)
                said = (folder / "supervisor.log").read_text() + self.console(machine_id, lines=5)
                self._cut(machine_id)
                raise LabError(f"{self._cloud}/{machine_id}: the container did not start: {said.strip()[-600:]}")
            time.sleep(0.02)
        return init

    def _cut(self, machine_id: str) -> None:
        supervisor = Process.load(self._folder(machine_id) / "supervisor")
        if supervisor is not None:
            supervisor.signal(signal.SIGKILL)
        self._group(machine_id).kill()
        if supervisor is not None:
            supervisor.wait(5.0)

    def _watch_one(self, machine_id: str, supervisor: Process) -> None:
        if self._gone is not None:
            threading.Thread(
                target=self._await_end, args=(machine_id, supervisor), name=f"watch-{machine_id[:8]}", daemon=True
            ).start()

    def _await_end(self, machine_id: str, supervisor: Process) -> None:
        supervisor.wait(None)
        # Without its supervisor, which somebody must have killed, a server still runs on until it powers off.
        while self._group(machine_id).processes() and self._is_latest(machine_id, supervisor):
            time.sleep(0.5)
        with self._locks[machine_id]:
            by_itself = machine_id not in self._stopping and self._is_latest(machine_id, supervisor)
        if by_itself and self._gone is not None:
            self._gone(machine_id)

    def _is_latest(self, machine_id: str, supervisor: Process) -> bool:
        return Process.recorded(self._folder(machine_id) / "supervisor") == supervisor
