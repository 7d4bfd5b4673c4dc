"""One reading of a behaviour on a cloud."""

from dataclasses import dataclass
from typing import TypeAlias

from portability.model.units import CloudLabel

Value: TypeAlias = bool | int | float | str | tuple[str, ...]
"""Facts: bool, text, whole number, or a sorted tuple for a set. Quantities and limits: a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The cloud said no: a result, comparable as such."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """We could not tell: never "same", never "pass"."""

    reason: str


Outcome: TypeAlias = Measured | Refused | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    cloud: CloudLabel
    behaviour: str
    subject: str
    """Whose: a role (`db-0`), a flow (`app->db tcp/5432`), `canary`, or empty for the whole cloud. The same words on
    every cloud, because facts are compared subject by subject.
    """
    outcome: Outcome
    at: str
    """Wall time, ISO 8601 with offset."""
    repetition: int = 0
    resolution: float | None = None
    """For polled quantities: the reading is late by at most this, in the behaviour's unit."""
    evidence: str | None = None
    """A file under the run's evidence/ folder."""
    detail: str = ""
    """What was seen, in words: shown beside the value."""
