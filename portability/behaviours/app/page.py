"""The application, asked as its users do."""

import http.client
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from portability.behaviours.probes import Reading, measured, of_application, unknown
from portability.behaviours.views import ApplicationView
from portability.model.behaviour import Behaviour, Better, Cost, Impact, Level, Margin, Scale
from portability.model.units import Seconds

HEALTH = Behaviour(
    id="app.health",
    means="Whether the application works through all its tiers.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="The workload's own health page",
    breaks="The application does not run on this cloud.",
    remedy="Read the health page and the services' logs: journalctl -u SERVICE; then the findings about networks and "
    "volumes, which are the usual causes.",
    cost=Cost.SEVERAL,
    impact=Impact.BLOCKER,
    accepted=("true",),
)
PAGE = Behaviour(
    id="app.page_latency",
    means="How long a user waits for a page with content from the database, from where this program runs.",
    scale=Scale.QUANTITY,
    level=Level.RECOMMENDED,
    unit="ms",
    authority="Nielsen (1993): up to 100 ms feel immediate",
    breaks="Users notice that the application has become slower.",
    remedy="Look at net.latency.internal and vol.perf.fsync for the cause; larger flavors for the tier that is busy.",
    cost=Cost.SEVERAL,
    better=Better.LOWER,
    margin=Margin(relative=0.5, absolute=50.0, reason="half of what feels immediate"),
)

_REQUESTS = 30
_TRIES = 3
"""Whether it works is asked here, not how quickly: one slow answer on a busy cloud is no failure."""


@of_application(HEALTH)
def health(view: ApplicationView) -> Iterator[Reading]:
    status = None
    for _ in range(_TRIES):
        status, _seconds = _get(view, view.workload.application.health_path)
        if status == 200:
            break
    yield measured(HEALTH, status == 200, detail=f"HTTP {status}" if status else "no answer")


@of_application(PAGE)
def page(view: ApplicationView) -> Iterator[Reading]:
    for repetition in range(_REQUESTS):
        status, seconds = _get(view, view.workload.application.page_path)
        if status == 200:
            yield measured(PAGE, seconds * 1000, repetition=repetition)
        else:
            yield unknown(PAGE, f"HTTP {status}" if status else "no answer", repetition=repetition)


def _get(view: ApplicationView, path: str) -> tuple[int | None, Seconds]:
    """Status and time of one request on a connection of its own; no status: no answer."""
    parts = urlsplit(view.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=view.timeout)
    start = time.perf_counter()
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return None, time.perf_counter() - start
    finally:
        connection.close()
    return response.status, time.perf_counter() - start
