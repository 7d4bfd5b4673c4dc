"""What happened when: stage times, failures and remarks, to the journal and to whoever watches."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portability import clock
from portability.errors import (
    CannotWrite,
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
        self.problem: CannotWrite | None = None
        """Why the journal cannot be written, once it cannot."""
        self.intervals: list[tuple[Stage, Seconds, Seconds]] = []
        """Stage, start and end in seconds since the run began."""

    def open(self, write: Callable[[Record], None]) -> None:
        """From now on records go there, those that waited first."""
        self._write = write
        self.catch_up()

    def catch_up(self) -> None:
        """Write what waits.

        Raises:
            CannotWrite: still not.
        """
        while self._waiting and self._write is not None:
            self._write(self._waiting[0])
            del self._waiting[0]

    def write(self, record: Record) -> None:
        """Where the disk is full the record waits: what is under way must still be cleaned up, and told."""
        if self._write is None:
            self._waiting.append(record)
            return
        try:
            self._write(record)
        except CannotWrite as error:
            self._waiting.append(record)
            self.problem = self.problem or error

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
        failure = Failure(cloud=cloud, stage=stage.value, message=_message(error), kind=failure_kind(error))
        self.write(failure)
        return failure


def _message(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return str(error) if isinstance(error, PortabilityError) else f"{type(error).__name__}: {error}"


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
        case CannotWrite():
            return "disk"
        case LeftBehind():
            return "left behind"
        case PortabilityError():
            return "cloud"
        case _:
            return "bug"
