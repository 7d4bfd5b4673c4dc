"""What a run writes down while it runs, line by line, and the whole that is read back."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from portability.model.codec import decode, encode
from portability.model.deployment import Deployment
from portability.model.observation import Observation
from portability.model.plan import Offer, Plan
from portability.model.run import CanaryBoot, CensusLine, ExerciseResult, RunInfo, Spent, StageTime, TaskTime
from portability.model.units import CloudLabel
from portability.model.verdict import Failure
from portability.model.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A retry, a warning, an interruption: something that a reader of the run should know."""

    cloud: CloudLabel | None
    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    cloud: CloudLabel
    lines: tuple[CensusLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCalls:
    """How often an API was asked, for the record of what a run costs the cloud."""

    cloud: CloudLabel
    calls: tuple[tuple[str, int], ...]
    """`compute GET /servers/detail` to a count."""
    retries: int


Record: TypeAlias = (
    Observation
    | StageTime
    | Spent
    | CanaryBoot
    | ExerciseResult
    | Census
    | Failure
    | Remark
    | Deployment
    | TaskTime
    | ApiCalls
)

_KINDS: dict[str, type] = {
    "observation": Observation,
    "stage": StageTime,
    "spent": Spent,
    "boot": CanaryBoot,
    "exercise": ExerciseResult,
    "census": Census,
    "failure": Failure,
    "remark": Remark,
    "deployment": Deployment,
    "task": TaskTime,
    "api_calls": ApiCalls,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode_record(record: Record) -> dict[str, Any]:
    return {"record": _NAMES[type(record)], **encode(record)}


def decode_record(data: dict[str, Any]) -> Record:
    """The record of one journal line.

    Raises:
        ValueError: when it is of no known kind or does not fit it.
    """
    kind = _KINDS.get(data.get("record", ""))
    if kind is None:
        raise ValueError(f"no record is called {data.get('record')!r}; there are {', '.join(_KINDS)}")
    record: Record = decode(kind, {key: value for key, value in data.items() if key != "record"})
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that a run directory holds: the only input of compare, judge and report."""

    info: RunInfo
    workload: Workload
    offers: tuple[Offer, ...]
    plan: Plan | None
    """None: the run ended before there was one."""
    records: tuple[Record, ...]

    def of(self, kind: type[Any], cloud: CloudLabel | None = None) -> tuple[Any, ...]:
        """The records of one kind, in the order of writing; of one cloud where it is named."""
        return tuple(r for r in self.records if isinstance(r, kind) and (cloud is None or r.cloud == cloud))
