"""Findings: each comparison with what it means for the workload."""

from portability.judge.expectations import expected_of
from portability.judge.impact import Case, Judgement, is_accepted, judge_difference, judge_limit, worst
from portability.judge.wording import sentence_of
from portability.model.behaviour import Behaviour, Impact, Level, Scale
from portability.model.comparison import Comparison, Status
from portability.model.journal import Run
from portability.model.verdict import Finding
from portability.model.workload import Workload


def find(run: Run, comparison: Comparison, behaviour: Behaviour) -> Finding:
    """The comparison judged for the workload of the run.

    Raises:
        BadFile: a condition of the workload cannot be read.
    """
    judgement = _judgement(run, comparison, behaviour)
    impact = judgement.impact if judgement else None
    because = judgement.because if judgement else ""
    return Finding(
        behaviour=behaviour,
        comparison=comparison,
        impact=impact,
        sentence=sentence_of(behaviour, comparison, impact=impact, because=because, clouds=run.info.clouds),
        remedy=behaviour.remedy if impact in (Impact.CHANGE, Impact.BLOCKER) else "",
        because=because,
    )


def is_decisive(finding: Finding, workload: Workload) -> bool:
    """Whether the verdict cannot be given while this is not known: facts and limits that are required, or that the
    workload counts on. Quantities never are: their repetitions cost time, and slow is not broken.
    """
    behaviour = finding.behaviour
    if behaviour.scale is Scale.QUANTITY:
        return False
    expected = expected_of(workload, behaviour.id)
    return behaviour.level is Level.REQUIRED if expected is None else not expected.is_any


def is_untold(finding: Finding) -> bool:
    return finding.comparison.status in (Status.INCONCLUSIVE, Status.NOT_TESTED) and finding.impact is None


def is_wrong_on_both(finding: Finding, workload: Workload) -> bool:
    """Whether both clouds alike show what no portable cloud should: no difference, and still worth knowing."""
    behaviour = finding.behaviour
    expected = expected_of(workload, behaviour.id)
    if behaviour.level is not Level.REQUIRED or not behaviour.accepted or (expected and expected.is_any):
        return False
    return any(
        not is_accepted(outcome, behaviour)
        for subject in finding.comparison.subjects
        if subject.status is Status.SAME and subject.quantity is None
        for outcome in (*subject.baseline, *subject.candidate)
    )


def _judgement(run: Run, comparison: Comparison, behaviour: Behaviour) -> Judgement | None:
    expected = expected_of(run.workload, behaviour.id)
    judgements: list[Judgement] = []
    for subject in comparison.subjects:
        case = Case(behaviour=behaviour, subject=subject, expected=expected, plan=run.plan, clouds=run.info.clouds)
        if behaviour.scale is Scale.LIMIT:
            judgement = judge_limit(case)
            judgements += [judgement] if judgement else []
        elif subject.status is Status.DIFFERENT:
            judgements.append(judge_difference(case))
    return worst(judgements) if judgements else None
