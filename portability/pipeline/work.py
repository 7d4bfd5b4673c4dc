"""A run under way: what all stages share."""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from portability.cloud.ledger import Ledger
from portability.deploy.key import RunKey
from portability.errors import CannotWrite, Interrupted, PortabilityError
from portability.history.store import RunDir
from portability.lines import OF_THE_DISK, cannot_write
from portability.model.behaviour import Behaviour
from portability.model.plan import Plan
from portability.model.run import RunInfo, Stage
from portability.model.units import CloudLabel
from portability.model.workload import Workload
from portability.observe.journal import Journal
from portability.pipeline.recorder import Recorder
from portability.pipeline.request import Request
from portability.pipeline.side import Failed, Side, in_parallel
from portability.pipeline.stop import StopSwitch

_ROOM = 64 << 10
"""Bytes. What fails with less than that free fails for it: Ansible and paramiko write files too, and blame others."""


@dataclass(slots=True, kw_only=True)
class Work:
    request: Request
    info: RunInfo
    workload: Workload
    behaviours: tuple[Behaviour, ...]
    """Those that this run looks at."""
    plan: Plan
    sides: tuple[Side, Side]
    directory: RunDir
    journal: Journal
    ledger: Ledger
    key: RunKey
    recorder: Recorder
    switch: StopSwitch
    bug: BaseException | None = None
    """The first error that nobody expected."""

    @property
    def path(self) -> Path:
        return self.directory.path

    @property
    def alive(self) -> tuple[Side, ...]:
        """The clouds on which every stage so far succeeded; none once somebody asked to stop or the disk is full."""
        if self.switch.is_on or self.recorder.problem is not None:
            return ()
        return tuple(side for side in self.sides if side.failure is None)

    @property
    def is_over(self) -> bool:
        """For what is under way: Ansible, for one, waits for ever for a worker that a full disk has killed."""
        return self.switch.is_on or self.recorder.problem is not None or self._is_full

    @property
    def _is_full(self) -> bool:
        return shutil.disk_usage(self.path).free < _ROOM

    def on_each(self, stage: Stage, do: Callable[[Side], None]) -> None:
        """One stage on both clouds at once. A cloud on which it fails is left out of the later ones."""
        self._run({side.label: partial(self._timed, stage, side, do) for side in self.alive}, stage)

    def on_all(self, stage: Stage, do: Callable[[Side], None]) -> None:
        """One stage on both clouds at once, also where an earlier one failed and after somebody asked to stop."""
        self._run({side.label: partial(self._timed, stage, side, do) for side in self.sides}, stage)

    def on_both(self, stage: Stage, do: Callable[[tuple[Side, ...]], None]) -> None:
        """One stage that goes to and fro between the clouds, and so has no time of its own on either."""
        sides = self.alive

        def timed() -> None:
            with self.recorder.stage(stage):
                do(sides)

        if sides:
            self._run({"": timed}, stage)

    def _timed(self, stage: Stage, side: Side, do: Callable[[Side], None]) -> None:
        with self.recorder.stage(stage, side.label):
            do(side)

    def _run(self, calls: dict[CloudLabel, Callable[[], None]], stage: Stage) -> None:
        is_last = stage is Stage.TEAR_DOWN
        outcomes = in_parallel(
            calls, self.switch, patience=3 if is_last else 2, on_stop=_nothing if is_last else self._hang_up
        )
        for label, outcome in outcomes.items():
            if not isinstance(outcome, Failed):
                continue
            error = outcome.error if is_last else self._cause(outcome.error)
            for side in self.sides:
                if label in ("", side.label):
                    failure = self.recorder.failure(side.label, stage, error)
                    side.failure = side.failure or failure
            if not isinstance(error, PortabilityError | KeyboardInterrupt):
                self.bug = self.bug or error

    def _hang_up(self) -> None:
        """Close the connections to the servers, so that no command of ours is waited for."""
        for side in self.sides:
            if side.guests is not None:
                side.guests.close()

    def _cause(self, error: BaseException) -> BaseException:
        """Why a stage really failed: what goes wrong after somebody asked to stop, or on a full disk, tells nothing
        about a cloud.
        """
        if isinstance(error, CannotWrite):
            self.recorder.problem = self.recorder.problem or error
            return error
        if self.switch.is_on and isinstance(error, PortabilityError | OSError | EOFError):
            return Interrupted("interrupted")
        if isinstance(error, Interrupted) and self.recorder.problem is not None:
            return self.recorder.problem
        if self._is_full or (isinstance(error, OSError) and error.errno in OF_THE_DISK):
            full = error if isinstance(error, OSError) else OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.recorder.problem = self.recorder.problem or cannot_write(self.path, full)
            return self.recorder.problem
        return error

    def close(self) -> None:
        """Let go of what is open. The private key goes with the servers that it opened, unless they are kept."""
        for side in self.sides:
            if side.guests is not None:
                side.guests.close()
            side.cloud.close()
        self.ledger.close()
        if not self.request.keep:
            self.key.private_key.unlink(missing_ok=True)


def _nothing() -> None:
    """Cleaning up is not hastened."""
