"""From the journal to the verdict and the reports: no cloud is asked any more."""

from pathlib import Path

from portability.behaviours.catalogue import catalogue
from portability.compare.compare import compare
from portability.errors import CannotWrite, LeftBehind, PortabilityError
from portability.history.store import RunDir, load_run
from portability.judge.judge import judge
from portability.model.behaviour import Behaviour
from portability.model.event import nobody
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
    """The verdict of a run that is over, and its reports in the run directory.

    Raises:
        CannotWrite: the disk is full, still.
        LeftBehind: and things are left on the clouds.
    """
    try:
        work.recorder.catch_up()
        return _concluded(work, left)
    except CannotWrite as error:
        raise _without_report(error, work, left) from error


def _concluded(work: Work, left: tuple[Left, ...]) -> Result:
    verdict = _verdict(work.path, work.recorder, work.behaviours)
    # The report shows where the time went; what drawing it takes is in the journal alone.
    for spent in spending(work.recorder):
        work.recorder.write(spent)
    run = load_run(work.path, read_journal=read_journal)
    with work.recorder.stage(Stage.REPORT):
        write_reports(work.directory, run, verdict)
    return Result(directory=work.path, run=run, verdict=verdict, left=left, bug=work.bug)


def _without_report(error: CannotWrite, work: Work, left: tuple[Left, ...]) -> PortabilityError:
    """The error with what a report would have said."""
    if left:
        sweeps = "; ".join(
            dict.fromkeys(f"portability sweep {one.cloud_name} --run {work.info.id} --yes" for one in left)
        )
        return LeftBehind(f"{error.message}; {len(left)} resources are left behind", way_out=sweeps)
    if not work.request.keep:
        error.add_note("everything that was made on both clouds is removed")
    error.add_note(f"what was seen until then is in {work.path}")
    return error


def report_again(directory: RunDir) -> Result:
    """Compares and judges an old run anew, and writes its reports anew. Its journal stays as it is."""
    recorder = Recorder(nobody)
    run = load_run(directory.path, read_journal=read_journal)
    in_scope = tuple(known for known in catalogue() if known.id in run.info.behaviours)
    verdict = _verdict(directory.path, recorder, in_scope)
    write_reports(directory, run, verdict)
    return Result(directory=directory.path, run=run, verdict=verdict)


def _verdict(path: Path, recorder: Recorder, behaviours: tuple[Behaviour, ...]) -> Verdict:
    run = load_run(path, read_journal=read_journal)
    with recorder.stage(Stage.COMPARE):
        comparisons = compare(run.of(Observation), behaviours, run.info.clouds)
    with recorder.stage(Stage.JUDGE):
        return judge(run, comparisons, behaviours)


def write_reports(directory: RunDir, run: Run, verdict: Verdict) -> tuple[Path, ...]:
    """verdict.json, junit.xml and report.html."""
    return (
        directory.write("verdict.json", verdict_json(run, verdict)),
        directory.write("junit.xml", junit(verdict, run)),
        directory.write("report.html", render(build(run, verdict))),
    )
