"""A comparison that somebody stops: started as a shell starts it, in a process group that gets Ctrl-C as one."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.whole.conftest import PROGRAM, Lab

_STAGE_TIMEOUT = 600.0


@dataclass(slots=True)
class Running:
    """A program under way whose standard error is read line by line."""

    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    @property
    def told(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, text: str) -> None:
        """Until a line with this text was written."""
        with self._news:
            came = self._news.wait_for(lambda: any(text in line for line in self.lines), _STAGE_TIMEOUT)
        if not came:
            self.interrupt()
            self.ended(_STAGE_TIMEOUT)
        assert came, f"no {text!r} in:\n{self.told}"

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """As a terminal does: all processes of the group get it."""
        os.killpg(self.process.pid, number)

    def ended(self, within: float) -> tuple[int, float]:
        """The exit code, and after how many seconds."""
        start = time.monotonic()
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"still running after {within} s:\n{self.told}") from None
        return code, time.monotonic() - start


def start(lab: Lab, *words: str) -> Running:
    env = {**os.environ, "OS_CLIENT_CONFIG_FILE": lab.clouds_file}
    process = subprocess.Popen(
        [*PROGRAM, *words, "--runs", str(lab.runs)],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=lab.runs.parent,
    )
    return Running(process)


def processes_with(text: str) -> list[str]:
    """Command lines of other processes that hold this text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line and int(folder.name) != os.getpid():
            found.append(line)
    return found
