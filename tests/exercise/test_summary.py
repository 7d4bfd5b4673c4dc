"""What a load comes to: counted by hand, and against a slow but obvious oracle."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portability.exercise.client import Write
from portability.exercise.summary import latencies, longest_outage, summary
from portability.model.run import ExerciseResult


def write(sent: float, *, ok: bool = True, id_: str = "", latency: float = 0.01) -> Write:
    return Write(id=id_ or f"w{sent}", sent=sent, latency=latency, is_acknowledged=ok)


def result(writes: Sequence[Write], **changes: Any) -> ExerciseResult:
    given_: dict[str, Any] = {"ids_before": (), "ids_after": tuple(w.id for w in writes), "redundancy_restored": 4.0}
    return summary(
        writes, cloud="here", scenario="kill_server", victim="app-1", seconds=10, killed_at=5.0, **(given_ | changes)
    )


def series(*acknowledged: bool) -> tuple[Write, ...]:
    return tuple(write(float(second), ok=ok) for second, ok in enumerate(acknowledged))


def test_without_a_failure_there_is_no_outage() -> None:
    assert longest_outage(series(True, True, True), seconds=3) == 0
    assert longest_outage((), seconds=3) == 0


def test_an_outage_reaches_from_the_last_good_write_to_the_next() -> None:
    assert longest_outage(series(True, True, False, False, True, False, True), seconds=7) == 3


def test_an_outage_can_last_from_the_begin_or_to_the_end() -> None:
    assert longest_outage(series(False, False, True), seconds=3) == 2
    assert longest_outage(series(True, False, False), seconds=3) == 3
    assert longest_outage(series(False, False), seconds=2) == 2


@given(st.lists(st.tuples(st.integers(1, 100), st.booleans()), max_size=30), st.integers(1, 50))
def test_the_outage_agrees_with_brute_force(steps: list[tuple[int, bool]], rest: int) -> None:
    writes, now = [], 0
    for step, ok in steps:
        now += step
        writes.append(write(float(now), ok=ok))
    end = float(now + rest)
    edges = [0.0, *(w.sent for w in writes if w.is_acknowledged), end]
    failed = [w.sent for w in writes if not w.is_acknowledged]
    expected = max((b - a for a, b in itertools.pairwise(edges) if any(a < f < b for f in failed)), default=0.0)
    assert math.isclose(longest_outage(writes, seconds=end), expected)


def test_an_acknowledged_write_that_is_not_there_is_lost() -> None:
    writes = (write(0, id_="a"), write(1, id_="b"), write(2, id_="c", ok=False))
    found = result(writes, ids_after=("a",))
    assert (found.requests, found.acknowledged, found.failed, found.lost) == (3, 2, 1, 1)


def test_a_write_without_an_acknowledgement_may_be_there_or_not() -> None:
    writes = (write(0, id_="a", ok=False),)
    for ids_after in ((), ("a",)):
        found = result(writes, ids_after=ids_after)
        assert (found.lost, found.phantom, found.duplicate) == (0, 0, 0)


def test_what_nobody_sent_is_a_phantom_unless_it_was_there_before() -> None:
    found = result((write(0, id_="a"),), ids_before=("old",), ids_after=("old", "a", "ghost"))
    assert (found.lost, found.phantom, found.duplicate) == (0, 1, 0)


def test_what_is_there_twice_is_a_duplicate() -> None:
    assert result((write(0, id_="a"),), ids_after=("a", "a", "a")).duplicate == 2


def test_percentiles_are_nearest_ranks_of_answered_writes() -> None:
    writes = [write(i, latency=i / 1000) for i in range(1, 101)] + [write(101, ok=False, latency=9.0)]
    assert latencies(writes) == (("p50", 50.0), ("p95", 95.0), ("p99", 99.0), ("max", 100.0))
    assert latencies(writes[:1]) == (("p50", 1.0), ("p95", 1.0), ("p99", 1.0), ("max", 1.0))
    assert latencies(writes[-1:]) == ()


def test_the_timeline_keeps_every_write() -> None:
    found = result((write(0.12345, latency=0.0123), write(1, ok=False)))
    assert found.timeline == ((0.123, 12.3, True), (1, 10.0, False))
    assert (found.killed_at, found.redundancy_restored, found.victim) == (5.0, 4.0, "app-1")
