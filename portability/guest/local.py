"""A Shell on this machine."""

import os
import subprocess
import time

from portability.errors import Unreachable
from portability.guest.shell import DEFAULT_TIMEOUT, CommandResult
from portability.model.units import Seconds

_KEPT_BYTES = 1 << 20


class LocalShell:
    def __init__(self, name: str = "localhost") -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def run(
        self, script: str, *, stdin: bytes = b"", timeout: Seconds = DEFAULT_TIMEOUT, as_root: bool = False
    ) -> CommandResult:
        argv = ["/bin/sh", "-c", script]
        if as_root and os.geteuid() != 0:
            argv = ["sudo", "-n", *argv]
        start = time.monotonic()
        try:
            done = subprocess.run(argv, input=stdin, capture_output=True, timeout=timeout, check=False)
        except (subprocess.TimeoutExpired, OSError) as error:
            raise Unreachable(self._name, f"{script[:120]!r}: {error}") from error
        return CommandResult(
            status=done.returncode,
            stdout=_text(done.stdout),
            stderr=_text(done.stderr),
            seconds=time.monotonic() - start,
        )

    def close(self) -> None:
        """Nothing is held."""


def _text(data: bytes) -> str:
    return data[:_KEPT_BYTES].decode("utf-8", errors="replace")
