"""Running commands in a server: one method, and the few functions everybody builds on it."""

import shlex
from dataclasses import dataclass
from typing import Protocol

from portability.errors import CommandFailed
from portability.model.units import Seconds

DEFAULT_TIMEOUT: Seconds = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    status: int
    stdout: str
    stderr: str
    seconds: Seconds
    """From sending the command to its end, on the observer's clock."""


class Shell(Protocol):
    """A login on one server."""

    @property
    def name(self) -> str:
        """The server's role, for messages."""

    def run(
        self, script: str, *, stdin: bytes = b"", timeout: Seconds = DEFAULT_TIMEOUT, as_root: bool = False
    ) -> CommandResult:
        """Run a POSIX shell script. At most 1 MiB of each output is kept.

        Raises:
            Unreachable: no connection, or it broke, or the time was up.
        """

    def close(self) -> None: ...


def output(shell: Shell, *argv: str, timeout: Seconds = DEFAULT_TIMEOUT, as_root: bool = False) -> str:
    """What the command printed.

    Raises:
        CommandFailed: it ended with a status other than 0.
    """
    result = shell.run(shlex.join(argv), timeout=timeout, as_root=as_root)
    if result.status != 0:
        raise CommandFailed(shell.name, argv, result.status, result.stderr)
    return result.stdout


def script_output(shell: Shell, script: str, *, timeout: Seconds = DEFAULT_TIMEOUT, as_root: bool = False) -> str:
    """What a script printed, which must end with status 0.

    Raises:
        CommandFailed: it did not.
    """
    result = shell.run(script, timeout=timeout, as_root=as_root)
    if result.status != 0:
        raise CommandFailed(shell.name, ("sh", "-c", script), result.status, result.stderr)
    return result.stdout
