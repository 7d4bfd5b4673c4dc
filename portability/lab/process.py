"""Child processes that outlive us: known by pid and start time, found again after a crash, never by name."""

import contextlib
import os
import select
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from portability.errors import LabError


class CommandError(LabError):
    """A system command of the lab failed."""

    def __init__(self, argv: tuple[str, ...], status: int, output: str) -> None:
        super().__init__(f"{' '.join(argv)[:300]!r} ended with {status}: {output.strip()[-600:]}")
        self.argv = argv
        self.status = status
        self.output = output


def run(*argv: str | Path, stdin: str = "", timeout: float = 60) -> str:
    """What the command prints.

    Raises:
        CommandError: it failed, took too long or is not installed.
    """
    arguments = tuple(str(argument) for argument in argv)
    try:
        done = subprocess.run(
            arguments, input=stdin, capture_output=True, text=True, timeout=timeout, check=False, errors="replace"
        )
    except FileNotFoundError as error:
        raise CommandError(arguments, 127, f"{error.filename} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(arguments, 124, f"no answer in {timeout} s") from error
    if done.returncode != 0:
        raise CommandError(arguments, done.returncode, done.stderr or done.stdout)
    return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process of this boot of the machine; a later one with the same pid has another start time."""

    pid: int
    started: int
    """Clock ticks after the machine's boot: field 22 of /proc/PID/stat (proc(5))."""

    @classmethod
    def find(cls, pid: int) -> Self | None:
        """The live process with this pid; None for none and for a zombie."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid=pid, started=int(fields[19]))

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """What `save` wrote, if that very process is still alive."""
        recorded = cls.recorded(path)
        return recorded if recorded is not None and recorded.is_alive() else None

    @classmethod
    def recorded(cls, path: Path) -> Self | None:
        """What `save` wrote, alive or not."""
        try:
            pid, started = path.read_text().split()
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        return cls(pid=int(pid), started=int(started))

    def save(self, path: Path) -> None:
        path.write_text(f"{self.pid} {self.started}\n")

    def is_alive(self) -> bool:
        return type(self).find(self.pid) == self

    def signal(self, number: int) -> None:
        """Send it; nothing happens when the process is gone."""
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, timeout: float | None) -> bool:
        """Whether it ended within `timeout` seconds (None: wait for ever); it need not be our child."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            # Opened after the pid was recorded: make sure that it is still the same process.
            if not self.is_alive():
                return True
            poller = select.poll()
            poller.register(descriptor, select.POLLIN)
            ended = bool(poller.poll(None if timeout is None else timeout * 1000))
        finally:
            os.close(descriptor)
        if ended:
            self._reap()
        return ended

    def end(self, *, grace: float = 2.0) -> None:
        """Ask it to end, wait, then make it."""
        self.signal(signal.SIGTERM)
        if not self.wait(grace):
            self.signal(signal.SIGKILL)
            self.wait(5.0)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)


def launch(*argv: str | Path, output: Path | None = None, environment: dict[str, str] | None = None) -> Process:
    """Start a process that goes on when we end: own session, no terminal, output appended to a file."""
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(output.open("ab")) if output is not None else subprocess.DEVNULL
        try:
            child = subprocess.Popen(
                [str(argument) for argument in argv],
                stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip
        except FileNotFoundError as error:
            raise CommandError(tuple(map(str, argv)), 127, f"{error.filename} is not installed") from error
    process = Process.find(child.pid)
    # Popen complains when it is collected before its child has ended; this one is meant to live on.
    child.returncode = 0
    return process if process is not None else Process(pid=child.pid, started=0)
