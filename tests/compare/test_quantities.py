import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.compare.compare import compare
from portability.model.behaviour import Better, Margin, Scale
from portability.model.comparison import QuantityResult, Status
from portability.model.observation import Outcome, Refused, Unknown, Value
from tests.compare.samples import A, B, behaviour, compared, readings

TIME = behaviour(Scale.QUANTITY)
times = st.lists(st.integers(1, 400).map(lambda n: n / 4), min_size=1, max_size=9)
NO_SERVER = Unknown(reason="no server came up")
TOO_MANY = Refused(reason="429")


def quantity(baseline: list[float], candidate: list[float], **options: float) -> tuple[Status, QuantityResult]:
    comparison = compared(TIME, baseline, candidate, **options)  # type: ignore[arg-type]
    result = comparison.subjects[0].quantity
    assert result is not None
    return comparison.status, result


def test_a_shift_wholly_inside_the_margin_is_the_same() -> None:
    status, result = quantity([10.0, 10.1, 10.2, 9.9, 10.0, 10.1], [10.3, 10.2, 10.4, 10.1, 10.3, 10.2])
    assert status is Status.SAME
    assert result.margin == pytest.approx(0.2 * (10.05 + 10.25) / 2)


def test_a_shift_wholly_outside_the_margin_is_different() -> None:
    status, result = quantity([10.0, 10.1, 10.2, 9.9, 10.0, 10.1], [20.3, 20.2, 20.4, 20.1, 20.3, 20.2])
    assert status is Status.DIFFERENT
    assert result.shift == pytest.approx(10.2, abs=0.05)
    assert result.ratio == pytest.approx(2.01, abs=0.01)


def test_noise_wider_than_the_margin_is_inconclusive_though_not_significant() -> None:
    comparison = compared(TIME, [5.0, 30.0, 8.0, 25.0, 12.0, 18.0], [6.0, 28.0, 9.0, 24.0, 11.0, 19.0])
    assert comparison.status is Status.INCONCLUSIVE
    assert "the margin is" in comparison.reason
    result = comparison.subjects[0].quantity
    assert result is not None
    assert result.p_value is not None
    assert result.p_value > 0.5


def test_too_few_readings_are_inconclusive_and_say_how_many_are_needed() -> None:
    comparison = compared(TIME, [10.0, 10.0], [90.0, 90.0])
    assert comparison.status is Status.INCONCLUSIVE
    assert comparison.reason == (
        "too few readings to tell a shift: need 6 readings on each cloud, have 2 on onprem and 2 on public"
    )
    assert "need 6 readings for a 95 % interval of the median, have 2 on public" in comparison.subjects[0].notes


def test_the_polling_interval_widens_the_margin() -> None:
    baseline, candidate = [10.0] * 6, [12.5] * 6
    assert quantity(baseline, candidate)[0] is Status.DIFFERENT
    assert quantity(baseline, candidate, resolution=0.5)[0] is Status.SAME


@given(times, times)
def test_swapping_the_clouds_flips_the_sign_and_no_class(baseline: list[float], candidate: list[float]) -> None:
    there, one = quantity(baseline, candidate)
    back, other = quantity(candidate, baseline)
    assert there is back
    assert one.shift == -(other.shift or 0.0)
    assert one.margin == other.margin


@given(times)
def test_identical_samples_are_never_different(values: list[float]) -> None:
    status, result = quantity(values, values)
    assert status is not Status.DIFFERENT
    assert result.shift == 0


@given(times, times, st.integers(2, 4))
def test_repeating_the_same_readings_never_turns_same_into_different(
    baseline: list[float], candidate: list[float], times_more: int
) -> None:
    once, _ = quantity(baseline, candidate)
    often, _ = quantity(baseline * times_more, candidate * times_more)
    assert (once, often) != (Status.SAME, Status.DIFFERENT)
    assert (once, often) != (Status.DIFFERENT, Status.SAME)


@given(times, times, st.sampled_from([2.0**-10, 0.5, 1024.0]))
def test_another_unit_changes_no_class(baseline: list[float], candidate: list[float], factor: float) -> None:
    scaled = behaviour(Scale.QUANTITY, margin=Margin(relative=0.2, absolute=1.0 * factor, reason="in another unit"))
    status, result = quantity(baseline, candidate, resolution=0.25)
    other = compared(scaled, [v * factor for v in baseline], [v * factor for v in candidate], resolution=0.25 * factor)
    assert other.status is status
    assert other.subjects[0].quantity is not None
    assert other.subjects[0].quantity.shift == (result.shift or 0.0) * factor


FAST, SLOW = [10.0] * 6, [20.0] * 6


@pytest.mark.parametrize(
    ("better", "baseline", "candidate", "expected"),
    [
        (Better.LOWER, [*FAST], [*FAST], Status.SAME),
        (Better.LOWER, [*FAST], [*FAST, NO_SERVER], Status.INCONCLUSIVE),
        (Better.LOWER, [*FAST, NO_SERVER], [*FAST, NO_SERVER], Status.INCONCLUSIVE),
        (Better.LOWER, [*FAST], [*SLOW, NO_SERVER], Status.DIFFERENT),
        (Better.LOWER, [*SLOW, NO_SERVER], [*FAST], Status.DIFFERENT),
        (Better.LOWER, [*SLOW], [*FAST, NO_SERVER], Status.INCONCLUSIVE),
        (Better.HIGHER, [*FAST], [*SLOW, NO_SERVER], Status.INCONCLUSIVE),
        (Better.HIGHER, [*SLOW], [*FAST, TOO_MANY], Status.DIFFERENT),
        (Better.NEITHER, [*FAST], [*SLOW, TOO_MANY], Status.INCONCLUSIVE),
        (Better.LOWER, [NO_SERVER], [NO_SERVER], Status.NOT_TESTED),
        (Better.LOWER, [*FAST], [NO_SERVER], Status.INCONCLUSIVE),
        (Better.LOWER, [*FAST], [TOO_MANY], Status.DIFFERENT),
        (Better.LOWER, [TOO_MANY], [TOO_MANY, TOO_MANY], Status.SAME),
        (Better.LOWER, [TOO_MANY], [NO_SERVER], Status.INCONCLUSIVE),
    ],
)
def test_a_failed_reading_never_makes_a_cloud_look_better(
    better: Better, baseline: list[Value | Outcome], candidate: list[Value | Outcome], expected: Status
) -> None:
    of = behaviour(Scale.QUANTITY, better=better)
    assert compared(of, baseline, candidate).status is expected


def test_failures_are_counted_and_their_reasons_kept() -> None:
    subject = compared(TIME, FAST, [*FAST, NO_SERVER]).subjects[0]
    assert subject.quantity is not None
    assert subject.quantity.candidate.failures == 1
    assert subject.candidate == (NO_SERVER,)
    assert "1 of 7 readings failed on public: no server came up" in subject.notes


def test_two_modes_are_told_in_the_notes() -> None:
    subject = compared(TIME, [1.0, 1.0, 1.1, 9.0, 9.1, 9.0], FAST).subjects[0]
    assert "two modes on onprem, around 1 and 9 s" in subject.notes


@pytest.mark.parametrize("value", [True, "fast", float("nan"), float("inf")])
def test_a_reading_that_is_no_number_is_a_bug(value: Value) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        compared(TIME, FAST, [value])


def test_each_subject_is_compared_with_itself_only() -> None:
    observations = [
        *readings(A, TIME, FAST, subject="app"),
        *readings(B, TIME, FAST, subject="app"),
        *readings(A, TIME, SLOW, subject="db"),
        *readings(B, TIME, SLOW, subject="db"),
    ]
    (comparison,) = compare(observations, (TIME,), (A, B))
    assert [(s.subject, s.status) for s in comparison.subjects] == [("app", Status.SAME), ("db", Status.SAME)]
