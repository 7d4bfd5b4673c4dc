"""What happened when: stage times, failures and remarks, to the journal and to whoever watches."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portability import clock
from portability.errors import (
    ConfigurationFailed,
    Interrupted,
    LeftBehind,
    NotReached,
    PortabilityError,
    Refused,
    Unreachable,
)
from portability.model.event import Event, Listener, Note, StageEnded, StageStarted
from portability.model.journal import Record, Remark
from portability.model.run import Stage, StageTime
from portability.model.units import CloudLabel, Seconds
from portability.model.verdict import Failure


class Recorder:
    """One a run. Before the journal is open, records wait in memory."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._began = time.monotonic()
        self._write: Callable[[Record], None] | None = None
        self._waiting: list[Record] = []
        self.intervals: list[tuple[Stage, Seconds, Seconds]] = []
        """Stage, start and end in seconds since the run began."""

    def open(self, write: Callable[[Record], None]) -> None:
        """From now on records go there, those that waited first."""
        for record in self._waiting:
            write(record)
        self._waiting.clear()
        self._write = write

    def write(self, record: Record) -> None:
        if self._write is None:
            self._waiting.append(record)
        else:
            self._write(record)

    def tell(self, event: Event) -> None:
        self._listener(event)

    def remark(self, cloud: CloudLabel | None, text: str) -> None:
        self.write(Remark(cloud=cloud, text=text, at=clock.now()))
        self.tell(Note(cloud=cloud, text=text))

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    @contextmanager
    def stage(self, stage: Stage, cloud: CloudLabel | None = None) -> Iterator[None]:
        """Times what is inside; an error passes through, told and timed."""
        start = self.elapsed
        self.tell(StageStarted(cloud=cloud, stage=stage))
        problem = "interrupted"
        try:
            yield
            problem = ""
        except Exception as error:
            problem = str(error) or type(error).__name__
            raise
        finally:
            seconds = self.elapsed - start
            self.intervals.append((stage, start, start + seconds))
            self.write(StageTime(cloud=cloud, stage=stage, start=start, seconds=seconds, ok=not problem))
            self.tell(StageEnded(cloud=cloud, stage=stage, seconds=seconds, problem=problem))

    def failure(self, cloud: CloudLabel, stage: Stage, error: BaseException) -> Failure:
        """Write down that a stage did not succeed on a cloud."""
        message = str(error) if isinstance(error, PortabilityError) else f"{type(error).__name__}: {error}"
        failure = Failure(cloud=cloud, stage=stage.value, message=message, kind=failure_kind(error))
        self.write(failure)
        return failure


def failure_kind(error: BaseException) -> str:
    """What sort of failure it was, as data for judging: a full quota says nothing about the application."""
    match error:
        case Interrupted() | KeyboardInterrupt():
            return "interrupted"
        case Refused() if "quota" in error.message.lower() or error.status == 413:
            return "quota"
        case Refused():
            return "refused"
        case NotReached() if "no valid host" in error.message.lower():
            return "capacity"
        case NotReached():
            return "timeout"
        case Unreachable():
            return "unreachable"
        case ConfigurationFailed():
            return "configuration"
        case LeftBehind():
            return "left behind"
        case PortabilityError():
            return "cloud"
        case _:
            return "bug"
