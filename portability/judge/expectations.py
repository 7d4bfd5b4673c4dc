"""What the workload expects of the clouds, put beside what they showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from portability.errors import BadFile, UsageError
from portability.judge.conditions import Condition, parse
from portability.model.behaviour import Behaviour
from portability.model.comparison import SubjectComparison
from portability.model.observation import Measured, Outcome, Refused
from portability.model.workload import Expectation, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """All that a workload expects of one behaviour: each condition has to hold."""

    conditions: tuple[Condition, ...]
    words: str
    """The conditions as they were written."""
    reason: str

    @property
    def is_any(self) -> bool:
        return all(condition.is_any for condition in self.conditions)

    def is_met(self, outcomes: Sequence[Outcome]) -> bool | None:
        """Whether every outcome is as expected; None: none is against it, and some could not be told.

        A refusal meets `any` and nothing else.
        """
        if self.is_any:
            return True
        if not outcomes:
            return None
        answers = [self._is_met_by(outcome) for outcome in outcomes]
        return False if False in answers else None if None in answers else True

    def _is_met_by(self, outcome: Outcome) -> bool | None:
        if isinstance(outcome, Measured):
            return all(condition.holds(outcome.value) for condition in self.conditions)
        return False if isinstance(outcome, Refused) else None


def expected_of(workload: Workload, behaviour: str) -> Expected | None:
    """What the workload expects of this behaviour; None: nothing.

    Raises:
        BadFile: a condition cannot be read.
    """
    expectations = [expectation for expectation in workload.expects if expectation.behaviour == behaviour]
    if not expectations:
        return None
    return Expected(
        conditions=tuple(_condition(workload, expectation) for expectation in expectations),
        words=" and ".join(expectation.condition for expectation in expectations),
        reason="; ".join(dict.fromkeys(expectation.reason for expectation in expectations)),
    )


def check_expectations(workload: Workload, behaviours: Sequence[Behaviour]) -> None:
    """Reads every expectation, so that a mistake is told before a run and not after it.

    Raises:
        BadFile: a condition cannot be read, or a behaviour is not in the catalogue.
    """
    known = [behaviour.id for behaviour in behaviours]
    for expectation in workload.expects:
        _condition(workload, expectation)
        if expectation.behaviour not in known:
            near = get_close_matches(expectation.behaviour, known, n=1)
            raise BadFile(
                workload.source or workload.name,
                f"no behaviour is called {expectation.behaviour!r}",
                key="expects",
                way_out=f"did you mean {near[0]}?" if near else "`portability behaviours` lists them",
            )


def outcomes_of(subject: SubjectComparison) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
    """What both clouds showed, to hold conditions against: a quantity stands by its median and its failures."""
    if subject.quantity is None:
        return subject.baseline, subject.candidate
    medians = (subject.quantity.baseline.median, subject.quantity.candidate.median)
    baseline, candidate = (() if value is None else (Measured(value=value),) for value in medians)
    return (*baseline, *subject.baseline), (*candidate, *subject.candidate)


def _condition(workload: Workload, expectation: Expectation) -> Condition:
    try:
        return parse(expectation.condition)
    except UsageError as error:
        raise BadFile(
            workload.source or workload.name,
            error.message,
            key=f"expects {expectation.behaviour}",
            way_out=error.way_out,
        ) from error
