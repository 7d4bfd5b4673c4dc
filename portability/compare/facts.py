"""Facts of one subject, compared exactly."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias, assert_never

from portability.model.comparison import Status, SubjectComparison
from portability.model.observation import Measured, Outcome, Refused, Unknown
from portability.model.reading import outcome_text
from portability.model.units import CloudLabel

_Key: TypeAlias = tuple[str, object]


def compare_facts(
    subject: str,
    baseline: Sequence[Outcome],
    candidate: Sequence[Outcome],
    clouds: tuple[CloudLabel, CloudLabel],
) -> SubjectComparison:
    """Same if both clouds showed the same values and nothing else; at least one outcome each.

    A refusal equals a refusal, whatever its words, and differs from every value. What could not be told is never the
    same: it is a difference if what was told has nothing in common, and inconclusive else.
    """
    notes = [
        note
        for cloud, outcomes in zip(clouds, (baseline, candidate), strict=True)
        for note in (_variation(cloud, outcomes), _ignorance(cloud, outcomes))
        if note
    ]
    return SubjectComparison(
        subject=subject,
        status=_status(baseline, candidate),
        baseline=distinct(baseline),
        candidate=distinct(candidate),
        notes=tuple(notes),
    )


def distinct(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Each outcome once, the most frequent first, equally frequent ones in the order of their words."""
    normal = [_normal(outcome) for outcome in outcomes]
    counts = Counter((_key(outcome), outcome_text(outcome)) for outcome in normal)
    firsts = {(_key(outcome), outcome_text(outcome)): outcome for outcome in reversed(normal)}
    return tuple(firsts[key] for key in sorted(counts, key=lambda key: (-counts[key], key[1], key[0][0])))


def unknown_status(baseline: Sequence[Outcome], candidate: Sequence[Outcome]) -> Status:
    """What to call it where something could not be told: nothing at all was told, or a part."""
    is_nothing_known = all(isinstance(outcome, Unknown) for outcome in (*baseline, *candidate))
    return Status.NOT_TESTED if is_nothing_known else Status.INCONCLUSIVE


def _status(baseline: Sequence[Outcome], candidate: Sequence[Outcome]) -> Status:
    known_baseline = {_key(outcome) for outcome in baseline if not isinstance(outcome, Unknown)}
    known_candidate = {_key(outcome) for outcome in candidate if not isinstance(outcome, Unknown)}
    if any(isinstance(outcome, Unknown) for outcome in (*baseline, *candidate)):
        if known_baseline and known_candidate and known_baseline.isdisjoint(known_candidate):
            return Status.DIFFERENT
        return unknown_status(baseline, candidate)
    return Status.SAME if known_baseline == known_candidate else Status.DIFFERENT


def _variation(cloud: CloudLabel, outcomes: Sequence[Outcome]) -> str:
    known = [outcome for outcome in outcomes if not isinstance(outcome, Unknown)]
    counts = Counter(_key(outcome) for outcome in known)
    if len(counts) < 2:
        return ""
    words = {_key(outcome): outcome_text(_normal(outcome)) for outcome in known}
    seen = "; ".join(f"{words[key]} ({count} of {len(known)})" for key, count in counts.most_common())
    return f"varies within {cloud}: {seen}"


def _ignorance(cloud: CloudLabel, outcomes: Sequence[Outcome]) -> str:
    reasons = list(dict.fromkeys(outcome.reason for outcome in outcomes if isinstance(outcome, Unknown)))
    if not reasons:
        return ""
    return f"no answer on {cloud}: {'; '.join(reasons)}"


def _normal(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Measured) and isinstance(outcome.value, tuple):
        return Measured(value=tuple(sorted(set(outcome.value))))
    return outcome


def _key(outcome: Outcome) -> _Key:
    """What two equal outcomes share. `True` is not 1."""
    match outcome:
        case Measured(value=bool(value)):
            return "boolean", value
        case Measured(value=tuple(value)):
            return "set", frozenset(value)
        case Measured(value=str(value)):
            return "text", value
        case Measured(value=value):
            return "number", value
        case Refused():
            return "refused", None
        case Unknown():
            return "unknown", None
        case _:
            assert_never(outcome)
