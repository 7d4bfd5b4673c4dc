"""What a verdict can rest on, each ground a sentence."""

from portability.judge.failures import Blame, failures_of
from portability.judge.findings import is_decisive, is_untold, is_wrong_on_both
from portability.judge.wording import listed
from portability.model.behaviour import Impact, Scale
from portability.model.comparison import Status
from portability.model.deployment import Deployment
from portability.model.journal import Census, Run
from portability.model.run import ExerciseResult, Stage, StageTime
from portability.model.units import CloudLabel
from portability.model.verdict import Failure, Finding


def workload_failed(run: Run, cloud: CloudLabel) -> list[str]:
    """Where the workload did not work on the cloud, which is not the run's fault."""
    grounds = [_failure(failure) for failure in failures_of(run.of(Failure), cloud=cloud, blamed=Blame.CLOUD)]
    for result in _exercises(run, cloud):
        if result.requests and not result.acknowledged:
            grounds.append(f"{cloud}: the application acknowledged none of {result.requests} writes")
        elif result.lost:
            grounds.append(
                f"{cloud}: {result.lost} of {result.acknowledged} acknowledged writes were lost when "
                f"{result.victim} was stopped ({result.scenario})"
            )
    return grounds


def run_failed(run: Run, cloud: CloudLabel) -> list[str]:
    """Why the run cannot tell how the workload does on the cloud."""
    grounds = [_failure(failure) for failure in failures_of(run.of(Failure), cloud=cloud, blamed=Blame.RUN)]
    if not grounds and not workload_failed(run, cloud) and not _has_run(run, cloud):
        grounds.append(f"{cloud}: the run ended before {run.workload.name} ran there")
    return grounds


def blockers(findings: tuple[Finding, ...]) -> list[str]:
    return [_named(finding) for finding in findings if finding.impact is Impact.BLOCKER]


def changes(findings: tuple[Finding, ...]) -> list[str]:
    return [_named(finding) for finding in findings if finding.impact is Impact.CHANGE]


def untold(run: Run, findings: tuple[Finding, ...]) -> list[str]:
    """What decides the verdict and could not be told."""
    how = {Status.INCONCLUSIVE: "is inconclusive", Status.NOT_TESTED: "was not tested"}
    return [
        f"{f.behaviour.id} {how[f.comparison.status]}: {f.comparison.reason}"
        for f in findings
        if is_untold(f) and is_decisive(f, run.workload)
    ]


def redundancy_lost(run: Run) -> list[str]:
    """Servers that did not serve again on the candidate after an exercise, though they did on the baseline."""
    baseline, candidate = run.info.clouds
    came_back = {result.scenario for result in _exercises(run, baseline) if result.redundancy_restored is not None}
    return [
        f"{candidate}: {result.victim} did not serve again in time after it was stopped ({result.scenario}); on "
        f"{baseline} it did: see to it that a started server serves without help"
        for result in _exercises(run, candidate)
        if result.redundancy_restored is None and result.scenario in came_back
    ]


def remarks(run: Run, findings: tuple[Finding, ...]) -> list[str]:
    """What a reader should know besides, though nothing rests on it: first of all what was not tested."""
    return [
        *_not_tested(run, findings),
        *_too_noisy(run, findings),
        *_wrong_on_both(run, findings),
        *_untruths(run),
        *_leftovers(run),
    ]


def _not_tested(run: Run, findings: tuple[Finding, ...]) -> list[str]:
    names = [finding.behaviour.id for finding in findings if finding.comparison.status is Status.NOT_TESTED]
    grounds = [f"Not tested, and so not called the same: {listed(names, most=12)}"] if names else []
    for exercise in run.workload.exercises:
        missing = [
            cloud
            for cloud in run.info.clouds
            if exercise.scenario not in {result.scenario for result in _exercises(run, cloud)}
        ]
        if missing:
            grounds.append(f"Not tested: the exercise {exercise.scenario} on {' and '.join(missing)}")
    return grounds


def _too_noisy(run: Run, findings: tuple[Finding, ...]) -> list[str]:
    """Quantities without a result; with how many repetitions they may get one."""
    names = [f.behaviour.id for f in findings if f.behaviour.scale is Scale.QUANTITY and _is_inconclusive(f)]
    if not names:
        return []
    more = max(6, 2 * run.info.repetitions)
    return [f"Inconclusive, which alone decides nothing: {listed(names)}; repeat with -r {more}"]


def _wrong_on_both(run: Run, findings: tuple[Finding, ...]) -> list[str]:
    names = [finding.behaviour.id for finding in findings if is_wrong_on_both(finding, run.workload)]
    return [f"Not as a portable cloud should be, on both alike: {listed(names)}"] if names else []


def _untruths(run: Run) -> list[str]:
    return [
        f"{cloud}: {result.phantom} phantom and {result.duplicate} duplicate writes in the database ({result.scenario})"
        for cloud in run.info.clouds
        for result in _exercises(run, cloud)
        if result.phantom or result.duplicate
    ]


def _leftovers(run: Run) -> list[str]:
    left = {
        cloud: [name for census in run.of(Census, cloud) for line in census.lines for name in line.ours_left]
        for cloud in run.info.clouds
    }
    return [f"{cloud}: left behind: {listed(names)}" for cloud, names in left.items() if names]


def _is_inconclusive(finding: Finding) -> bool:
    return finding.comparison.status is Status.INCONCLUSIVE


def _has_run(run: Run, cloud: CloudLabel) -> bool:
    """Whether the workload was deployed and configured there."""
    is_configured = any(
        time.stage is Stage.CONFIGURE and time.ok and time.cloud in (cloud, None) for time in run.of(StageTime)
    )
    return is_configured and bool(run.of(Deployment, cloud))


def _exercises(run: Run, cloud: CloudLabel) -> tuple[ExerciseResult, ...]:
    return run.of(ExerciseResult, cloud)


def _failure(failure: Failure) -> str:
    message = failure.message if failure.message.startswith(failure.cloud) else f"{failure.cloud}: {failure.message}"
    return f"{failure.stage} failed ({failure.kind}): {message}"


def _named(finding: Finding) -> str:
    return f"{finding.behaviour.id}: {finding.sentence}"
