import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.compare.compare import compare
from portability.model.behaviour import Scale
from portability.model.comparison import Status
from portability.model.observation import Measured, Outcome, Refused, Unknown, Value
from tests.compare.samples import A, B, behaviour, compared, readings, with_detail

FACT, LIMIT = behaviour(Scale.FACT), behaviour(Scale.LIMIT)
NO, NOT_NOW, LOST = Refused(reason="403"), Refused(reason="409"), Unknown(reason="no shell")

values = st.one_of(
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from(["", "1", "true", "virtio"]),
    st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
)
known = st.one_of(values.map(lambda value: Measured(value=value)), st.sampled_from([NO, NOT_NOW]))
outcomes = st.lists(st.one_of(known, st.just(LOST)), min_size=1, max_size=4)


@given(st.lists(known, min_size=1, max_size=4))
def test_facts_are_the_same_as_themselves(seen: list[Outcome]) -> None:
    assert compared(FACT, seen, seen).status is Status.SAME


@given(outcomes, outcomes)
def test_swapping_the_clouds_changes_no_class_of_a_fact(one: list[Outcome], other: list[Outcome]) -> None:
    assert compared(FACT, one, other).status is compared(FACT, other, one).status


@given(outcomes, outcomes)
def test_what_could_not_be_told_is_never_the_same(one: list[Outcome], other: list[Outcome]) -> None:
    for sides in ((one, [*other, LOST]), ([LOST, *one], other)):
        assert compared(FACT, *sides).status is not Status.SAME


@given(outcomes, outcomes, st.randoms(use_true_random=False))
def test_the_order_of_readings_does_not_matter(one: list[Outcome], other: list[Outcome], rng: object) -> None:
    shuffled = list(one)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = compared(FACT, one, other), compared(FACT, shuffled, other)
    assert first.status is second.status
    assert first.subjects[0].baseline == second.subjects[0].baseline


@pytest.mark.parametrize(
    ("baseline", "candidate", "expected"),
    [
        ([True], [True], Status.SAME),
        ([True], [False], Status.DIFFERENT),
        ([True], [1], Status.DIFFERENT),
        ([1450], [1400], Status.DIFFERENT),
        ([("b", "a")], [("a", "b")], Status.SAME),
        ([("a",)], [("a", "b")], Status.DIFFERENT),
        ([()], [()], Status.SAME),
        ([NO], [NOT_NOW], Status.SAME),
        ([NO], [False], Status.DIFFERENT),
        ([True, False], [True], Status.DIFFERENT),
        ([True, False], [False, True, True], Status.SAME),
        ([LOST], [LOST], Status.NOT_TESTED),
        ([True], [LOST], Status.INCONCLUSIVE),
        ([True, LOST], [True], Status.INCONCLUSIVE),
        ([True, LOST], [False], Status.DIFFERENT),
        ([True, LOST], [True, False], Status.INCONCLUSIVE),
        ([NO], [LOST], Status.INCONCLUSIVE),
    ],
)
def test_facts_are_compared_exactly(
    baseline: list[Value | Outcome], candidate: list[Value | Outcome], expected: Status
) -> None:
    assert compared(FACT, baseline, candidate).status is expected


def test_a_fact_that_varies_within_one_cloud_is_told() -> None:
    subject = compared(FACT, [True, True, False], [True]).subjects[0]
    assert subject.baseline == (Measured(value=True), Measured(value=False))
    assert "varies within onprem: true (2 of 3); false (1 of 3)" in subject.notes


def test_a_fact_that_was_not_observed_on_one_cloud_is_not_tested() -> None:
    comparison = compared(FACT, [True], [])
    assert (comparison.status, comparison.reason) == (Status.NOT_TESTED, "not observed on public")
    assert comparison.subjects[0].baseline == (Measured(value=True),)


def test_a_fact_that_nobody_observed_is_not_tested() -> None:
    assert compared(FACT, [], []).reason == "not observed on either cloud"


def test_facts_are_compared_subject_by_subject() -> None:
    observations = [
        *readings(A, FACT, [True], subject="app-0"),
        *readings(A, FACT, [False], subject="db-0"),
        *readings(B, FACT, [False], subject="app-0"),
        *readings(B, FACT, [True], subject="db-0"),
    ]
    (comparison,) = compare(observations, (FACT,), (A, B))
    assert comparison.status is Status.DIFFERENT
    assert [subject.status for subject in comparison.subjects] == [Status.DIFFERENT, Status.DIFFERENT]


def test_the_worst_subject_gives_the_status_and_says_why() -> None:
    observations = [
        *readings(A, FACT, [True], subject="app-0"),
        *readings(B, FACT, [True], subject="app-0"),
        *readings(A, FACT, [True], subject="app-1"),
        *readings(A, FACT, [True], subject="db-0"),
        *readings(B, FACT, [LOST], subject="db-0"),
    ]
    (comparison,) = compare(observations, (FACT,), (A, B))
    assert comparison.status is Status.INCONCLUSIVE
    assert comparison.reason == "db-0: no answer on public: no shell"


def test_a_difference_outweighs_what_could_not_be_told_elsewhere() -> None:
    observations = [
        *readings(A, FACT, [True], subject="app-0"),
        *readings(B, FACT, [False], subject="app-0"),
        *readings(A, FACT, [True], subject="db-0"),
        *readings(B, FACT, [LOST], subject="db-0"),
    ]
    (comparison,) = compare(observations, (FACT,), (A, B))
    assert (comparison.status, comparison.reason) == (Status.DIFFERENT, "")


@pytest.mark.parametrize(
    ("baseline", "candidate", "expected"),
    [
        ([200], [20], Status.SAME),
        ([0], [1000], Status.SAME),
        ([-1], [20], Status.DIFFERENT),
        ([-1], [-7], Status.SAME),
        ([True], [False], Status.DIFFERENT),
        ([True], [NO], Status.DIFFERENT),
        ([True, False], [False], Status.SAME),
        ([True], [LOST], Status.INCONCLUSIVE),
        ([LOST], [LOST], Status.NOT_TESTED),
    ],
)
def test_limits_are_compared_with_the_demand_and_not_with_each_other(
    baseline: list[Value | Outcome], candidate: list[Value | Outcome], expected: Status
) -> None:
    assert compared(LIMIT, baseline, candidate).status is expected


def test_a_limit_that_is_too_small_says_so_in_the_words_of_the_probe() -> None:
    observations = [
        *readings(A, LIMIT, [True], subject="instances"),
        *with_detail(readings(B, LIMIT, [False], subject="instances"), "8 needed, 5 free"),
    ]
    (comparison,) = compare(observations, (LIMIT,), (A, B))
    assert comparison.subjects[0].notes == ("public does not meet the demand for instances: 8 needed, 5 free",)


@pytest.mark.parametrize(("value", "expected"), [(3, Status.SAME), (-3, Status.DIFFERENT), (LOST, Status.NOT_TESTED)])
def test_a_limit_that_one_cloud_has_no_use_for_is_judged_by_the_other(value: Value | Outcome, expected: Status) -> None:
    observations = [
        *readings(A, LIMIT, [5], subject="instances"),
        *readings(B, LIMIT, [5], subject="instances"),
        *readings(A, LIMIT, [value], subject="floating_ips"),
    ]
    (comparison,) = compare(observations, (LIMIT,), (A, B))
    assert {s.subject: s.status for s in comparison.subjects} == {"instances": Status.SAME, "floating_ips": expected}
    assert "nothing is demanded on public" in comparison.subjects[0].notes


def test_behaviours_keep_their_order_and_strangers_are_left_out() -> None:
    stranger = readings("elsewhere", FACT, [False])
    comparisons = compare([*readings(A, FACT, [True]), *readings(B, FACT, [True]), *stranger], (LIMIT, FACT), (A, B))
    assert [(c.behaviour, c.status) for c in comparisons] == [
        (LIMIT.id, Status.NOT_TESTED),
        (FACT.id, Status.SAME),
    ]


def test_two_clouds_of_one_name_are_a_bug() -> None:
    with pytest.raises(ValueError, match="suffix"):
        compare([], (FACT,), (A, A))
