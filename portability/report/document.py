"""The report as one tree, from which every format renders. Pure: no clock, no files, no network."""

from portability.model.behaviour import Impact
from portability.model.comparison import Status
from portability.model.journal import Run
from portability.model.run import StageTime
from portability.model.verdict import Verdict, VerdictKind
from portability.report import answer, application, boot, course, sides
from portability.report.blocks import Banner, Document, Section, Tile, Tone
from portability.report.clean import cleaned
from portability.report.words import count, seconds

_WORDS = {
    VerdictKind.PORTABLE: ("Portable", Tone.GOOD),
    VerdictKind.WITH_CHANGES: ("Portable with changes", Tone.CHANGE),
    VerdictKind.NOT_PORTABLE: ("Not portable", Tone.BAD),
    VerdictKind.INCONCLUSIVE: ("Inconclusive", Tone.UNSURE),
}


def build(run: Run, verdict: Verdict) -> Document:
    """The whole report: the answer for a manager first, then what it rests on, then how it came about."""
    sections = (
        answer.failures(verdict),
        answer.must_change(run, verdict),
        answer.to_do(run, verdict),
        answer.differences(run, verdict),
        answer.not_told(run, verdict),
        boot.waterfall(run),
        sides.beside(run, verdict),
        sides.distributions(run, verdict),
        application.exercises(run),
        application.topology(run, verdict),
        course.time_spent(run),
        course.ansible_tasks(run),
        course.evidence(run),
        course.census(run),
        course.repeat(run),
        course.remarks(run),
    )
    return cleaned(
        Document(
            title=run.workload.title or run.info.workload,
            subtitle=f"{run.info.workload} from {run.info.clouds[0]} to {run.info.clouds[1]}",
            clouds=run.info.clouds,
            facts=_facts(run),
            banner=_banner(verdict),
            sections=tuple(section for section in sections if isinstance(section, Section)),
        )
    )


def _banner(verdict: Verdict) -> Banner:
    word, tone = _WORDS[verdict.kind]
    return Banner(
        word=word,
        tone=tone,
        sentence=verdict.sentence,
        reasons=tuple(reason for reason in verdict.reasons if reason != verdict.sentence),
        tiles=tiles(verdict) if verdict.findings else (),
    )


def tiles(verdict: Verdict) -> tuple[Tile, ...]:
    """How many findings came out how; each finding is counted once."""
    told = tuple(finding for finding in verdict.findings if finding.impact is None)
    statuses = [finding.comparison.status for finding in told]
    counts = (
        (statuses.count(Status.SAME), "same", Tone.GOOD),
        (len(verdict.with_impact(Impact.HARMLESS)) + statuses.count(Status.DIFFERENT), "harmless", Tone.NOTE),
        (len(verdict.with_impact(Impact.ABSORBED)), "absorbed", Tone.NOTE),
        (len(verdict.with_impact(Impact.CHANGE)), "to change", Tone.CHANGE),
        (len(verdict.with_impact(Impact.BLOCKER)), "blocking", Tone.BAD),
        (statuses.count(Status.INCONCLUSIVE), "inconclusive", Tone.UNSURE),
        (statuses.count(Status.NOT_TESTED), "not tested", Tone.UNSURE),
    )
    return tuple(Tile(number=str(amount), label=label, tone=tone) for amount, label, tone in counts)


def _facts(run: Run) -> tuple[tuple[str, str], ...]:
    stages = run.of(StageTime)
    facts = [("Measured", run.info.started.replace("T", " ")[:16] + " UTC"), ("Run", run.info.id)]
    if stages:
        facts.append(("Took", seconds(max(stage.start + stage.seconds for stage in stages))))
    facts.append(("Application", count(run.workload.server_count, "server") + " on each cloud"))
    facts.append(("Repetitions", str(run.info.repetitions)))
    return tuple(facts)
