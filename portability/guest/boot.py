"""What a server tells about its own boot."""

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

from portability.model.units import Seconds

Span: TypeAlias = tuple[str, Seconds, Seconds]

_STAGES = (
    ("init-local", "cloud-init local"),
    ("init", "cloud-init network"),
    ("modules-config", "cloud-init config"),
    ("modules-final", "cloud-init final"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BootReport:
    status: str
    """cloud-init's: `done`, `degraded done`, `error`, `running`; `none`: there is no cloud-init."""
    datasource: str
    """`ConfigDrive`, `OpenStack`, `Ec2`, `None`, …; empty: not known."""
    errors: tuple[str, ...]
    version: str
    """cloud-init's."""
    spans: tuple[Span, ...]
    """Wall time by the server's own clock, in seconds since 1970; in the order of their start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """One moment by two clocks of the server."""

    wall: Seconds
    uptime: Seconds

    def wall_of(self, monotonic: Seconds) -> Seconds:
        return self.wall - (self.uptime - monotonic)


def boot_report(*, status: str, version: str, units: str, manager: str, now: Now, is_container: bool) -> BootReport:
    """From status.json of cloud-init and what systemctl shows."""
    document = _v1(status)
    spans = (*_systemd_spans(units, manager, now, is_container=is_container), *_cloud_init_spans(document))
    return BootReport(
        status=_status(document),
        datasource=_datasource(document),
        errors=tuple(error for key, _ in _STAGES for error in _errors(document.get(key))),
        version=version.split()[-1] if version.strip() else "",
        spans=tuple(sorted(spans, key=lambda span: (span[1], span[2]))),
    )


def _v1(status: str) -> dict[str, Any]:
    try:
        document = json.loads(status).get("v1", {})
    except (ValueError, AttributeError):
        return {}
    return document if isinstance(document, dict) else {}


def _status(document: dict[str, Any]) -> str:
    if not document:
        return "none"
    stages = [document.get(key) for key, _ in _STAGES]
    if any(_errors(stage) for stage in stages):
        return "error"
    last = stages[-1]
    if document.get("stage") or not (isinstance(last, dict) and last.get("finished")):
        return "running"
    is_degraded = any(isinstance(stage, dict) and stage.get("recoverable_errors") for stage in stages)
    return "degraded done" if is_degraded else "done"


def _errors(stage: object) -> tuple[str, ...]:
    errors = stage.get("errors") if isinstance(stage, dict) else None
    return tuple(str(error)[:300] for error in errors) if isinstance(errors, list) else ()


def _datasource(document: dict[str, Any]) -> str:
    """`DataSourceOpenStackLocal [net,ver=2]` -> `OpenStack`: the same source, found before the network is up."""
    words = str(document.get("datasource") or "").split()
    return words[0].removeprefix("DataSource").removesuffix("Local") if words else ""


def _cloud_init_spans(document: dict[str, Any]) -> tuple[Span, ...]:
    found = []
    for key, name in _STAGES:
        stage = document.get(key)
        start, end = (stage.get("start"), stage.get("finished")) if isinstance(stage, dict) else (None, None)
        if isinstance(start, int | float) and isinstance(end, int | float):
            found.append((name, float(start), float(end)))
    return tuple(found)


def _systemd_spans(units: str, manager: str, now: Now, *, is_container: bool) -> tuple[Span, ...]:
    times = _properties(manager)
    userspace, finished = times.get("UserspaceTimestampMonotonic"), times.get("FinishTimestampMonotonic")
    found: list[Span] = []
    if userspace and not is_container:
        # The monotonic clock starts with the kernel; that of a container is its host's.
        found.append(("kernel", now.wall_of(0.0), now.wall_of(userspace)))
    if userspace and finished:
        found.append(("systemd", now.wall_of(userspace), now.wall_of(finished)))
    for block in units.split("\n\n"):
        name = next((line.removeprefix("Id=") for line in block.splitlines() if line.startswith("Id=")), "")
        active = _properties(block).get("ActiveEnterTimestampMonotonic")
        began = _properties(block).get("InactiveExitTimestampMonotonic")
        if name in ("ssh.service", "sshd.service") and active and began:
            found.append(("sshd", now.wall_of(began), now.wall_of(active)))
    # Debian's sshd.service is another name of ssh.service: the same unit twice.
    return tuple(dict.fromkeys(found))


def _properties(text: str) -> dict[str, Seconds]:
    """Times in seconds on the monotonic clock; those that are 0 have not happened."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if value.isdigit() and int(value):
            found[name] = int(value) / 1e6
    return found
