"""What is kept about a run besides its observations."""

from dataclasses import dataclass
from enum import StrEnum

from portability.model.deployment import BootTimeline
from portability.model.units import CloudLabel, Seconds


class Stage(StrEnum):
    CHECK = "check"
    PLAN = "plan"
    CANARIES = "boot canaries"
    DEPLOY = "deploy"
    CONFIGURE = "configure"
    OBSERVE = "observe"
    EXERCISE = "exercise"
    TEAR_DOWN = "tear down"
    COMPARE = "compare"
    JUDGE = "judge"
    REPORT = "report"


class Work(StrEnum):
    """What time was spent on, for the record of where it went."""

    SERVERS_BOOT = "servers booting"
    ANSIBLE = "Ansible tasks"
    MEASURING = "measuring"
    WAITING = "waiting for the cloud"
    OWN = "the program itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    cloud: CloudLabel | None
    """None: both at once."""
    stage: Stage
    start: Seconds
    """Since the run began."""
    seconds: Seconds
    ok: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    cloud: CloudLabel | None
    work: Work
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTime:
    """One Ansible task on one host."""

    cloud: CloudLabel
    role: str
    task: str
    host: str
    seconds: Seconds
    changed: bool
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryBoot:
    cloud: CloudLabel
    repetition: int
    timeline: BootTimeline
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseResult:
    """What the users of the application saw while something was broken on purpose."""

    cloud: CloudLabel
    scenario: str
    victim: str
    requests: int
    failed: int
    acknowledged: int
    lost: int
    """Acknowledged writes that the database does not have."""
    phantom: int
    """Writes in the database that nobody sent."""
    duplicate: int
    longest_outage: Seconds
    """Longest time between two answered requests around which at least one failed; 0 without a failure."""
    redundancy_restored: Seconds | None
    """From the kill until the killed server serves again; None: not in time."""
    latency_ms: tuple[tuple[str, float], ...]
    """p50, p95, p99, max of answered requests."""
    timeline: tuple[tuple[Seconds, float, bool], ...] = ()
    """Of each request: sent at (seconds since start), latency in ms, answered."""
    killed_at: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusLine:
    kind: str
    before: int
    after: int
    ours_left: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    id: str
    workload: str
    clouds: tuple[CloudLabel, CloudLabel]
    started: str
    seed: int
    repetitions: int
    version: str
    command: str
    behaviours: tuple[str, ...] = ()
    """Those that the run was to look at, whether it came to it or not."""
    schema_version: int = 1
