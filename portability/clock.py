"""Time: the one place for the wall clock, and the one way to wait."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import tenacity

from portability.model.units import Seconds

T = TypeVar("T")


def now() -> str:
    """Wall time in UTC, ISO 8601 with milliseconds and offset."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class TimeUp(Exception):
    """What was waited for did not come; `last` is what was fetched last (None: nothing)."""

    def __init__(self, what: str, timeout: Seconds, last: object) -> None:
        super().__init__(f"{what}: not within {timeout:.0f} s")
        self.what = what
        self.timeout = timeout
        self.last = last


def wait_until(
    fetch: Callable[[], T],
    reached: Callable[[T], bool],
    *,
    what: str,
    timeout: Seconds,
    interval: Seconds = 0.5,
    sleep: Callable[[Seconds], None] = time.sleep,
) -> T:
    """What `fetch` gives as soon as `reached` says yes. Errors of either pass through.

    Raises:
        TimeUp: after `timeout`; the last fetch begins before it.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda value: not reached(value)),
        stop=tenacity.stop_after_delay(timeout),
        wait=tenacity.wait_fixed(interval),
        sleep=sleep,
    )
    try:
        return retrying(fetch)
    except tenacity.RetryError as error:
        raise TimeUp(what, timeout, error.last_attempt.result()) from None
