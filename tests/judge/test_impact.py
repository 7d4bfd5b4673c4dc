import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.model.behaviour import Behaviour, Better, Impact, Level, Scale
from portability.model.comparison import Status
from portability.model.observation import Refused, Unknown
from portability.model.plan import BindingDifference, Plan
from portability.model.verdict import Finding
from portability.model.workload import Expectation
from tests.judge.runs import A, behaviour, complete, expects, finding, observed, plan, without_plan, workload

REQUIRED, RECOMMENDED, INFORMATIONAL = Level.REQUIRED, Level.RECOMMENDED, Level.INFORMATIONAL
HARMLESS, ABSORBED, CHANGE, BLOCKER = Impact.HARMLESS, Impact.ABSORBED, Impact.CHANGE, Impact.BLOCKER
NO = Refused(reason="403")


def found(
    of: Behaviour, baseline: object, candidate: object, *expected: Expectation, planned: Plan | None = None
) -> Finding:
    return finding(complete(*observed(of, baseline, candidate), of=workload(*expected), planned=planned), of)


@pytest.mark.parametrize(
    ("level", "impact", "accepted", "condition", "baseline", "candidate", "expected"),
    [
        # Nothing differs, nothing matters.
        (REQUIRED, BLOCKER, (), None, 1450, 1450, None),
        (REQUIRED, BLOCKER, ("true",), "== true", False, False, None),
        # What the behaviour says of itself, where nobody says more.
        (RECOMMENDED, BLOCKER, (), None, 1450, 1400, BLOCKER),
        (RECOMMENDED, CHANGE, (), None, 1450, 1400, CHANGE),
        (RECOMMENDED, HARMLESS, (), None, 1450, 1400, HARMLESS),
        (INFORMATIONAL, HARMLESS, (), None, 1450, 1400, HARMLESS),
        # An unexpected difference in a required behaviour is never harmless.
        (REQUIRED, HARMLESS, (), None, 1450, 1400, CHANGE),
        (REQUIRED, ABSORBED, (), None, 1450, 1400, CHANGE),
        (REQUIRED, CHANGE, (), None, 1450, 1400, CHANGE),
        (REQUIRED, BLOCKER, (), None, 1450, 1400, BLOCKER),
        # The workload can live with it, or cannot.
        (REQUIRED, BLOCKER, (), ">= 1280", 1450, 1400, HARMLESS),
        (REQUIRED, BLOCKER, (), ">= 1280", 1450, 1200, BLOCKER),
        (REQUIRED, CHANGE, (), ">= 1280", 1450, 1200, CHANGE),
        (INFORMATIONAL, HARMLESS, (), ">= 1280", 1450, 1200, CHANGE),
        (REQUIRED, BLOCKER, (), ">= 1280", 1200, 1450, CHANGE),
        (REQUIRED, BLOCKER, (), ">= 1280", 1200, 1201, BLOCKER),
        (REQUIRED, BLOCKER, (), "any", 1450, NO, HARMLESS),
        (REQUIRED, BLOCKER, (), ">= 1280", 1450, NO, BLOCKER),
        # Values that every portable cloud may show.
        (REQUIRED, BLOCKER, ("a", "b"), None, "a", "b", HARMLESS),
        (REQUIRED, BLOCKER, ("true",), None, True, False, BLOCKER),
        (REQUIRED, CHANGE, ("true",), None, True, False, CHANGE),
        (RECOMMENDED, HARMLESS, ("true",), None, True, False, CHANGE),
        (REQUIRED, BLOCKER, ("true",), None, False, True, CHANGE),
        (RECOMMENDED, BLOCKER, ("true",), None, False, True, HARMLESS),
        (REQUIRED, BLOCKER, ("true",), None, True, [True, False], BLOCKER),
        (REQUIRED, BLOCKER, ("true",), None, True, NO, BLOCKER),
        (RECOMMENDED, CHANGE, ("a",), None, "b", "c", CHANGE),
        (RECOMMENDED, CHANGE, ("a", "b", "c"), None, ("a", "b"), ("b", "c"), HARMLESS),
        (RECOMMENDED, CHANGE, ("a", "b"), None, ("a", "b"), ("b", "c"), CHANGE),
        # The workload's word goes before the profile's.
        (REQUIRED, BLOCKER, ("true",), "any", True, False, HARMLESS),
    ],
)
def test_what_a_difference_of_facts_means(
    level: Level,
    impact: Impact,
    accepted: tuple[str, ...],
    condition: str | None,
    baseline: object,
    candidate: object,
    expected: Impact | None,
) -> None:
    of = behaviour(level=level, impact=impact, accepted=accepted)
    result = found(of, baseline, candidate, *([expects(condition)] if condition else []))
    assert result.impact is expected
    assert bool(result.because) is (expected is not None)
    assert result.remedy == (of.remedy if expected in (CHANGE, BLOCKER) else "")


@given(
    st.sampled_from(Level), st.sampled_from(Impact), st.sampled_from([(), ("true",), ("false",), ("true", "false")]),
    st.booleans(),
)  # fmt: skip
def test_a_required_difference_is_harmless_only_for_a_reason(
    level: Level, impact: Impact, accepted: tuple[str, ...], candidate: bool
) -> None:
    of = behaviour(level=level, impact=impact, accepted=accepted)
    result = found(of, not candidate, candidate)
    if level is REQUIRED and accepted != ("true", "false"):
        assert result.impact in (CHANGE, BLOCKER)
    if accepted == ("true", "false"):
        assert result.impact is HARMLESS


ACCESS = BindingDifference(aspect="access", baseline="floating", candidate="direct", what_to_do="drop the floating IP")
FLAVOR = BindingDifference(aspect="flavor of app", baseline="m1.small", candidate="b2-7", what_to_do="name it")


@pytest.mark.parametrize(
    ("aspect", "planned", "expected"),
    [
        ("access", plan(ACCESS), ABSORBED),
        ("access", plan(), ABSORBED),
        ("flavor", plan(FLAVOR), ABSORBED),
        ("boot_from_volume", plan(), ABSORBED),
        ("config_drive", plan(), ABSORBED),
        ("config_drive", plan(config_drive=(False, False)), CHANGE),
        ("config_drive", plan(config_drive=(True, False)), CHANGE),
        ("moon phase", plan(ACCESS), CHANGE),
        (None, plan(ACCESS), CHANGE),
    ],
)
def test_a_difference_that_the_bindings_deal_with_is_absorbed(
    aspect: str | None, planned: Plan, expected: Impact
) -> None:
    of = behaviour(level=REQUIRED, absorbed_by=aspect)
    result = found(of, "floating", "direct", planned=planned)
    assert result.impact is expected
    if planned.differences and expected is ABSORBED:
        assert planned.differences[0].candidate in result.because


def test_without_a_plan_nothing_is_absorbed() -> None:
    of = behaviour(absorbed_by="access")
    assert finding(without_plan(complete(*observed(of, 1, 2))), of).impact is CHANGE


FAST, SLOW = [10.0] * 6, [20.0] * 6


@pytest.mark.parametrize(
    ("better", "impact", "condition", "baseline", "candidate", "expected"),
    [
        (Better.LOWER, CHANGE, None, SLOW, FAST, HARMLESS),
        (Better.LOWER, CHANGE, None, FAST, SLOW, CHANGE),
        (Better.LOWER, BLOCKER, None, FAST, SLOW, BLOCKER),
        (Better.HIGHER, CHANGE, None, FAST, SLOW, HARMLESS),
        (Better.HIGHER, CHANGE, None, SLOW, FAST, CHANGE),
        (Better.NEITHER, CHANGE, None, SLOW, FAST, CHANGE),
        (Better.LOWER, BLOCKER, "<= 30", FAST, SLOW, HARMLESS),
        (Better.LOWER, CHANGE, "<= 15", FAST, SLOW, CHANGE),
        (Better.LOWER, CHANGE, "<= 30", FAST, [*SLOW, Unknown(reason="timeout")], CHANGE),
        (Better.LOWER, CHANGE, None, FAST, [NO], CHANGE),
        (Better.LOWER, CHANGE, None, FAST[:2], SLOW[:2], None),
        (Better.LOWER, CHANGE, None, FAST, FAST, None),
    ],
)
def test_what_a_difference_of_quantities_means(
    better: Better, impact: Impact, condition: str | None, baseline: object, candidate: object, expected: Impact | None
) -> None:
    of = behaviour(scale=Scale.QUANTITY, better=better, impact=impact)
    assert found(of, baseline, candidate, *([expects(condition)] if condition else [])).impact is expected


@pytest.mark.parametrize(
    ("impact", "baseline", "candidate", "status", "expected"),
    [
        (BLOCKER, 10, 500, Status.SAME, None),
        (BLOCKER, True, True, Status.SAME, None),
        (BLOCKER, True, False, Status.DIFFERENT, BLOCKER),
        (CHANGE, 10, -1, Status.DIFFERENT, CHANGE),
        (HARMLESS, 10, -1, Status.DIFFERENT, CHANGE),
        (BLOCKER, False, True, Status.DIFFERENT, CHANGE),
        (CHANGE, False, False, Status.SAME, CHANGE),
        (CHANGE, Unknown(reason="not told"), False, Status.INCONCLUSIVE, CHANGE),
        (CHANGE, Unknown(reason="not told"), True, Status.INCONCLUSIVE, None),
    ],
)
def test_a_demand_that_is_not_met_needs_a_change(
    impact: Impact, baseline: object, candidate: object, status: Status, expected: Impact | None
) -> None:
    of = behaviour("quota.headroom", scale=Scale.LIMIT, impact=impact)
    result = found(of, baseline, candidate)
    assert (result.comparison.status, result.impact) == (status, expected)


def test_the_gravest_subject_decides() -> None:
    from dataclasses import replace

    of = behaviour(accepted=("a", "b", "c"))
    readings = [
        *(replace(o, subject="x") for o in observed(of, "a", "b")),
        *(replace(o, subject="y") for o in observed(of, "a", "d")),
        *(replace(o, subject="z") for o in observed(of, "b", "c")),
    ]
    assert finding(complete(*readings), of).impact is CHANGE


@pytest.mark.parametrize(
    ("of", "baseline", "candidate", "condition", "sentence"),
    [
        (behaviour(), 1450, 1400, None, "1450 on onprem, 1400 on public: Large packets are lost."),
        (behaviour(), 1450, 1400, "any", "1450 on onprem, 1400 on public; it copes."),
        (behaviour(), True, True, None, "true on both clouds."),
        (behaviour(), True, None, None, "Not tested: not observed on public."),
        (
            behaviour(),
            True,
            Unknown(reason="no shell"),
            None,
            "Inconclusive: no answer on public: no shell.",
        ),
        (
            behaviour(scale=Scale.QUANTITY),
            FAST,
            SLOW,
            None,
            "10 s on onprem, 20 s on public (+10 s, 6 and 6 readings): Large packets are lost.",
        ),
        (
            behaviour(scale=Scale.LIMIT),
            True,
            False,
            None,
            "public does not meet the demand: false: Large packets are lost.",
        ),
    ],
)
def test_a_finding_says_what_was_seen_and_what_it_means(
    of: Behaviour, baseline: object, candidate: object, condition: str | None, sentence: str
) -> None:
    assert found(of, baseline, candidate, *([expects(condition)] if condition else [])).sentence == sentence


def test_subjects_that_show_the_same_are_told_together() -> None:
    from dataclasses import replace

    of = behaviour()
    readings = [
        replace(o, subject=subject)
        for subject, candidate in (("app-0", 1400), ("app-1", 1400), ("db-0", 1450))
        for o in observed(of, 1450, candidate)
    ]
    assert finding(complete(*readings), of).sentence.startswith("app-0 and app-1: 1450 on onprem, 1400 on public")
    assert A in finding(complete(*readings), of).sentence
