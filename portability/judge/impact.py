"""What a difference means for the workload at hand: the rules, first match first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portability.judge.absorption import absorbed_because
from portability.judge.expectations import Expected, outcomes_of
from portability.model.behaviour import Behaviour, Better, Impact, Level
from portability.model.comparison import SubjectComparison
from portability.model.observation import Measured, Outcome
from portability.model.plan import Plan
from portability.model.reading import is_demand_met, value_text
from portability.model.units import CloudLabel

_SEVERITY = (Impact.HARMLESS, Impact.ABSORBED, Impact.CHANGE, Impact.BLOCKER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    impact: Impact
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One subject of a behaviour that differs, and all that may excuse it."""

    behaviour: Behaviour
    subject: SubjectComparison
    expected: Expected | None
    plan: Plan | None
    clouds: tuple[CloudLabel, CloudLabel]


def judge_difference(case: Case) -> Judgement:
    """The first rule that has something to say decides."""
    for rule in _RULES:
        judgement = rule(case)
        if judgement is not None:
            return judgement
    return _by_default(case)


def judge_limit(case: Case) -> Judgement | None:
    """What a limit means, which is not compared with the other cloud; None: no cloud is known to be too small."""
    met = [_is_met(outcomes) for outcomes in (case.subject.baseline, case.subject.candidate)]
    short = [cloud for cloud, is_met in zip(case.clouds, met, strict=True) if is_met is False]
    if not short:
        return None
    impact = _at_least_change(case.behaviour.impact)
    if case.clouds[1] not in short:
        impact = Impact.CHANGE
    return Judgement(impact=impact, because=f"the demand is not met on {' and '.join(short)}")


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """The gravest; of equally grave ones the first."""
    return max(judgements, key=lambda judgement: _SEVERITY.index(judgement.impact))


def is_accepted(outcome: Outcome, behaviour: Behaviour) -> bool:
    """Whether this is what every portable cloud shows; sets by every member, refusals never."""
    if isinstance(outcome, Measured) and isinstance(outcome.value, tuple):
        return set(outcome.value) <= set(behaviour.accepted)
    return isinstance(outcome, Measured) and value_text(outcome.value) in behaviour.accepted


def _by_expectation(case: Case) -> Judgement | None:
    """What the workload says itself comes first, both ways."""
    if case.expected is None:
        return None
    met = [case.expected.is_met(outcomes) for outcomes in outcomes_of(case.subject)]
    if all(met):
        return Judgement(impact=Impact.HARMLESS, because=case.expected.reason)
    failing = [cloud for cloud, is_met in zip(case.clouds, met, strict=True) if is_met is not True]
    because = f"the workload expects {case.expected.words} ({case.expected.reason}): not so on {' and '.join(failing)}"
    impact = Impact.CHANGE if failing == [case.clouds[0]] else _at_least_change(case.behaviour.impact)
    return Judgement(impact=impact, because=because)


def _by_binding(case: Case) -> Judgement | None:
    because = absorbed_because(case.behaviour.absorbed_by, case.plan)
    return Judgement(impact=Impact.ABSORBED, because=because) if because else None


def _by_accepted_values(case: Case) -> Judgement | None:
    """Values that every portable cloud may show excuse a difference among them, and accuse the cloud outside."""
    if not case.behaviour.accepted or case.subject.quantity is not None:
        return None
    baseline, candidate = (
        all(is_accepted(outcome, case.behaviour) for outcome in outcomes)
        for outcomes in (case.subject.baseline, case.subject.candidate)
    )
    allowed = " or ".join(case.behaviour.accepted)
    if baseline and candidate:
        return Judgement(impact=Impact.HARMLESS, because=f"a portable cloud shows {allowed}, and both do")
    if baseline:
        impact = _at_least_change(case.behaviour.impact)
        return Judgement(impact=impact, because=f"a portable cloud shows {allowed}: {case.clouds[1]} does not")
    if candidate:
        # The application already runs where this is wrong: moving cannot be blocked by the cloud that does it right.
        impact = Impact.CHANGE if case.behaviour.level is Level.REQUIRED else Impact.HARMLESS
        return Judgement(impact=impact, because=f"a portable cloud shows {allowed}: {case.clouds[0]} does not")
    return None


def _by_direction(case: Case) -> Judgement | None:
    """A quantity that is better on the candidate does no harm."""
    if case.subject.quantity is None or case.subject.quantity.shift is None:
        return None
    is_lower = case.subject.quantity.shift < 0
    if case.behaviour.better is (Better.LOWER if is_lower else Better.HIGHER):
        direction = "lower" if is_lower else "higher"
        return Judgement(impact=Impact.HARMLESS, because=f"{direction} is better, and {case.clouds[1]} is {direction}")
    return None


_RULES: tuple[Callable[[Case], Judgement | None], ...] = (
    _by_expectation,
    _by_binding,
    _by_accepted_values,
    _by_direction,
)


def _by_default(case: Case) -> Judgement:
    """What the behaviour says of itself; required behaviours are never harmlessly different without a reason."""
    behaviour = case.behaviour
    if behaviour.level is Level.REQUIRED and behaviour.impact is not _at_least_change(behaviour.impact):
        return Judgement(impact=Impact.CHANGE, because="an unexpected difference in a required behaviour")
    return Judgement(impact=behaviour.impact, because=f"nothing excuses it; the behaviour is {behaviour.level}")


def _at_least_change(impact: Impact) -> Impact:
    return impact if impact is Impact.BLOCKER else Impact.CHANGE


def _is_met(outcomes: Sequence[Outcome]) -> bool | None:
    answers = [is_demand_met(outcome) for outcome in outcomes]
    return False if False in answers else None if None in answers else True
