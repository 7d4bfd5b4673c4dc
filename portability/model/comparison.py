"""Two samples set side by side."""

from dataclasses import dataclass
from enum import StrEnum

from portability.model.observation import Outcome


class Status(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTED = "not tested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    low: float
    high: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSummary:
    """Readings of one quantity on one cloud; n may be 0."""

    values: tuple[float, ...]
    median: float | None
    interval: Interval | None
    """Of the median; None: too few readings."""
    p95: float | None
    low: float | None
    high: float | None
    failures: int
    """Readings that were refused or unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityResult:
    baseline: SampleSummary
    candidate: SampleSummary
    shift: float | None
    """Hodges–Lehmann estimate of candidate minus baseline."""
    shift_interval: Interval | None
    ratio: float | None
    """Candidate's median over baseline's."""
    p_value: float | None
    """Mann–Whitney, two-sided; for the record."""
    margin: float | None
    """In the behaviour's unit, after applying the relative part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectComparison:
    """One subject of a behaviour on both clouds. Facts have outcomes, quantities a result, limits both outcomes."""

    subject: str
    status: Status
    baseline: tuple[Outcome, ...]
    """Distinct outcomes, most frequent first; facts that vary within one cloud show more than one."""
    candidate: tuple[Outcome, ...]
    quantity: QuantityResult | None = None
    notes: tuple[str, ...] = ()
    """Warnings as data: "need 6 readings for a 95 % interval, have 2"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    behaviour: str
    status: Status
    """The worst of the subjects: different, inconclusive, not tested, same."""
    subjects: tuple[SubjectComparison, ...]
    reason: str = ""
    """Why it was not tested or is inconclusive, in words."""
