"""Two clouds compared, behaviour by behaviour: a pure function of what was observed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, assert_never

from portability.compare.facts import compare_facts
from portability.compare.limits import compare_limits
from portability.compare.quantities import compare_quantities
from portability.model.behaviour import Behaviour, Scale
from portability.model.comparison import Comparison, Status, SubjectComparison
from portability.model.observation import Observation
from portability.model.units import CloudLabel

_WORST_FIRST = (Status.DIFFERENT, Status.INCONCLUSIVE, Status.NOT_TESTED, Status.SAME)
_Readings: TypeAlias = Mapping[CloudLabel, Sequence[Observation]]


def compare(
    observations: Iterable[Observation],
    behaviours: tuple[Behaviour, ...],
    clouds: tuple[CloudLabel, CloudLabel],
) -> tuple[Comparison, ...]:
    """One comparison for each behaviour, in their order; clouds are baseline and candidate.

    Observations of other behaviours and other clouds are left out.

    Raises:
        ValueError: a reading does not fit the scale of its behaviour.
    """
    if clouds[0] == clouds[1]:
        raise ValueError(f"both clouds are called {clouds[0]}: give one of them a suffix")
    by_behaviour: defaultdict[str, list[Observation]] = defaultdict(list)
    for observation in observations:
        if observation.cloud in clouds:
            by_behaviour[observation.behaviour].append(observation)
    return tuple(_compare_behaviour(behaviour, by_behaviour[behaviour.id], clouds) for behaviour in behaviours)


def _compare_behaviour(
    behaviour: Behaviour, observations: Sequence[Observation], clouds: tuple[CloudLabel, CloudLabel]
) -> Comparison:
    seen_on = {observation.cloud for observation in observations}
    missing = [cloud for cloud in clouds if cloud not in seen_on]
    by_subject: defaultdict[str, dict[CloudLabel, list[Observation]]] = defaultdict(
        lambda: {cloud: [] for cloud in clouds}
    )
    for observation in observations:
        by_subject[observation.subject][observation.cloud].append(observation)
    subjects = tuple(
        _compare_subject(behaviour, subject, readings, clouds) for subject, readings in sorted(by_subject.items())
    )
    if missing:
        reason = f"not observed on {missing[0]}" if len(missing) == 1 else "not observed on either cloud"
        return Comparison(behaviour=behaviour.id, status=Status.NOT_TESTED, subjects=subjects, reason=reason)
    present = {subject.status for subject in subjects}
    status = next(status for status in _WORST_FIRST if status in present)
    return Comparison(behaviour=behaviour.id, status=status, subjects=subjects, reason=_reason(status, subjects))


def _compare_subject(
    behaviour: Behaviour, subject: str, readings: _Readings, clouds: tuple[CloudLabel, CloudLabel]
) -> SubjectComparison:
    baseline, candidate = (readings[cloud] for cloud in clouds)
    outcomes = tuple(tuple(reading.outcome for reading in readings[cloud]) for cloud in clouds)
    if behaviour.scale is not Scale.LIMIT and not (baseline and candidate):
        return SubjectComparison(
            subject=subject,
            status=Status.NOT_TESTED,
            baseline=outcomes[0],
            candidate=outcomes[1],
            notes=(f"not observed on {clouds[1] if baseline else clouds[0]}",),
        )
    match behaviour.scale:
        case Scale.FACT:
            return compare_facts(subject, outcomes[0], outcomes[1], clouds)
        case Scale.LIMIT:
            return compare_limits(subject, baseline, candidate, clouds)
        case Scale.QUANTITY:
            return compare_quantities(behaviour, subject, baseline, candidate, clouds)
        case _:
            assert_never(behaviour.scale)


def _reason(status: Status, subjects: Sequence[SubjectComparison]) -> str:
    """Why it was not tested or is inconclusive: what the subjects in question say, each sentence once."""
    if status not in (Status.INCONCLUSIVE, Status.NOT_TESTED):
        return ""
    notes: dict[str, list[str]] = {}
    for subject in subjects:
        if subject.status is status and subject.notes:
            notes.setdefault(subject.notes[0], []).append(subject.subject)
    return "; ".join(
        f"{', '.join(names)}: {note}" if any(names) and len(subjects) > 1 else note for note, names in notes.items()
    )
