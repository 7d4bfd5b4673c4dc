"""From the journal to the verdict and the reports: no cloud is asked any more."""

from pathlib import Path

from portability.behaviours.catalogue import catalogue
from portability.compare.compare import compare
from portability.history.store import RunDir, load_run
from portability.judge.judge import judge
from portability.model.behaviour import Behaviour
from portability.model.journal import Run
from portability.model.observation import Observation
from portability.model.run import Stage
from portability.model.verdict import Verdict
from portability.observe.journal import read_journal
from portability.pipeline.recorder import Recorder
from portability.pipeline.request import Left, Result
from portability.pipeline.spending import spending
from portability.pipeline.work import Work
from portability.report.document import build
from portability.report.html import render
from portability.report.json import render as verdict_json
from portability.report.junit import junit


def conclude(work: Work, left: tuple[Left, ...]) -> Result:
    """The verdict of a run that is over, and its reports in the run directory."""
    for spent in spending(work.recorder):
        work.recorder.write(spent)
    verdict = judged(work.directory, work.recorder, behaviours=work.behaviours)
    run = load_run(work.path, read_journal=read_journal)
    return Result(directory=work.path, run=run, verdict=verdict, left=left, bug=work.bug)


def judged(directory: RunDir, recorder: Recorder, *, behaviours: tuple[Behaviour, ...] | None = None) -> Verdict:
    """Compares, judges and writes all reports anew. `behaviours` None: those that the run observed."""
    run = load_run(directory.path, read_journal=read_journal)
    in_scope = _observed(run) if behaviours is None else behaviours
    with recorder.stage(Stage.COMPARE):
        comparisons = compare(run.of(Observation), in_scope, run.info.clouds)
    with recorder.stage(Stage.JUDGE):
        verdict = judge(run, comparisons, in_scope)
    with recorder.stage(Stage.REPORT):
        write_reports(directory, run, verdict)
    return verdict


def write_reports(directory: RunDir, run: Run, verdict: Verdict) -> tuple[Path, ...]:
    """verdict.json, junit.xml and report.html."""
    return (
        directory.write("verdict.json", verdict_json(run, verdict)),
        directory.write("junit.xml", junit(verdict, run)),
        directory.write("report.html", render(build(run, verdict))),
    )


def _observed(run: Run) -> tuple[Behaviour, ...]:
    seen = {observation.behaviour for observation in run.of(Observation)}
    return tuple(behaviour for behaviour in catalogue() if behaviour.id in seen)
