"""Reading a server's console through the API."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_canaries, refused, unknown
from portability.behaviours.views import CanaryView
from portability.guest.console import host_keys
from portability.model.behaviour import Behaviour, Cost, Level, Scale

CONSOLE = Behaviour(
    id="boot.console_log",
    means="Whether one can read what a server says while it boots, without logging in.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Nova API, os-getConsoleOutput; Tempest, compute-feature-enabled.console_output; SCS-0101 depends on it",
    breaks="A server that does not come up cannot be examined, and its SSH host key cannot be checked before the first "
    "login.",
    remedy="Boot the image with console=tty0 console=ttyS0,115200; else send logs away from the server.",
    cost=Cost.SERVER,
    accepted=("works",),
)


@of_canaries(CONSOLE)
def console_log(view: CanaryView) -> Iterator[Reading]:
    """One reading: the best that was seen, since a log may lag behind."""
    problems = [run.console_problem for run in view.runs if run.console_problem]
    logs = [run.console for run in view.runs if run.console is not None]
    longest = max(logs, key=len, default="")
    if longest.strip():
        keys = "with SSH host keys" if any(host_keys(log) for log in logs) else "without SSH host keys"
        yield measured(CONSOLE, "works", subject="canary", detail=keys, evidence=longest)
    elif logs:
        yield measured(CONSOLE, "empty", subject="canary")
    elif problems:
        yield refused(CONSOLE, problems[0], subject="canary")
    else:
        yield unknown(CONSOLE, "no canary came up", subject="canary")
