"""What a load came to, in the numbers that users would feel. Pure."""

import math
from collections import Counter
from collections.abc import Sequence

from portability.exercise.client import Write
from portability.model.run import ExerciseResult
from portability.model.units import CloudLabel, Seconds

_PERCENTILES = (50, 95, 99)


def summary(
    writes: Sequence[Write],
    *,
    cloud: CloudLabel,
    scenario: str,
    victim: str,
    seconds: Seconds,
    killed_at: Seconds,
    ids_before: Sequence[str],
    ids_after: Sequence[str],
    redundancy_restored: Seconds | None,
) -> ExerciseResult:
    """The result of a load of `seconds`, given in the order of sending, and what the database had before and after it.

    A write that was not acknowledged may or may not be in the database: neither is wrong. Lost is one that was
    acknowledged and is not there, phantom one that is there and nobody sent.
    """
    sent = {write.id for write in writes}
    acknowledged = {write.id for write in writes if write.is_acknowledged}
    there = Counter(ids_after)
    return ExerciseResult(
        cloud=cloud,
        scenario=scenario,
        victim=victim,
        requests=len(writes),
        failed=len(writes) - len(acknowledged),
        acknowledged=len(acknowledged),
        lost=len(acknowledged - there.keys()),
        phantom=len(there.keys() - sent - set(ids_before)),
        duplicate=sum(count - 1 for count in there.values()),
        longest_outage=longest_outage(writes, seconds=seconds),
        redundancy_restored=redundancy_restored,
        latency_ms=latencies(writes),
        timeline=tuple((round(w.sent, 3), round(w.latency * 1000, 1), w.is_acknowledged) for w in writes),
        killed_at=killed_at,
    )


def longest_outage(writes: Sequence[Write], *, seconds: Seconds) -> Seconds:
    """The longest time between the sending of two acknowledged writes with at least one failed write between them; the
    begin and the end of the load stand in where there is no acknowledged one. 0 if none failed.

    It goes by the time of sending, because that is when a user would have been served; and it is never shorter than the
    real outage, but may be longer by the distance of two requests on each side.
    """
    longest, last, has_failure = 0.0, 0.0, False
    for write in writes:
        if not write.is_acknowledged:
            has_failure = True
            continue
        if has_failure:
            longest = max(longest, write.sent - last)
        last, has_failure = write.sent, False
    if has_failure:
        longest = max(longest, seconds - last)
    return round(longest, 3)


def latencies(writes: Sequence[Write]) -> tuple[tuple[str, float], ...]:
    """Percentiles (nearest rank) and the maximum of acknowledged writes, in milliseconds; empty without any."""
    times = sorted(write.latency * 1000 for write in writes if write.is_acknowledged)
    if not times:
        return ()
    ranks = tuple((f"p{p}", round(times[math.ceil(p / 100 * len(times)) - 1], 1)) for p in _PERCENTILES)
    return (*ranks, ("max", round(times[-1], 1)))
