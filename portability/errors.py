"""Every error that is raised on purpose.

PortabilityError                exit code
├── UsageError                  64  a command, file or plan that cannot work
│   ├── BadFile                     file, line, key, what was found, what is allowed
│   ├── UnknownCloud
│   └── ImpossiblePlan              what was needed, what there was
├── CloudError                  69  a cloud failed
│   ├── CannotConnect               network, TLS, credentials, missing service
│   ├── Refused                     the API said no (policy, quota, conflict): data, often caught
│   └── NotReached                  a state that did not come in time, or ERROR
├── GuestError                  69  a server failed
│   ├── Unreachable
│   ├── CommandFailed               argv, status, end of stderr
│   └── HostKeyChanged
├── ConfigurationFailed         69  the Ansible task and its output
├── LabError                    69
├── CannotWrite                 69  the disk is full, or the folder is not ours
├── LeftBehind                  75  resources that could not be deleted, with the commands that do
└── Interrupted                 130
"""

from enum import IntEnum


class ExitCode(IntEnum):
    PORTABLE = 0
    NOT_PORTABLE = 1
    INCONCLUSIVE = 2
    USAGE = 64
    UNAVAILABLE = 69
    BUG = 70
    LEFT_BEHIND = 75
    INTERRUPTED = 130


class PortabilityError(Exception):
    """An expected failure. The message says who, what, how much; `way_out` what the reader can do about it."""

    exit_code = ExitCode.UNAVAILABLE

    def __init__(self, message: str, *, way_out: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.message} ({self.way_out})" if self.way_out else self.message


class UsageError(PortabilityError):
    exit_code = ExitCode.USAGE


class BadFile(UsageError):
    """A file that people write is not as it should be."""

    def __init__(self, file: str, problem: str, *, line: int | None = None, key: str = "", way_out: str = "") -> None:
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {key + ': ' if key else ''}{problem}", way_out=way_out)
        self.file = file
        self.line = line
        self.key = key


class UnknownCloud(UsageError):
    pass


class ImpossiblePlan(UsageError):
    pass


class CloudError(PortabilityError):
    """One cloud failed; `cloud` is the label it has in this run."""

    def __init__(self, cloud: str, message: str, *, way_out: str = "") -> None:
        super().__init__(f"{cloud}: {message}", way_out=way_out)
        self.cloud = cloud


class CannotConnect(CloudError):
    pass


class Refused(CloudError):
    """The API said no: an answer, not a fault. `status` is the HTTP status."""

    def __init__(self, cloud: str, message: str, *, status: int, way_out: str = "") -> None:
        super().__init__(cloud, message, way_out=way_out)
        self.status = status


class NotReached(CloudError):
    pass


class GuestError(PortabilityError):
    """One server failed; `server` is its name."""

    def __init__(self, server: str, message: str, *, way_out: str = "") -> None:
        super().__init__(f"{server}: {message}", way_out=way_out)
        self.server = server


class Unreachable(GuestError):
    pass


class CommandFailed(GuestError):
    def __init__(self, server: str, argv: tuple[str, ...], status: int, stderr: str) -> None:
        tail = stderr.strip()[-300:]
        super().__init__(server, f"{' '.join(argv)[:200]!r} ended with {status}" + (f": {tail}" if tail else ""))
        self.argv = argv
        self.status = status
        self.stderr = stderr


class HostKeyChanged(GuestError):
    pass


class ConfigurationFailed(PortabilityError):
    """An Ansible task failed; the message shows the task, the host and the end of its output."""

    def __init__(self, cloud: str, message: str, *, way_out: str = "") -> None:
        super().__init__(f"{cloud}: {message}", way_out=way_out)
        self.cloud = cloud


class LabError(PortabilityError):
    pass


class CannotWrite(PortabilityError):
    """A file of the run could not be written."""


class LeftBehind(PortabilityError):
    exit_code = ExitCode.LEFT_BEHIND


class Interrupted(PortabilityError):
    exit_code = ExitCode.INTERRUPTED
