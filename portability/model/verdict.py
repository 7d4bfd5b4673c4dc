"""What is concluded, and from what."""

from dataclasses import dataclass
from enum import StrEnum

from portability.model.behaviour import Behaviour, Impact
from portability.model.comparison import Comparison
from portability.model.plan import BindingDifference
from portability.model.units import CloudLabel


class VerdictKind(StrEnum):
    PORTABLE = "portable"
    WITH_CHANGES = "portable_with_changes"
    NOT_PORTABLE = "not_portable"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A judged comparison."""

    behaviour: Behaviour
    comparison: Comparison
    impact: Impact | None
    """None where nothing differs or nothing could be told."""
    sentence: str
    """What it means for this application, in one sentence."""
    remedy: str = ""
    """Something to paste; empty where nothing is to be done."""
    because: str = ""
    """The expectation, binding or rule that decided the impact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A stage that did not succeed on a cloud."""

    cloud: CloudLabel
    stage: str
    message: str
    kind: str
    """quota, capacity, timeout, refused, unreachable, configuration, interrupted, left behind, bug"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: VerdictKind
    sentence: str
    """The answer, in one sentence for a manager."""
    reasons: tuple[str, ...]
    """What decided it."""
    findings: tuple[Finding, ...]
    """One for each behaviour of the catalogue that was in scope, in catalogue order."""
    to_do: tuple[BindingDifference, ...]
    failures: tuple[Failure, ...]
    schema_version: int = 1

    def with_impact(self, impact: Impact) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.impact is impact)
