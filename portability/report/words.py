"""Values as words for people, and foreign text made harmless."""

import math
import statistics
from collections.abc import Sequence
from typing import assert_never

from portability.model.behaviour import Behaviour, Impact, Scale
from portability.model.comparison import SampleSummary, Status, SubjectComparison
from portability.model.observation import Measured, Outcome, Refused, Unknown, Value
from portability.model.units import Seconds
from portability.model.verdict import Finding
from portability.report.blocks import Chip, Tone

NOTHING = "–"
_LONG_SET = 6
_LONG_TEXT = 160


def seconds(duration: Seconds) -> str:
    if duration >= 3600:
        return f"{int(duration // 3600)} h {int(duration % 3600 // 60)} min"
    if duration >= 100:
        return f"{int(duration // 60)} min {int(duration % 60)} s"
    return f"{number(duration)} s"


def number(value: float) -> str:
    """Three significant digits, two below 1; whole numbers whole, thousands apart."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) or abs(value) >= 1000:
        return f"{round(value):,}"
    if abs(value) < 0.001:
        return f"{value:.1e}"
    magnitude = math.floor(math.log10(abs(value)))
    decimals = 2 - magnitude if magnitude >= 0 else 1 - magnitude
    return f"{value:.{max(0, decimals)}f}"


def quantity(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".rstrip()


def outcome(reading: Outcome, *, unit: str = "") -> str:
    match reading:
        case Measured(value=value):
            return _measured(value, unit)
        case Refused(reason=reason):
            return f"refused: {reason}"
        case Unknown(reason=reason):
            return f"unknown: {reason}"
        case _:
            assert_never(reading)


def _measured(value: Value, unit: str) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return quantity(value, unit)
        case tuple():
            return _members(value)
        case str():
            return value or "(empty)"


def outcomes(readings: Sequence[Outcome], *, unit: str = "") -> str:
    """All distinct ones, most frequent first."""
    return shortened(" / ".join(outcome(reading, unit=unit) for reading in readings)) or NOTHING


def both_sides(subject: SubjectComparison, behaviour: Behaviour) -> tuple[str, str]:
    """What each cloud shows, in a few words; of sets that differ only what the other has not."""
    if subject.quantity is not None:
        result = subject.quantity
        # Without any number there is only what was said instead: a refusal, a reason.
        left = sample(result.baseline, behaviour.unit) if result.baseline.values else outcomes(subject.baseline)
        right = sample(result.candidate, behaviour.unit) if result.candidate.values else outcomes(subject.candidate)
        return left, right
    if behaviour.scale is Scale.LIMIT:
        return _room(subject.baseline, behaviour), _room(subject.candidate, behaviour)
    match subject.baseline, subject.candidate:
        case (Measured(value=tuple() as a),), (Measured(value=tuple() as b),) if a != b:
            return _members_beyond(a, b), _members_beyond(b, a)
    return outcomes(subject.baseline, unit=behaviour.unit), outcomes(subject.candidate, unit=behaviour.unit)


def sample(summary: SampleSummary, unit: str) -> str:
    if summary.median is None:
        return NOTHING
    return quantity(summary.median, unit)


def sample_fine(summary: SampleSummary) -> str:
    """How sure the median is: its interval and the number of readings."""
    if summary.median is None:
        return f"{summary.failures} failed" if summary.failures else "no reading"
    parts = [f"n {len(summary.values)}"]
    if summary.interval is not None:
        parts.insert(0, f"{number(summary.interval.low)} to {number(summary.interval.high)}")
    if summary.failures:
        parts.append(f"{summary.failures} failed")
    return ", ".join(parts)


def chip(finding: Finding) -> Chip:
    """The one word for a finding."""
    match finding.impact:
        case Impact.HARMLESS:
            return Chip(text="harmless", tone=Tone.NOTE)
        case Impact.ABSORBED:
            return Chip(text="absorbed", tone=Tone.NOTE)
        case Impact.CHANGE:
            return Chip(text="change", tone=Tone.CHANGE)
        case Impact.BLOCKER:
            return Chip(text="blocker", tone=Tone.BAD)
        case None:
            return status_chip(finding.comparison.status, finding.behaviour.scale)


def status_chip(status: Status, scale: Scale) -> Chip:
    match status:
        case Status.SAME:
            return Chip(text="enough" if scale is Scale.LIMIT else "same", tone=Tone.GOOD)
        case Status.DIFFERENT:
            return Chip(text="different", tone=Tone.NOTE)
        case Status.INCONCLUSIVE:
            return Chip(text="inconclusive", tone=Tone.UNSURE)
        case Status.NOT_TESTED:
            return Chip(text="not tested", tone=Tone.UNSURE)


def is_told(finding: Finding) -> bool:
    """Nothing differs and nothing is open: a reader who wants only differences can do without it."""
    return finding.comparison.status is Status.SAME and finding.impact is None


def shift(subject: SubjectComparison, behaviour: Behaviour, candidate: str) -> str:
    """How the candidate stands to the baseline, with the interval."""
    result = subject.quantity
    if result is None or result.shift is None:
        return ""
    size = quantity(abs(result.shift), behaviour.unit)
    words = "equal" if result.shift == 0 else f"{'higher' if result.shift > 0 else 'lower'} by {size}"
    ratio = f" (×{number(result.ratio)})" if result.ratio is not None else ""
    interval = result.shift_interval
    span = (
        f", {interval.confidence * 100:.0f} % interval {number(interval.low)} to {number(interval.high)}"
        if interval
        else ""
    )
    margin = f"; within ±{quantity(result.margin, behaviour.unit)} counts as the same" if result.margin else ""
    return f"{candidate} {words}{ratio}{span}{margin}"


def median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def shortened(text: str, limit: int = _LONG_TEXT) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def count(amount: int, noun: str, plural: str = "") -> str:
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _room(readings: Sequence[Outcome], behaviour: Behaviour) -> str:
    """What a limit leaves: it is read as the room that is left once the demand is met, or as whether there is any."""
    match tuple(readings):
        case (Measured(value=bool() as fits),):
            return "fits" if fits else "does not fit"
        case (Measured(value=int() | float() as room),):
            size = quantity(abs(room), behaviour.unit)
            return f"{size} to spare" if room >= 0 else f"{size} too little"
    return outcomes(readings, unit=behaviour.unit)


def _members(members: tuple[str, ...]) -> str:
    if not members:
        return "none"
    if len(members) <= _LONG_SET:
        return ", ".join(members)
    return f"{', '.join(members[:_LONG_SET])} and {len(members) - _LONG_SET} more"


def _members_beyond(mine: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    shared = set(mine) & set(theirs)
    if not shared:
        return _members(mine)
    only = tuple(member for member in mine if member not in shared)
    return f"{len(shared)} in common, only here: {_members(only)}" if only else f"{len(shared)} in common"
