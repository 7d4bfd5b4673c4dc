"""Findings in words, for people who did not write the behaviours."""

from collections.abc import Sequence

from portability.model.behaviour import Behaviour, Impact, Scale
from portability.model.comparison import Comparison, QuantityResult, Status, SubjectComparison
from portability.model.observation import Outcome
from portability.model.reading import outcome_text
from portability.model.units import CloudLabel

_SHOWN = 3
"""So many subjects are written out; the rest is counted."""


def sentence_of(
    behaviour: Behaviour,
    comparison: Comparison,
    *,
    impact: Impact | None,
    because: str,
    clouds: tuple[CloudLabel, CloudLabel],
) -> str:
    """What a comparison means for the application, in one sentence."""
    match comparison.status:
        case Status.NOT_TESTED:
            return _sentence(f"Not tested: {comparison.reason}")
        case Status.INCONCLUSIVE if impact is None:
            return _sentence(f"Inconclusive: {comparison.reason}")
        case Status.SAME if impact is None:
            return _sentence(seen(behaviour, comparison, status=Status.SAME, clouds=clouds))
    if behaviour.scale is Scale.LIMIT:
        notes = dict.fromkeys(note for subject in comparison.subjects for note in subject.notes)
        return _sentence(f"{'; '.join(notes)}: {behaviour.breaks}")
    what = seen(behaviour, comparison, status=comparison.status, clouds=clouds)
    is_excused = impact in (Impact.HARMLESS, Impact.ABSORBED)
    return _sentence(f"{what}; {because}" if is_excused else f"{what}: {behaviour.breaks}")


def seen(behaviour: Behaviour, comparison: Comparison, *, status: Status, clouds: tuple[CloudLabel, CloudLabel]) -> str:
    """What both clouds showed, subject by subject, of the subjects with this status."""
    texts: dict[str, list[str]] = {}
    for subject in comparison.subjects:
        if subject.status is status:
            texts.setdefault(_beside(subject, unit=behaviour.unit, clouds=clouds), []).append(subject.subject)
    parts = [f"{_names(names)}: {text}" if any(names) else text for text, names in texts.items()]
    if len(texts) == 1 and len(comparison.subjects) == len(next(iter(texts.values()))):
        parts = list(texts)
    rest = len(parts) - _SHOWN
    return "; ".join(parts[:_SHOWN]) + (f"; and {rest} more" if rest > 0 else "")


def listed(items: Sequence[str], *, most: int = 8) -> str:
    """`a, b and c`, cut where it grows too long."""
    if len(items) > most:
        return f"{', '.join(items[:most])} and {len(items) - most} more"
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def _names(names: Sequence[str]) -> str:
    return listed([name or "the whole cloud" for name in names], most=_SHOWN)


def _beside(subject: SubjectComparison, *, unit: str, clouds: tuple[CloudLabel, CloudLabel]) -> str:
    if subject.quantity is not None and subject.quantity.shift is not None:
        return _medians(subject.quantity, unit=unit, clouds=clouds)
    baseline, candidate = (_outcomes(outcomes, unit) for outcomes in (subject.baseline, subject.candidate))
    if subject.quantity is not None:
        baseline = baseline or _median(subject.quantity.baseline.median, unit)
        candidate = candidate or _median(subject.quantity.candidate.median, unit)
    if baseline == candidate:
        return f"{baseline} on both clouds"
    # Only limits may have no outcome on one cloud.
    return f"{baseline or 'not needed'} on {clouds[0]}, {candidate or 'not needed'} on {clouds[1]}"


def _medians(quantity: QuantityResult, *, unit: str, clouds: tuple[CloudLabel, CloudLabel]) -> str:
    return (
        f"{_median(quantity.baseline.median, unit)} on {clouds[0]}, {_median(quantity.candidate.median, unit)} on "
        f"{clouds[1]} ({f'{quantity.shift:+.3g} {unit}'.rstrip()}, {len(quantity.baseline.values)} and "
        f"{len(quantity.candidate.values)} readings)"
    )


def _median(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}".rstrip()


def _outcomes(outcomes: Sequence[Outcome], unit: str) -> str:
    texts = [outcome_text(outcome) for outcome in outcomes]
    shown = [_shorten(f"{text} {unit}" if unit and _is_number(text) else text) for text in texts]
    return " or ".join(shown)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shorten(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text}." if text else ""
