"""What one sees while a run goes on: both clouds side by side, stage by stage. Everything goes to standard error."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from portability.model.event import Event, Listener, Note, Progress, StageEnded, StageStarted
from portability.model.run import Stage
from portability.model.units import CloudLabel, Seconds
from portability.report.clean import plain

Mode: TypeAlias = Literal["auto", "live", "plain", "quiet"]

_REFRESHES_PER_SECOND = 4
_LAST_NOTES = 4
_COLORS = ("dodger_blue1", "dark_orange3")
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧"
_BOTH = "both"


@contextmanager
def live(
    clouds: tuple[CloudLabel, CloudLabel],
    *,
    mode: Mode = "auto",
    console: Console | None = None,
    clock: Callable[[], Seconds] = time.monotonic,
) -> Iterator[Listener]:
    """A listener that shows what it hears; it may be called from any thread.

    Args:
        mode: `auto` is `live` on a terminal and else `plain`, a line for each start and end of a stage; `quiet` only
            tells of stages that failed.
    """
    console = console or Console(stderr=True, highlight=False)
    if mode == "auto":
        mode = "live" if console.is_terminal and not console.is_dumb_terminal else "plain"
    if mode != "live":
        yield _Lines(console=console, start=clock(), clock=clock, is_quiet=mode == "quiet")
        return
    board = Board(clouds=clouds, clock=clock)
    with Live(board, console=console, refresh_per_second=_REFRESHES_PER_SECOND):
        yield board


@dataclass(slots=True)
class _Lane:
    """One stage on one cloud, or on both at once."""

    started: Seconds
    seconds: Seconds | None = None
    problem: str = ""


@dataclass(slots=True, kw_only=True)
class Board:
    """The state of a run as rich draws it."""

    clouds: tuple[CloudLabel, CloudLabel]
    clock: Callable[[], Seconds] = time.monotonic
    _lanes: dict[tuple[Stage, CloudLabel | None], _Lane] = field(default_factory=dict)
    _progress: dict[tuple[Stage, CloudLabel | None], str] = field(default_factory=dict)
    _notes: deque[Text] = field(default_factory=lambda: deque(maxlen=_LAST_NOTES))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _start: Seconds | None = None

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._hear(event)

    def __rich__(self) -> RenderableType:
        with self._lock:
            return self._draw()

    def _hear(self, event: Event) -> None:
        if self._start is None:
            self._start = self.clock()
        match event:
            case StageStarted(cloud=cloud, stage=stage):
                self._lanes[stage, cloud] = _Lane(started=self.clock())
            case StageEnded(cloud=cloud, stage=stage, seconds=seconds, problem=problem):
                lane = self._lanes.setdefault((stage, cloud), _Lane(started=self.clock() - seconds))
                lane.seconds, lane.problem = seconds, plain(problem)
            case Progress(cloud=cloud, stage=stage):
                self._progress[stage, cloud] = _progress_text(event)
            case Note(cloud=cloud, text=text):
                self._notes.append(Text.assemble((f"{cloud or _BOTH}: ", "dim"), plain(text)))
            case _:
                assert_never(event)

    def _draw(self) -> RenderableType:
        passed = self.clock() - self._start if self._start is not None else 0.0
        table = Table(box=None, padding=(0, 2, 0, 0), expand=True, pad_edge=False)
        table.add_column(Text(f"{passed:.0f} s", style="dim"), width=14, no_wrap=True)
        for cloud, color in zip(self.clouds, _COLORS, strict=True):
            table.add_column(Text(cloud, style=f"bold {color}"), ratio=1, no_wrap=True, overflow="ellipsis")
        for stage in dict.fromkeys(stage for stage, _ in self._lanes):
            table.add_row(Text(stage.value), *(self._cell(stage, cloud) for cloud in self.clouds))
        return Group(table, *self._notes)

    def _cell(self, stage: Stage, cloud: CloudLabel) -> Text:
        lane = self._lanes.get((stage, cloud)) or self._lanes.get((stage, None))
        if lane is None:
            return Text("")
        if lane.problem:
            return Text.assemble(("✗ ", "bold red"), (_first_line(lane.problem), "red"))
        if lane.seconds is not None:
            return Text.assemble(("✓ ", "green"), f"{lane.seconds:.1f} s")
        passed = self.clock() - lane.started
        frame = _SPINNER[int(passed * _REFRESHES_PER_SECOND) % len(_SPINNER)]
        doing = self._progress.get((stage, cloud)) or self._progress.get((stage, None), "")
        return Text.assemble((f"{frame} ", "cyan"), f"{passed:.0f} s  ", (doing, "dim"))


@dataclass(slots=True, kw_only=True)
class _Lines:
    """A line for each event that stays."""

    console: Console
    start: Seconds
    clock: Callable[[], Seconds]
    is_quiet: bool
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, event: Event) -> None:
        with self._lock:
            text = self._text(event)
            if text:
                passed = self.clock() - self.start
                self.console.print(Text(f"{passed:6.1f} s  {text}"), soft_wrap=True)

    def _text(self, event: Event) -> str:
        match event:
            case StageEnded(cloud=cloud, stage=stage, problem=problem) if problem:
                return f"{cloud or _BOTH}: {stage.value}: FAILED: {plain(problem)}"
            case _ if self.is_quiet:
                return ""
            case StageStarted(cloud=cloud, stage=stage):
                return f"{cloud or _BOTH}: {stage.value} …"
            case StageEnded(cloud=cloud, stage=stage, seconds=seconds):
                return f"{cloud or _BOTH}: {stage.value}: done in {seconds:.1f} s"
            case Note(cloud=cloud, text=text):
                return f"{cloud or _BOTH}: {plain(text)}"
            case Progress():
                return ""
            case _:
                assert_never(event)


def _progress_text(event: Progress) -> str:
    text = _first_line(plain(event.text))
    if event.done is None:
        return text
    share = f"{event.done}/{event.total}" if event.total is not None else str(event.done)
    return f"{share}  {text}"


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]
