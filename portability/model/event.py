"""What the stages tell whoever watches a run."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from portability.model.run import Stage
from portability.model.units import CloudLabel, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    cloud: CloudLabel | None
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnded:
    cloud: CloudLabel | None
    stage: Stage
    seconds: Seconds
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    cloud: CloudLabel | None
    stage: Stage
    text: str
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something worth a line that stays: a retry, a warning."""

    cloud: CloudLabel | None
    text: str


Event: TypeAlias = StageStarted | StageEnded | Progress | Note


class Listener(Protocol):
    def __call__(self, event: Event, /) -> None: ...


def nobody(_event: Event) -> None:
    """A listener that listens to nothing."""
