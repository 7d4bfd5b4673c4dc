"""The wire below openstacksdk: requests are counted, held back to a rate, and repeated where that is safe."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import tenacity
from keystoneauth1.session import TCPKeepAliveAdapter
from urllib3.exceptions import NewConnectionError

from portability.model.units import Seconds

CONNECT_TIMEOUT: Seconds = 10.0
READ_TIMEOUT: Seconds = 60.0
ATTEMPTS = 5
LONGEST_PAUSE: Seconds = 60.0
"""A Retry-After beyond it is cut: better to ask once too often than to look dead."""

_IDEMPOTENT = frozenset({"GET", "HEAD", "DELETE"})
_PASSING = frozenset({502, 503, 504})
_VARIABLE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|pb-.*")
_VERSION = re.compile(r"v\d+(\.\d+)?")


class Throttle:
    """At most so many calls a second on average, `burst` of them at once. Thread-safe.

    openstacksdk has a limit too (`rate_limit` in clouds.yaml, which stays in force): that one is for each service by
    itself, and lets all calls pass at once that an idle minute saved up.
    """

    def __init__(
        self,
        per_second: float,
        *,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[Seconds], None] = time.sleep,
    ) -> None:
        self._interval = 1.0 / per_second
        self._slack = burst * self._interval
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._due = float("-inf")

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            self._due = max(self._due, now - self._slack) + self._interval
            pause = self._due - now
        if pause > 0:
            self._sleep(pause)


class Tally:
    """How often each call was made, repeats included. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._retries = 0
        self._services: tuple[tuple[str, str], ...] = ()

    def learn_services(self, endpoints: Mapping[str, str]) -> None:
        """Endpoint to service type, from the service catalogue: so that calls can be told by service."""
        self._services = tuple(sorted(endpoints.items(), key=lambda item: -len(item[0])))

    def add(self, method: str, url: str) -> None:
        with self._lock:
            self._calls[call_name(method, url, self._services)] += 1

    def add_retry(self) -> None:
        with self._lock:
            self._retries += 1

    def read(self) -> tuple[tuple[tuple[str, int], ...], int]:
        with self._lock:
            return tuple(sorted(self._calls.items())), self._retries


def call_name(method: str, url: str, services: tuple[tuple[str, str], ...]) -> str:
    """`compute GET /servers/{id}`: service type, method and path without versions, ids and names of ours."""
    service, path = "identity", urlsplit(url).path
    for endpoint, kind in services:
        if url.startswith(endpoint):
            service, path = kind, url[len(endpoint) :].split("?", 1)[0]
            break
    segments = [segment for segment in path.split("/") if segment and not _VERSION.fullmatch(segment)]
    shown = ["{id}" if _VARIABLE.fullmatch(segment) else segment for segment in segments]
    return f"{service} {method} /{'/'.join(shown)}"


class Transport(TCPKeepAliveAdapter):
    """Sends requests. What was surely not carried out is sent again, whatever it is: no connection, 429, and 413 or
    503 with Retry-After. What may have been carried out, only if twice is the same as once (GET, HEAD, DELETE).
    """

    def __init__(
        self,
        *,
        throttle: Throttle,
        tally: Tally,
        on_remark: Callable[[str], None],
        sleep: Callable[[Seconds], None] = time.sleep,
    ) -> None:
        self._throttle = throttle
        self._tally = tally
        self._on_remark = on_remark
        self._sleep = sleep
        self.is_patient = False
        """False while the session opens: a wrong address should be told at once."""
        super().__init__(pool_connections=16, pool_maxsize=32)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if not kwargs.get("timeout"):
            kwargs["timeout"] = (CONNECT_TIMEOUT, READ_TIMEOUT)

        def once() -> requests.Response:
            self._throttle.wait()
            self._tally.add(request.method or "", request.url or "")
            return super(Transport, self).send(request, *args, **kwargs)

        retrying = tenacity.Retrying(
            retry=lambda state: self.is_patient and _is_worth_repeating(request.method or "", state),
            wait=_pause,
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            sleep=self._sleep,
            before_sleep=lambda state: self._tell(request, state),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        response: requests.Response = retrying(once)
        return response

    def _tell(self, request: requests.PreparedRequest, state: tenacity.RetryCallState) -> None:
        self._tally.add_retry()
        outcome = state.outcome
        if outcome is None:
            return
        if outcome.failed:
            answer = f"failed: {_innermost(outcome.exception())}"
        else:
            answer = f"answered {outcome.result().status_code}"
            outcome.result().close()
        pause = state.next_action.sleep if state.next_action else 0.0
        self._on_remark(f"{request.method} {urlsplit(request.url or '').path} {answer}; again in {pause:.1f} s")


def _is_worth_repeating(method: str, state: tenacity.RetryCallState) -> bool:
    outcome = state.outcome
    if outcome is None:
        return False
    if outcome.failed:
        return _is_passing_failure(method, outcome.exception())
    response = outcome.result()
    # Nova before Havana said 413 for its rate limit, as some rate-limiting proxies still do; a 413 for size has no
    # Retry-After. 503 with it comes from a proxy or a service that did not take the request.
    is_untouched = response.status_code == 429 or (
        response.status_code in (413, 503) and "Retry-After" in response.headers
    )
    return is_untouched or (method in _IDEMPOTENT and response.status_code in _PASSING)


def _is_passing_failure(method: str, error: BaseException | None) -> bool:
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return False
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(_innermost(error), NewConnectionError):
        return True
    transient = (requests.exceptions.ConnectionError, requests.exceptions.Timeout)
    return method in _IDEMPOTENT and isinstance(error, transient)


def _innermost(error: BaseException | None) -> BaseException | None:
    """requests wraps urllib3's MaxRetryError, which has the cause as `reason`."""
    inner = error.args[0] if error is not None and error.args else None
    reason = getattr(inner, "reason", None)
    return reason if isinstance(reason, BaseException) else error


def _pause(state: tenacity.RetryCallState) -> Seconds:
    exponential = tenacity.wait_exponential_jitter(initial=0.5, max=10.0)(state)
    if state.outcome is None or state.outcome.failed:
        return exponential
    told = retry_after(state.outcome.result().headers.get("Retry-After", ""), now=datetime.now(UTC))
    return exponential if told is None else min(told, LONGEST_PAUSE)


def retry_after(header: str, *, now: datetime) -> Seconds | None:
    """How long to wait: delta-seconds or an HTTP date (RFC 9110, 10.2.3). None: it says nothing that can be read."""
    if header.strip().isdigit():
        return float(header)
    try:
        due = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    aware = due if due.tzinfo else due.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
