"""Breaking something on purpose while the application is under load."""

import logging
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass

from portability.clock import TimeUp, wait_until
from portability.cloud.protocol import Cloud
from portability.errors import GuestError, NotReached
from portability.exercise.client import Load, read_ids
from portability.exercise.summary import summary
from portability.guest.access import Guests
from portability.model.deployment import Deployment, ServerInfo
from portability.model.event import Listener, Progress
from portability.model.run import ExerciseResult, Stage
from portability.model.units import Seconds
from portability.model.workload import OUTSIDE, Exercise, Flow, Workload

log = logging.getLogger(__name__)

# Nova lets a guest shut itself down for 60 s (shutdown_timeout) before it cuts the power; emulated guests need them.
STOP_TIMEOUT: Seconds = 240.0
SERVE_TIMEOUT: Seconds = 300.0
TRUTH_TIMEOUT: Seconds = 60.0

# Runs on a server that may talk to the victim. Asks until it gets what it wants; the status says whether it did.
_ASK = """
import socket, sys, time
host, port, path, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
end = time.monotonic() + seconds
while time.monotonic() < end:
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            if not path:
                sys.exit(0)
            connection.sendall(f"GET {path} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n".encode())
            if connection.recv(64).split(b" ")[1:2] == [b"200"]:
                sys.exit(0)
    except OSError:
        pass
    time.sleep(0.25)
sys.exit(1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An application that stands on a cloud, and how to get at it."""

    cloud: Cloud
    deployment: Deployment
    workload: Workload
    guests: Guests
    listener: Listener
    pause: Callable[[Seconds], None] = time.sleep
    """Waits so long; may raise to end the exercise."""

    def url(self, path: str) -> str:
        return f"{self.deployment.application_url}{path}"

    def tell(self, text: str) -> None:
        log.info("%s: %s", self.deployment.cloud, text)
        self.listener(Progress(cloud=self.deployment.cloud, stage=Stage.EXERCISE, text=text))


def run_exercise(exercise: Exercise, target: Target) -> ExerciseResult:
    """What the users saw while the exercise ran. Afterwards the application is whole again, or the result says not.

    Raises:
        CloudError: the cloud refused or failed to stop or start the server.
        GuestError: the application does not tell its truth.
    """
    scenario = SCENARIOS[exercise.scenario]
    return scenario(exercise, target)


def kill_server(exercise: Exercise, target: Target) -> ExerciseResult:
    """One server of a tier is stopped through the API under load, and started again when the load is over."""
    victim = target.deployment.tier(exercise.tier)[-1]
    seconds = exercise.before_seconds + exercise.after_seconds
    ids_before = _truth(target)
    target.tell(f"{exercise.rate:g} writes a second for {seconds:g} s")
    load = Load(url=target.url(target.workload.application.write_path), rate=exercise.rate, seconds=seconds)
    with load:
        target.pause(exercise.before_seconds)
        target.tell(f"stopping {victim.role}")
        killed_at, killed = load.elapsed, time.monotonic()
        target.cloud.stop_server(victim.id)
        target.pause(max(0.0, seconds - load.elapsed))
    target.tell(f"starting {victim.role} again")
    is_back = _bring_back(victim, target)
    restored = time.monotonic() - killed if is_back else None
    target.tell("counting what the database has")
    return summary(
        load.writes(),
        cloud=target.deployment.cloud,
        scenario=exercise.scenario,
        victim=victim.role,
        seconds=seconds,
        killed_at=round(killed_at, 3),
        ids_before=ids_before,
        ids_after=_truth(target),
        redundancy_restored=None if restored is None else round(restored, 3),
    )


SCENARIOS: dict[str, Callable[[Exercise, Target], ExerciseResult]] = {"kill_server": kill_server}


def _bring_back(victim: ServerInfo, target: Target) -> bool:
    """Whether the server serves again in time."""
    _wait_for_status(victim, target, "SHUTOFF")
    target.cloud.start_server(victim.id)
    _wait_for_status(victim, target, "ACTIVE")
    flow = _flow_to(victim.tier, target.workload)
    witness = target.deployment.tier(flow.source)[0]
    # Only the servers that users' requests reach through the entry are known to speak HTTP.
    path = target.workload.application.health_path if flow.source == target.workload.application.entry else ""
    words = ("python3", "-", victim.fixed_ip, str(flow.port), path, str(SERVE_TIMEOUT))
    shell = target.guests.shell(witness.role)
    result = shell.run(shlex.join(words), stdin=_ASK.encode(), timeout=SERVE_TIMEOUT + 10)
    return result.status == 0


def _wait_for_status(victim: ServerInfo, target: Target, wanted: str) -> None:
    def status() -> str:
        server = target.cloud.server(victim.id)
        return "gone" if server is None else server.status

    try:
        last = wait_until(
            status, lambda now: now in (wanted, "ERROR", "gone"), what=f"{victim.role} {wanted}", timeout=STOP_TIMEOUT
        )
    except TimeUp as error:
        raise NotReached(
            target.deployment.cloud,
            f"{victim.role}: still {error.last} {STOP_TIMEOUT:.0f} s after it was to be {wanted}",
        ) from error
    if last != wanted:
        raise NotReached(target.deployment.cloud, f"{victim.role}: is {last} where it was to be {wanted}")


def _flow_to(tier: str, workload: Workload) -> Flow:
    """A flow from another tier, whose servers may talk to this one."""
    return next(flow for flow in workload.flows if flow.target == tier and flow.source != OUTSIDE)


def _truth(target: Target) -> tuple[str, ...]:
    url = target.url(target.workload.application.truth_path)
    problems: list[str] = []

    def ask() -> tuple[str, ...] | None:
        try:
            return read_ids(url)
        except (OSError, EOFError, ValueError) as error:
            problems.append(f"{type(error).__name__}: {error}")
            return None

    try:
        ids = wait_until(ask, lambda answer: answer is not None, what="the truth", timeout=TRUTH_TIMEOUT)
    except TimeUp as error:
        raise GuestError(
            f"{target.deployment.cloud}/{target.deployment.entry}",
            f"{url} does not tell what was stored: {problems[-1]}",
        ) from error
    return ids or ()
