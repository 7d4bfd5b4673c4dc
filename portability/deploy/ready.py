"""Waiting until one can work on every server: port open, login, cloud-init done."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from portability.clock import TimeUp, wait_until
from portability.errors import HostKeyChanged, Unreachable
from portability.guest.access import Guests
from portability.guest.shell import Shell
from portability.model.deployment import BootTimeline, Deployment, ServerInfo
from portability.model.event import Listener, Progress
from portability.model.run import Stage
from portability.model.units import Seconds

TICK: Seconds = 0.5
SSH_TIMEOUT: Seconds = 300.0
"""Guests without hardware virtualisation were seen to take a minute each, and longer when several boot at once."""
CLOUD_INIT_TIMEOUT: Seconds = 300.0

# `cloud-init status --wait` polls once a second and starts Python; the result file appears at the very end (its
# documentation, "Boot stages"). Without cloud-init there is nothing to wait for.
_CLOUD_INIT = """
command -v cloud-init >/dev/null || exit 0
tries=0
until [ -e /run/cloud-init/result.json ]; do
  [ "$tries" -lt {tries} ] || exit 75
  tries=$((tries + 1)); sleep 0.2
done
"""


def wait_until_ready(
    deployment: Deployment,
    guests: Guests,
    *,
    listener: Listener,
    deadline_factor: float = 1.0,
    check: Callable[[], None] = lambda: None,
) -> Deployment:
    """The deployment with its boot timelines completed, when every server has a login and cloud-init is done.

    The entry is waited for first where the others are reached through it. `check` is called once a tick and may raise.

    Raises:
        Unreachable: a server did not come in time; says what was tried last.
        HostKeyChanged: another server answers.
    """
    arrival = _Arrival(guests=guests, factor=deadline_factor, check=check)
    done = 0

    def tell(server: ServerInfo) -> ServerInfo:
        nonlocal done
        ready = arrival.of(server)
        done += 1
        listener(
            Progress(
                cloud=deployment.cloud,
                stage=Stage.DEPLOY,
                text="servers ready",
                done=done,
                total=len(deployment.servers),
            )
        )
        return ready

    with ThreadPoolExecutor(max(1, len(deployment.servers)), thread_name_prefix=f"ready-{deployment.cloud}") as pool:
        return replace(deployment, servers=tuple(pool.map(tell, deployment.servers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    guests: Guests
    factor: float
    check: Callable[[], None]

    def of(self, server: ServerInfo) -> ServerInfo:
        shell = self._login(server)
        logged_in = time.monotonic()
        self._wait_for_cloud_init(shell)
        return replace(server, boot=_completed(server.boot, logged_in=logged_in, done=time.monotonic()))

    def _login(self, server: ServerInfo) -> Shell:
        last: list[Unreachable] = []

        def attempt() -> Shell | None:
            self.check()
            try:
                return self.guests.shell(server.role)
            except HostKeyChanged:
                raise
            except Unreachable as error:
                last.append(error)
                return None

        timeout = SSH_TIMEOUT * self.factor
        try:
            shell = wait_until(
                attempt, lambda found: found is not None, what="SSH login", timeout=timeout, interval=TICK
            )
        except TimeUp as error:
            tried = last[-1].message if last else "nothing answered"
            raise Unreachable(
                server.name,
                f"no SSH login within {timeout:.0f} s: {tried}",
                way_out="does the image take the run's key, and do the security groups let this machine in? --keep "
                "leaves it for inspection",
            ) from error
        assert shell is not None
        return shell

    def _wait_for_cloud_init(self, shell: Shell) -> None:
        timeout = CLOUD_INIT_TIMEOUT * self.factor
        script = _CLOUD_INIT.format(tries=int(timeout / 0.2))
        if shell.run(script, timeout=timeout + 10.0).status == 75:
            raise Unreachable(
                shell.name,
                f"cloud-init is not done after {timeout:.0f} s",
                way_out="look at /var/log/cloud-init.log; --keep leaves the server",
            )


def _completed(boot: BootTimeline, *, logged_in: Seconds, done: Seconds) -> BootTimeline:
    """Login implies an open port: the port's own time is what canaries measure, not a deployment's servers."""
    if boot.requested_at is None:
        return boot
    return replace(boot, ssh_login=logged_in - boot.requested_at, cloud_init_done=done - boot.requested_at)
