"""Quantities of one subject, compared by the interval of their shift against a margin.

Same: the whole interval lies inside the margin. Different: wholly outside. Else inconclusive: "not significant" is not
"the same".
"""

import math
from collections.abc import Sequence
from statistics import median

from portability.compare import statistics
from portability.compare.facts import distinct, unknown_status
from portability.model.behaviour import Behaviour, Better, Margin
from portability.model.comparison import Interval, QuantityResult, SampleSummary, Status, SubjectComparison
from portability.model.observation import Measured, Observation, Outcome, Refused, Unknown
from portability.model.units import CloudLabel


def compare_quantities(
    behaviour: Behaviour,
    subject: str,
    baseline: Sequence[Observation],
    candidate: Sequence[Observation],
    clouds: tuple[CloudLabel, CloudLabel],
) -> SubjectComparison:
    """The two samples side by side; at least one observation each.

    Raises:
        ValueError: the behaviour has no margin, or a reading is not a finite number.
    """
    if behaviour.margin is None:
        raise ValueError(f"{behaviour.id} is a quantity and has no margin")
    summaries = (_summary(behaviour, baseline), _summary(behaviour, candidate))
    resolution = max((reading.resolution or 0.0 for reading in (*baseline, *candidate)), default=0.0)
    result = _result(*summaries, margin=behaviour.margin, resolution=resolution)
    failed = (_failed(baseline), _failed(candidate))
    if result.shift is None:
        status, why = _without_numbers(baseline, candidate), ""
    else:
        status, why = _classify(result, behaviour=behaviour, clouds=clouds)
    notes = _sample_notes(summaries, failed, clouds=clouds, unit=behaviour.unit, resolution=resolution)
    return SubjectComparison(
        subject=subject,
        status=status,
        baseline=distinct(failed[0]),
        candidate=distinct(failed[1]),
        quantity=result,
        notes=(why, *notes) if why else tuple(notes),
    )


def absolute_margin(margin: Margin, *medians: float, resolution: float = 0.0) -> float:
    """The margin in the behaviour's unit.

    The relative part is of the mean of both medians, not of the baseline's, so that swapping the clouds swaps the sign
    of a result and nothing else. Polled readings are late by up to their resolution, which therefore is added.
    """
    centre = sum(abs(value) for value in medians) / len(medians)
    return max(margin.relative * centre, margin.absolute) + resolution


def _summary(behaviour: Behaviour, readings: Sequence[Observation]) -> SampleSummary:
    values = tuple(_number(behaviour, r.outcome.value) for r in readings if isinstance(r.outcome, Measured))
    return SampleSummary(
        values=values,
        median=median(values) if values else None,
        interval=statistics.median_interval(values),
        p95=statistics.percentile_95(values),
        low=min(values, default=None),
        high=max(values, default=None),
        failures=len(readings) - len(values),
    )


def _number(behaviour: Behaviour, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{behaviour.id} is a quantity: its reading {value!r} is not a finite number")
    return float(value)


def _result(baseline: SampleSummary, candidate: SampleSummary, *, margin: Margin, resolution: float) -> QuantityResult:
    if baseline.median is None or candidate.median is None:
        return QuantityResult(
            baseline=baseline,
            candidate=candidate,
            shift=None,
            shift_interval=None,
            ratio=None,
            p_value=None,
            margin=None,
        )
    is_ratio_sensible = baseline.median > 0 and candidate.median > 0
    return QuantityResult(
        baseline=baseline,
        candidate=candidate,
        shift=statistics.hodges_lehmann(baseline.values, candidate.values),
        shift_interval=statistics.shift_interval(baseline.values, candidate.values),
        ratio=candidate.median / baseline.median if is_ratio_sensible else None,
        p_value=statistics.mann_whitney_p(baseline.values, candidate.values),
        margin=absolute_margin(margin, baseline.median, candidate.median, resolution=resolution),
    )


def _classify(
    result: QuantityResult, *, behaviour: Behaviour, clouds: tuple[CloudLabel, CloudLabel]
) -> tuple[Status, str]:
    interval, margin = result.shift_interval, result.margin
    if interval is None or margin is None:
        return Status.INCONCLUSIVE, _too_few(result, clouds)
    status = _interval_status(interval, margin)
    if status is Status.INCONCLUSIVE:
        shift = f"between {interval.low:+.4g} and {_amount(interval.high, behaviour.unit, sign='+')}"
        return (
            status,
            f"the shift lies {shift}, the margin is {_amount(margin, behaviour.unit)}: more readings may tell",
        )
    doubt = _doubt(status, result, better=behaviour.better, clouds=clouds)
    return (Status.INCONCLUSIVE, doubt) if doubt else (status, "")


def _interval_status(interval: Interval, margin: float) -> Status:
    if -margin <= interval.low and interval.high <= margin:
        return Status.SAME
    if interval.low > margin or interval.high < -margin:
        return Status.DIFFERENT
    return Status.INCONCLUSIVE


def _doubt(status: Status, result: QuantityResult, *, better: Better, clouds: tuple[CloudLabel, CloudLabel]) -> str:
    """Why failed readings forbid the conclusion; empty: they do not.

    A reading that failed has no number and may have been the worst: clouds are not the same with such readings, and a
    cloud does not look better for what it did not answer. A cloud that is worse even without them stays worse.
    """
    failures = (result.baseline.failures, result.candidate.failures)
    if status is Status.DIFFERENT and better is not Better.NEITHER:
        is_candidate_better = ((result.shift or 0.0) < 0) is (better is Better.LOWER)
        failures = (0, failures[1]) if is_candidate_better else (failures[0], 0)
    blamed = [f"{count} on {cloud}" for cloud, count in zip(clouds, failures, strict=True) if count]
    return f"readings failed ({', '.join(blamed)}) and may have been the worst" if blamed else ""


def _without_numbers(baseline: Sequence[Observation], candidate: Sequence[Observation]) -> Status:
    """The status where one cloud at least gave no number: a refusal equals a refusal and differs from a number."""
    sides = [tuple(reading.outcome for reading in readings) for readings in (baseline, candidate)]
    if any(isinstance(outcome, Unknown) for outcome in (*sides[0], *sides[1])):
        return unknown_status(*sides)
    kinds = [{type(outcome) for outcome in side} for side in sides]
    return Status.SAME if kinds[0] == kinds[1] else Status.DIFFERENT


def _too_few(result: QuantityResult, clouds: tuple[CloudLabel, CloudLabel]) -> str:
    have = " and ".join(
        f"{len(summary.values)} on {cloud}"
        for cloud, summary in zip(clouds, (result.baseline, result.candidate), strict=True)
    )
    need = statistics.readings_for_median_interval()
    return f"too few readings to tell a shift: need {need} readings on each cloud, have {have}"


def _failed(readings: Sequence[Observation]) -> tuple[Outcome, ...]:
    return tuple(r.outcome for r in readings if isinstance(r.outcome, Refused | Unknown))


def _sample_notes(
    summaries: tuple[SampleSummary, SampleSummary],
    failed: tuple[tuple[Outcome, ...], tuple[Outcome, ...]],
    *,
    clouds: tuple[CloudLabel, CloudLabel],
    unit: str,
    resolution: float,
) -> list[str]:
    notes: list[str] = []
    for cloud, summary, failures in zip(clouds, summaries, failed, strict=True):
        n = len(summary.values)
        if failures:
            reasons = dict.fromkeys(f.reason for f in failures if isinstance(f, Refused | Unknown))
            notes.append(f"{len(failures)} of {n + len(failures)} readings failed on {cloud}: {'; '.join(reasons)}")
        if n and summary.interval is None:
            need = statistics.readings_for_median_interval()
            notes.append(f"need {need} readings for a 95 % interval of the median, have {n} on {cloud}")
        modes = statistics.two_modes(summary.values, resolution=resolution)
        if modes:
            notes.append(f"two modes on {cloud}, around {modes[0]:.4g} and {_amount(modes[1], unit)}")
    return notes


def _amount(number: float, unit: str, *, sign: str = "-") -> str:
    return f"{number:{sign}.4g} {unit}".rstrip()
