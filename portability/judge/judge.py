"""The verdict: findings and failures folded into one of four answers."""

from portability.judge import grounds
from portability.judge.findings import find
from portability.judge.wording import listed
from portability.model.behaviour import Behaviour, Impact
from portability.model.comparison import Comparison, Status
from portability.model.journal import Run
from portability.model.verdict import Failure, Finding, Verdict, VerdictKind


def judge(run: Run, comparisons: tuple[Comparison, ...], behaviours: tuple[Behaviour, ...]) -> Verdict:
    """What the comparisons of a run mean for its workload; comparisons of other behaviours are left out.

    Raises:
        BadFile: a condition of the workload cannot be read.
    """
    by_id = {comparison.behaviour: comparison for comparison in comparisons}
    findings = tuple(find(run, by_id[behaviour.id], behaviour) for behaviour in behaviours if behaviour.id in by_id)
    ladder = _ladder(run, findings)
    kind, decisive = next(((kind, reasons) for kind, reasons in ladder if reasons), (VerdictKind.PORTABLE, []))
    reasons = dict.fromkeys(reason for _, reasons in ladder for reason in reasons)
    if kind is VerdictKind.INCONCLUSIVE:
        reasons[f"To tell, remove the causes and repeat: {run.info.command}"] = None
    return Verdict(
        kind=kind,
        sentence=_sentence(run, kind, decisive, findings),
        reasons=(*reasons, *grounds.remarks(run, findings)),
        findings=findings,
        to_do=run.plan.differences if run.plan else (),
        failures=run.of(Failure),
    )


def _ladder(run: Run, findings: tuple[Finding, ...]) -> list[tuple[VerdictKind, list[str]]]:
    """The verdicts with their grounds, the first that has any decides.

    Without a baseline that works nothing can be concluded; what is broken on the candidate stays broken whatever else
    could not be told; and what could not be told may hide something worse than a change.
    """
    baseline, candidate = run.info.clouds
    return [
        (VerdictKind.INCONCLUSIVE, [*grounds.workload_failed(run, baseline), *grounds.run_failed(run, baseline)]),
        (VerdictKind.NOT_PORTABLE, [*grounds.workload_failed(run, candidate), *grounds.blockers(findings)]),
        (VerdictKind.INCONCLUSIVE, [*grounds.run_failed(run, candidate), *grounds.untold(run, findings)]),
        (VerdictKind.WITH_CHANGES, [*grounds.changes(findings), *grounds.redundancy_lost(run)]),
    ]


def _sentence(run: Run, kind: VerdictKind, decisive: list[str], findings: tuple[Finding, ...]) -> str:
    name = run.workload.name
    baseline, candidate = run.info.clouds
    match kind:
        case VerdictKind.PORTABLE:
            return f"{name} can move between {baseline} and {candidate}: it ran on both, and {_excused(findings)}."
        case VerdictKind.WITH_CHANGES:
            what = "one thing is" if len(decisive) == 1 else f"{len(decisive)} things are"
            return f"{name} can run on {baseline} and {candidate} once {what} changed: {_subjects(decisive)}."
        case VerdictKind.NOT_PORTABLE:
            return f"{name} cannot move from {baseline} to {candidate}: {_first(decisive)}"
        case VerdictKind.INCONCLUSIVE:
            return f"Whether {name} can move from {baseline} to {candidate} cannot be told: {_first(decisive)}"


def _excused(findings: tuple[Finding, ...]) -> str:
    different = [finding for finding in findings if finding.comparison.status is Status.DIFFERENT]
    if not different:
        return "no difference between them was found"
    absorbed = sum(finding.impact is Impact.ABSORBED for finding in different)
    harmless = len(different) - absorbed
    parts = [f"{harmless} are harmless to it"] if harmless else []
    parts += [f"{absorbed} are dealt with by the choices made for each cloud"] if absorbed else []
    noun = "difference" if len(different) == 1 else "differences"
    return f"of {len(different)} {noun} found {' and '.join(parts)}".replace(" 1 are ", " 1 is ")


def _subjects(decisive: list[str]) -> str:
    return listed([ground.split(":", 1)[0] for ground in decisive])


def _first(decisive: list[str]) -> str:
    rest = len(decisive) - 1
    more = f" (and {rest} more reason{'s' if rest > 1 else ''})" if rest else ""
    return f"{decisive[0].rstrip('.')}{more}."
