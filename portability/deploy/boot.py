"""Waiting until servers run and volumes are there: one list call a tick and kind, however many there are."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portability.clock import TimeUp, wait_until
from portability.cloud.protocol import Cloud, Resource, ServerStatus, VolumeStatus
from portability.errors import CloudError, NotReached
from portability.model.deployment import BootTimeline
from portability.model.units import Seconds

TICK: Seconds = 0.5
SERVER_TIMEOUT: Seconds = 300.0
VOLUME_TIMEOUT: Seconds = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A server that was asked for."""

    resource: Resource
    at: Seconds
    """Monotonic, when the request was sent."""
    accepted: Seconds
    """From the request to its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted:
    timeline: BootTimeline
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How one waits: factors and seams of all waits of a deployment."""

    cloud: Cloud
    prefix: str
    factor: float
    check: Callable[[], None]
    """Called once a tick; raises when waiting makes no sense any more."""
    sleep: Callable[[Seconds], None] = time.sleep
    clock: Callable[[], Seconds] = time.monotonic


def wait_for_servers(
    waiting: Waiting, requested: Mapping[str, Requested], *, on_active: Callable[[str, ServerStatus], None]
) -> dict[str, Booted]:
    """What is known of each role when all are ACTIVE. `on_active` is told each as soon as it is seen.

    Raises:
        NotReached: one is in ERROR or gone, or not ACTIVE in time; with its fault and the end of its console.
    """
    booted: dict[str, Booted] = {}
    seen: dict[str, str] = {}

    def tick() -> None:
        waiting.check()
        statuses = {status.id: status for status in waiting.cloud.servers(waiting.prefix)}
        now = waiting.clock()
        for role, request in requested.items():
            status = statuses.get(request.resource.id)
            if role in booted or status is None:
                continue
            seen[role] = status.status
            if status.status == "ERROR":
                raise _server_failed(waiting, request, f"ERROR: {status.fault or 'no fault is told'}")
            if status.status == "ACTIVE":
                timeline = BootTimeline(
                    accepted=request.accepted, active=now - request.at, resolution=TICK, requested_at=request.at
                )
                booted[role] = Booted(timeline=timeline, zone=status.zone)
                on_active(role, status)

    timeout = SERVER_TIMEOUT * waiting.factor
    try:
        wait_until(
            tick,
            lambda _: len(booted) == len(requested),
            what="servers ACTIVE",
            timeout=timeout,
            interval=TICK,
            sleep=waiting.sleep,
        )
    except TimeUp as error:
        late = next(role for role in requested if role not in booted)
        raise _server_failed(
            waiting, requested[late], f"still {seen.get(late, 'not listed')} after {timeout:.0f} s"
        ) from error
    return booted


def wait_for_volumes(waiting: Waiting, volume_ids: frozenset[str], status: str) -> None:
    """Nothing, when all have this status.

    Raises:
        NotReached: one ended in an error state, or is late.
    """
    if not volume_ids:
        return
    last: dict[str, VolumeStatus] = {}

    def are_there() -> bool:
        waiting.check()
        found = {volume.id: volume for volume in waiting.cloud.volumes(waiting.prefix) if volume.id in volume_ids}
        last.update(found)
        failed = next((volume for volume in found.values() if volume.status.startswith("error")), None)
        if failed is not None:
            raise NotReached(
                waiting.cloud.label,
                f"volume {failed.name} ended in {failed.status}",
                way_out="does its type have room? --keep leaves it for inspection",
            )
        return len(found) == len(volume_ids) and all(volume.status == status for volume in found.values())

    timeout = VOLUME_TIMEOUT * waiting.factor
    try:
        wait_until(are_there, bool, what="volumes", timeout=timeout, interval=TICK, sleep=waiting.sleep)
    except TimeUp as error:
        late = [volume for volume in last.values() if volume.status != status]
        shown = ", ".join(f"{volume.name} is {volume.status}" for volume in late) or "the cloud does not list them"
        raise NotReached(
            waiting.cloud.label,
            f"volumes not {status} after {timeout:.0f} s: {shown}",
            way_out="--keep leaves them for inspection",
        ) from error


def _server_failed(waiting: Waiting, request: Requested, what: str) -> NotReached:
    console = _console_end(waiting.cloud, request.resource.id)
    end = f"; the console ends at {console!r}" if console else "; its console is empty"
    return NotReached(
        waiting.cloud.label, f"server {request.resource.name}: {what}{end}", way_out="--keep leaves it for inspection"
    )


def _console_end(cloud: Cloud, server_id: str) -> str:
    try:
        log = cloud.console_log(server_id, lines=20)
    except CloudError:
        return ""
    return " / ".join(line.strip() for line in log.splitlines() if line.strip())[-200:]
