"""Running the programs under scripts/ in a server, and reading what they print."""

import json
import shlex
from typing import Any

from portability.errors import CommandFailed, GuestError
from portability.guest.scripts import script
from portability.guest.shell import Shell
from portability.model.units import Seconds


def run_python(shell: Shell, name: str, *arguments: str, timeout: Seconds = 60.0, as_root: bool = False) -> Any:
    """What one of the programs printed, which is JSON.

    Raises:
        CommandFailed: it failed, or the server has no python3.
        GuestError: the server could not be reached.
    """
    command = shlex.join(("python3", "-", *arguments))
    result = shell.run(command, stdin=script(name).encode(), timeout=timeout, as_root=as_root)
    if result.status != 0:
        raise CommandFailed(shell.name, ("python3", name, *arguments), result.status, result.stderr)
    try:
        return json.loads(result.stdout)
    except ValueError as error:
        raise GuestError(shell.name, f"{name} printed no JSON: {result.stdout[:200]!r}") from error
