"""The arithmetic of two samples: medians, shifts and their intervals, without any distribution assumed.

No reading is dropped. Intervals are exact (order statistics; the Mann–Whitney distribution) and carry the confidence
that they really have, which for small samples is more than was asked for.
"""

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist, median

from portability.model.comparison import Interval

CONFIDENCE = 0.95
READINGS_FOR_P95 = 20
"""Below it, no reading lies above the 95th percentile, and the highest stands for itself."""
_EXACT_STEPS = 200_000
"""Up to this much work (58 readings on each cloud) the distribution of the shift is counted out; beyond, the normal
approximation serves (Hollander, Wolfe and Chicken 2014, section 4.3).
"""


def median_interval(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval | None:
    """An interval of the median between two order statistics; None: too few values (fewer than 6 at 95 %).

    The k-th value from below and from above enclose the median with probability 1 - 2 P(Bin(n, 1/2) < k)
    (Conover 1999, section 3.2). Any order.
    """
    n = len(values)
    tail = 0
    depth, outside = 0, 1.0
    for k in range(1, n // 2 + 1):
        tail += math.comb(n, k - 1)
        risk = 2 * tail / 2**n
        if risk > 1 - confidence:
            break
        depth, outside = k, risk
    if depth == 0:
        return None
    ordered = sorted(values)
    return Interval(low=ordered[depth - 1], high=ordered[n - depth], confidence=1 - outside)


def readings_for_median_interval(confidence: float = CONFIDENCE) -> int:
    """The fewest readings that give an interval of the median: 6 at 95 %."""
    return next(n for n in range(2, 100) if 2 / 2**n <= 1 - confidence)


def hodges_lehmann(baseline: Sequence[float], candidate: Sequence[float]) -> float:
    """The shift from baseline to candidate: the median of all differences (Hodges and Lehmann 1963); n >= 1 each."""
    return median(_differences(baseline, candidate))


def shift_interval(
    baseline: Sequence[float], candidate: Sequence[float], *, confidence: float = CONFIDENCE
) -> Interval | None:
    """The interval of the Hodges–Lehmann shift; None: too few values (fewer than 4 and 4 at 95 %).

    The k-th difference from below and from above, k from the Mann–Whitney distribution (Moses; Hollander, Wolfe and
    Chicken 2014, section 4.3). With tied values the true confidence is higher than stated, never lower.
    """
    if not baseline or not candidate:
        return None
    depth, reached = _shift_depth(len(baseline), len(candidate), confidence)
    if depth == 0:
        return None
    ordered = sorted(_differences(baseline, candidate))
    return Interval(low=ordered[depth - 1], high=ordered[-depth], confidence=reached)


def mann_whitney_p(baseline: Sequence[float], candidate: Sequence[float]) -> float | None:
    """The two-sided p-value of the rank test, for the record: no verdict rests on it. None: a sample is empty."""
    if not baseline or not candidate:
        return None
    if len({*baseline, *candidate}) == 1:
        return 1.0
    from scipy.stats import mannwhitneyu  # slow to import

    return min(1.0, float(mannwhitneyu(candidate, baseline, alternative="two-sided").pvalue))


def percentile_95(values: Sequence[float]) -> float | None:
    """The smallest value with 95 % of the sample at or below it; None: fewer than 20 values."""
    if len(values) < READINGS_FOR_P95:
        return None
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def two_modes(values: Sequence[float], *, resolution: float = 0.0) -> tuple[float, float] | None:
    """The medians of two clearly separate groups of readings; None: there are none.

    Clearly: there are six readings at least, a fifth of them in each group, and the gap between them is over twice as
    wide as the wider group and wider than what two polls could tell apart. A description for readers, not a test.
    """
    ordered = sorted(values)
    n = len(ordered)
    fewest = math.ceil(n / 5)
    if n < 6:
        return None
    split = max(range(fewest, n - fewest + 1), key=lambda i: ordered[i] - ordered[i - 1])
    low, high = ordered[:split], ordered[split:]
    gap = high[0] - low[-1]
    widest = max(low[-1] - low[0], high[-1] - high[0])
    if gap > 2 * widest and gap > 2 * resolution:
        return median(low), median(high)
    return None


def _differences(baseline: Sequence[float], candidate: Sequence[float]) -> list[float]:
    return [c - b for c in candidate for b in baseline]


@cache
def _shift_depth(m: int, n: int, confidence: float) -> tuple[int, float]:
    """How many differences to leave out on each side, plus one, and the confidence this gives; 0: not reachable."""
    if min(m, n) * m * n > _EXACT_STEPS:
        spread = math.sqrt(m * n * (m + n + 1) / 12)
        depth = math.floor(m * n / 2 - NormalDist().inv_cdf((1 + confidence) / 2) * spread)
        return max(0, depth), confidence
    ways = _mann_whitney_ways(max(m, n), min(m, n))
    total = math.comb(m + n, m)
    depth, outside, tail = 0, 1.0, 0
    for k in range(1, m * n // 2 + 1):
        tail += ways[k - 1]
        if 2 * tail / total > 1 - confidence:
            break
        depth, outside = k, 2 * tail / total
    return depth, 1 - outside


@cache
def _mann_whitney_ways(m: int, n: int) -> tuple[int, ...]:
    """In how many orders of m and n distinct values the statistic U is 0, 1, … mn.

    The coefficients of the Gaussian binomial (Mann and Whitney 1947), as a product of (1 - q^(m+i)) / (1 - q^i).
    """
    ways = [1] + [0] * (m * n)
    for i in range(1, n + 1):
        for power in range(m * n, m + i - 1, -1):
            ways[power] -= ways[power - m - i]
        for power in range(i, m * n + 1):
            ways[power] += ways[power - i]
    return tuple(ways)
