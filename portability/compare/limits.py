"""Limits of one subject, each cloud's compared with the demand and never with the other cloud's number."""

from collections.abc import Sequence

from portability.compare.facts import distinct, unknown_status
from portability.model.comparison import Status, SubjectComparison
from portability.model.observation import Observation
from portability.model.reading import is_demand_met, outcome_text
from portability.model.units import CloudLabel


def compare_limits(
    subject: str,
    baseline: Sequence[Observation],
    candidate: Sequence[Observation],
    clouds: tuple[CloudLabel, CloudLabel],
) -> SubjectComparison:
    """Different if the demand is met on one cloud and not on the other; at least one observation on one of them.

    A limit that was read on one cloud only is one that the other cloud's binding has no use for (floating IPs, where
    servers have public addresses): nothing is demanded there, and nothing can fall short.
    """
    outcomes = [tuple(reading.outcome for reading in readings) for readings in (baseline, candidate)]
    met = [_is_met(readings) for readings in (baseline, candidate)]
    notes = [f"nothing is demanded on {clouds[index]}" for index, readings in enumerate(outcomes) if not readings]
    notes += [
        note
        for cloud, readings in zip(clouds, (baseline, candidate), strict=True)
        for note in _shortfalls(cloud, subject, readings)
    ]
    return SubjectComparison(
        subject=subject,
        status=unknown_status(*outcomes) if None in met else Status.SAME if met[0] == met[1] else Status.DIFFERENT,
        baseline=distinct(outcomes[0]),
        candidate=distinct(outcomes[1]),
        notes=tuple(notes),
    )


def _is_met(readings: Sequence[Observation]) -> bool | None:
    """One reading that is too small decides; else one that could not be told."""
    answers = [is_demand_met(reading.outcome) for reading in readings]
    if False in answers:
        return False
    return None if None in answers else True


def _shortfalls(cloud: CloudLabel, subject: str, readings: Sequence[Observation]) -> list[str]:
    words = {
        False: f"{cloud} does not meet the demand{f' for {subject}' if subject else ''}",
        None: f"no answer on {cloud}",
    }
    notes = [
        f"{words[answer]}: {reading.detail or outcome_text(reading.outcome)}"
        for reading in readings
        if (answer := is_demand_met(reading.outcome)) is not True
    ]
    return list(dict.fromkeys(notes))
