"""One canary: created, waited for until it serves, looked at, deleted. The waiting is what is measured."""

import base64
import hashlib
import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portability.behaviours.views import CanaryRun
from portability.clock import TimeUp, wait_until
from portability.cloud.protocol import Resource, ServerSpec, ServerStatus
from portability.errors import CloudError, GuestError, NotReached, Refused, Unreachable
from portability.guest.console import last_line
from portability.guest.facts import Facts, collect
from portability.guest.known_hosts import KnownHosts
from portability.guest.ssh import Login, SshShell, port_open
from portability.model.deployment import BootTimeline
from portability.model.units import Bytes, Seconds
from portability.observe.canary_site import SERVICE_PORT, CanaryCloud, Site

RESOLUTION: Seconds = 0.25
_DEADLINE: Seconds = 300.0
"""Tempest's for building and for SSH."""
_GONE: Seconds = 120.0

_CLOUD_CONFIG = (
    b"""#cloud-config
runcmd:
  - [mkdir, -p, /run/portability-canary]
  - [systemd-run, --unit=portability-canary, python3, -m, http.server, "%d", --directory, /run/portability-canary]
"""
    % SERVICE_PORT
)

LARGEST: Bytes = 65535 // 4 * 3
"""65535 characters of base64 (Nova's limit) hold 16383 whole groups of three bytes."""
_SMALLER: tuple[Bytes, ...] = (49152 // 3 * 2, 16384, 8192)


def user_data(size: Bytes | None = None) -> bytes:
    """The canary's user data, filled up with comments to this size."""
    if size is None:
        return _CLOUD_CONFIG
    missing = size - len(_CLOUD_CONFIG)
    line = b"# " + b"0123456789abcdef" * 4 + b"\n"
    filling = (line * (missing // len(line) + 1))[: missing - 1] + b"\n"
    return _CLOUD_CONFIG + filling


@dataclass(slots=True, kw_only=True)
class _Watch:
    """Times since the request."""

    start: Seconds
    started_at: Seconds
    """The same moment as wall time of the observer."""
    times: dict[str, Seconds] = field(default_factory=dict)

    def mark(self, name: str) -> None:
        self.times[name] = time.monotonic() - self.start

    def timeline(self, facts: Facts | None) -> BootTimeline:
        inside: tuple[tuple[str, Seconds, Seconds], ...] = ()
        if facts is not None:
            shift = facts.clock.middle + self.started_at
            inside = tuple((name, begin - shift, end - shift) for name, begin, end in facts.boot.spans)
        return BootTimeline(**self.times, resolution=RESOLUTION, inside=inside)


def boot_canary(owner: CanaryCloud, site: Site, *, repetition: int, tell: Callable[[str], None]) -> CanaryRun:
    """One boot, measured; a boot that fails is a result with the reason. The server is gone when this returns.

    Repetition 0 is the warm-up and carries as much user data as the API takes.

    Raises:
        CloudError: the API failed in another way than by refusing the server, or the server cannot be deleted.
    """
    boot = _Boot(owner=owner, site=site, repetition=repetition, tell=tell)
    try:
        return boot.run()
    finally:
        boot.remove()


@dataclass(slots=True, kw_only=True)
class _Boot:
    owner: CanaryCloud
    site: Site
    repetition: int
    tell: Callable[[str], None]
    server: Resource | None = None
    watch: _Watch = field(default_factory=lambda: _Watch(start=time.monotonic(), started_at=time.time()))
    refusal: str = ""
    given: bytes = b""
    facts: Facts | None = None
    has_ended: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        return f"{self.owner.prefix}canary-{self.repetition}"

    @property
    def deadline(self) -> Seconds:
        return _DEADLINE * self.owner.patience

    def run(self) -> CanaryRun:
        failure = ""
        service = threading.Thread(target=self._watch_service, daemon=True)
        try:
            self._create()
            self._wait_active()
            service.start()
            self._wait_port()
            self._log_in()
        except (Refused, NotReached, GuestError, TimeUp) as error:
            failure = str(error)
        finally:
            if service.is_alive() and not failure:
                service.join(timeout=20.0)
            self.has_ended.set()
        console, problem = self._console()
        if failure and console:
            failure = f"{failure}; the console ends at {last_line(console)!r}"
        return CanaryRun(
            repetition=self.repetition,
            timeline=self.watch.timeline(self.facts),
            facts=self.facts,
            console=console,
            console_problem=problem,
            user_data_size=len(self.given),
            user_data_sha256=hashlib.sha256(self.given).hexdigest(),
            user_data_refusal=self.refusal,
            failure=failure,
        )

    def _create(self) -> None:
        self.tell("create")
        sizes: list[Bytes | None] = [None] if self.repetition else [LARGEST, *_SMALLER, None]
        for size in sizes:
            self.given = user_data(size)
            self.watch = _Watch(start=time.monotonic(), started_at=time.time())
            try:
                self.server = self.owner.cloud.create_server(self._spec())
            except Refused as error:
                # Whatever else is wrong with the request, the last and smallest one will be refused for it too.
                if size is None or error.status not in (400, 413):
                    raise
                self.refusal = self.refusal or f"{len(base64.b64encode(self.given))} characters: {error.message}"
            else:
                self.watch.mark("accepted")
                return

    def _spec(self) -> ServerSpec:
        binding, boot_volume = self.owner.binding, self.owner.boot_volume
        return ServerSpec(
            name=self.name,
            flavor_id=self.owner.flavor.id,
            image_id=binding.image.id,
            port_id=self.site.port_id,
            key_pair=self.site.key_pair,
            config_drive=binding.config_drive,
            user_data=self.given,
            zone=binding.compute_zone,
            boot_volume_gib=boot_volume,
            boot_volume_type=binding.volume_type.name if boot_volume and binding.volume_type else None,
        )

    def _status(self) -> ServerStatus | None:
        found = self.owner.cloud.servers(self.name)
        return next((status for status in found if self.server and status.id == self.server.id), None)

    def _wait_active(self) -> None:
        self.tell("waiting for ACTIVE")

        def is_settled(status: ServerStatus | None) -> bool:
            return status is not None and status.status in ("ACTIVE", "ERROR")

        status = wait_until(self._status, is_settled, what="canary ACTIVE", timeout=self.deadline, interval=RESOLUTION)
        if status is None or status.status == "ERROR":
            raise NotReached(self.owner.label, f"the canary ended in ERROR: {status.fault if status else ''}")
        self.watch.mark("active")

    def _wait_port(self) -> None:
        self.tell("waiting for port 22")
        address = self.site.address

        def is_open() -> bool:
            self.owner.check()
            return port_open(address, 22, RESOLUTION)

        # A closed port answers at once, a filtered one not: then the attempt's time-out is the interval.
        wait_until(
            is_open,
            bool,
            what=f"port 22 of {address} open",
            timeout=self.deadline,
            interval=RESOLUTION / 5,
        )
        self.watch.mark("port_open")

    def _log_in(self) -> None:
        self.tell("waiting for SSH")
        login = Login(
            name=f"canary-{self.repetition}",
            cloud=self.owner.label,
            host_name=self.name,
            host=self.site.address,
            user=self.owner.binding.user,
            private_key=self.owner.private_key,
            connect_timeout=10.0,
        )
        shell = SshShell(login, KnownHosts(self.owner.known_hosts))

        def connects() -> bool:
            self.owner.check()
            return _connects(shell)

        try:
            wait_until(connects, bool, what="SSH login", timeout=self.deadline, interval=RESOLUTION / 5)
            self.watch.mark("ssh_login")
            self.tell("waiting for cloud-init")
            script = "until [ -s /run/cloud-init/result.json ]; do sleep 0.1; done"
            shell.run(script, timeout=self.deadline)
            self.watch.mark("cloud_init_done")
            self.facts = collect(shell).facts
        finally:
            shell.close()

    def _watch_service(self) -> None:
        """In a thread: the service may answer before cloud-init says that it is done."""
        end = time.monotonic() + self.deadline
        while not self.has_ended.is_set() and time.monotonic() < end:
            if _answers(self.site.address):
                self.watch.mark("service")
                return
            self.has_ended.wait(RESOLUTION)

    def _console(self) -> tuple[str | None, str]:
        if self.server is None:
            return None, ""
        try:
            return self.owner.cloud.console_log(self.server.id), ""
        except Refused as error:
            return None, error.message
        except CloudError:
            return None, ""

    def remove(self) -> None:
        """Delete the server and wait until it is gone: the next one needs its port."""
        if self.server is None:
            return
        self.tell("delete")
        self.owner.cloud.delete(self.server)
        try:
            wait_until(
                self._status,
                lambda status: status is None,
                what=f"{self.name} gone",
                timeout=_GONE * self.owner.patience,
                interval=RESOLUTION,
            )
        except TimeUp as error:
            raise NotReached(self.owner.label, str(error)) from error


def _connects(shell: SshShell) -> bool:
    """No login yet is no error: sshd may be up before the key is in its place."""
    try:
        shell.connect()
    except Unreachable:
        return False
    return True


def _answers(address: str) -> bool:
    connection = http.client.HTTPConnection(address, SERVICE_PORT, timeout=RESOLUTION)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def without_run(repetition: int, failure: str) -> CanaryRun:
    """A boot that did not take place."""
    return CanaryRun(
        repetition=repetition,
        timeline=replace(BootTimeline(), resolution=RESOLUTION),
        facts=None,
        console=None,
        console_problem="",
        user_data_size=0,
        user_data_sha256="",
        failure=failure,
    )
