"""The manager's part of the report: what must change, the to-do list, and what is still open."""

from portability.model.behaviour import Impact, Level, Scale
from portability.model.comparison import Status, SubjectComparison
from portability.model.journal import Run
from portability.model.verdict import Finding, Verdict, VerdictKind
from portability.report.blocks import Card, Cell, Chip, Code, Column, Paragraph, Row, Section, Side, Table, Tone
from portability.report.commands import compare_again
from portability.report.words import NOTHING, both_sides, chip, count, listed, shortened

_OPEN = (Status.INCONCLUSIVE, Status.NOT_TESTED)
# The least number of readings for which an order statistic gives a 95 % interval of a median.
_ENOUGH_READINGS = 6


def failures(verdict: Verdict) -> Section | None:
    """What did not succeed, if anything."""
    if not verdict.failures:
        return None
    columns = (
        Column(title="Cloud"),
        Column(title="Stage"),
        Column(title="Kind"),
        Column(title="What happened", is_prose=True),
    )
    rows = tuple(
        Row(
            cells=(
                Cell(text=failure.cloud),
                Cell(text=failure.stage),
                Cell(text="", chip=Chip(text=failure.kind, tone=Tone.BAD)),
                Cell(text=failure.message),
            )
        )
        for failure in verdict.failures
    )
    return Section(
        id="failures",
        title="What went wrong",
        nav="Failures",
        blocks=(Table(columns=columns, rows=rows),),
        is_brief=True,
    )


def must_change(run: Run, verdict: Verdict) -> Section:
    """Findings that ask for action, blockers first."""
    findings = verdict.with_impact(Impact.BLOCKER) + verdict.with_impact(Impact.CHANGE)
    if not findings:
        nothing = Paragraph(text="Nothing that was measured asks for a change of the application.", tone=Tone.GOOD)
        if verdict.kind in (VerdictKind.WITH_CHANGES, VerdictKind.NOT_PORTABLE) and verdict.reasons:
            # What decided is not a behaviour but how the application fared.
            nothing = Paragraph(text=verdict.reasons[0], tone=Tone.BAD)
        elif not verdict.findings:
            nothing = Paragraph(text="Nothing was measured, so nothing can be said.", tone=Tone.UNSURE)
        return Section(id="change", title="What must change", nav="Changes", blocks=(nothing,), is_brief=True)
    return Section(
        id="change",
        title="What must change",
        nav="Changes",
        blocks=tuple(_card(run, finding) for finding in findings),
        is_brief=True,
    )


def to_do(run: Run, verdict: Verdict) -> Section | None:
    """The differences between the bindings: what is chosen differently on the two clouds."""
    if not verdict.to_do:
        return None
    baseline, candidate = run.info.clouds
    columns = (
        Column(title="What"),
        Column(title=baseline, side=Side.BASELINE, is_code=True),
        Column(title=candidate, side=Side.CANDIDATE, is_code=True),
        Column(title="What to do", is_prose=True),
    )
    rows = tuple(
        Row(
            cells=(
                Cell(text=line.aspect),
                Cell(text=line.baseline),
                Cell(text=line.candidate),
                Cell(text=line.what_to_do),
            )
        )
        for line in verdict.to_do
    )
    return Section(
        id="to-do",
        title="Migration to-do list",
        nav="To do",
        lead=f"What was chosen differently to run the application on {candidate}. In this run the program did it.",
        blocks=(Table(columns=columns, rows=rows),),
        is_brief=True,
    )


def differences(run: Run, verdict: Verdict) -> Section | None:
    """Differences that need no action, with why not."""
    findings = tuple(
        finding
        for finding in verdict.findings
        if finding.impact in (Impact.HARMLESS, Impact.ABSORBED)
        or (finding.impact is None and finding.comparison.status is Status.DIFFERENT)
    )
    if not findings:
        return None
    baseline, candidate = run.info.clouds
    columns = (
        Column(title="Behaviour"),
        Column(title=baseline, side=Side.BASELINE),
        Column(title=candidate, side=Side.CANDIDATE),
        Column(title="Impact"),
        Column(title="Why", is_detail=True),
    )
    return Section(
        id="harmless",
        title="Differences that need no action",
        nav="No action",
        blocks=(Table(columns=columns, rows=tuple(_difference(finding) for finding in findings)),),
        is_brief=True,
    )


def not_told(run: Run, verdict: Verdict) -> Section:
    """What was not tested or stayed inconclusive, why, and how to get it; what is required comes first."""
    levels = tuple(Level)
    findings = tuple(
        sorted(
            (f for f in verdict.findings if f.comparison.status in _OPEN), key=lambda f: levels.index(f.behaviour.level)
        )
    )
    if not findings:
        text = "Every behaviour in scope was measured on both clouds and could be told."
        if not verdict.findings:
            text = "No behaviour was measured."
        tone = Tone.GOOD if verdict.findings else Tone.UNSURE
        return Section(id="open", title="What is still open", nav="Open", blocks=(Paragraph(text=text, tone=tone),))
    columns = (
        Column(title="Behaviour"),
        Column(title="Status"),
        Column(title="Why"),
        Column(title="How to get it", is_detail=True),
    )
    rows = tuple(
        Row(
            cells=(
                Cell(text=finding.behaviour.id, fine=finding.behaviour.means),
                Cell(text="", chip=chip(finding)),
                Cell(text=_why_open(finding)),
                Cell(text=_way_to_tell(finding)),
            )
        )
        for finding in findings
    )
    repeat = _repeat_command(run) if any(_needs_readings(finding) for finding in findings) else ()
    return Section(
        id="open",
        title="What is still open",
        nav="Open",
        lead="Not tested never counts as the same.",
        blocks=(Table(columns=columns, rows=rows), *repeat),
        is_brief=True,
    )


def _card(run: Run, finding: Finding) -> Card:
    subjects = tuple(s for s in finding.comparison.subjects if s.status is Status.DIFFERENT)
    shown = subjects or finding.comparison.subjects
    return Card(
        title=finding.behaviour.means,
        subject=finding.behaviour.id + _subjects(shown),
        chip=chip(finding),
        text=finding.sentence,
        sides=_sides(run, finding, shown),
        remedy=finding.remedy or finding.behaviour.remedy,
        fine=tuple(
            (term, text)
            for term, text in (
                ("Otherwise", "" if finding.behaviour.breaks in finding.sentence else finding.behaviour.breaks),
                ("Decided by", finding.because),
                ("Authority", finding.behaviour.authority),
            )
            if text
        ),
    )


def _sides(run: Run, finding: Finding, shown: tuple[SubjectComparison, ...]) -> tuple[tuple[str, str], ...]:
    if not shown:
        return ()
    a, b = both_sides(shown[0], finding.behaviour)
    return (run.info.clouds[0], a), (run.info.clouds[1], b)


def _subjects(subjects: tuple[SubjectComparison, ...]) -> str:
    names = [subject.subject for subject in subjects if subject.subject]
    if not names:
        return ""
    return " · " + (listed(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more")


def _difference(finding: Finding) -> Row:
    subjects = tuple(s for s in finding.comparison.subjects if s.status is Status.DIFFERENT)
    subjects = subjects or finding.comparison.subjects
    a, b = both_sides(subjects[0], finding.behaviour) if subjects else (NOTHING, NOTHING)
    more = f"and {count(len(subjects) - 1, 'more subject')}" if len(subjects) > 1 else ""
    return Row(
        cells=(
            Cell(text=finding.behaviour.id, fine=finding.behaviour.means),
            Cell(text=a, fine=more),
            Cell(text=b),
            Cell(text="", chip=chip(finding)),
            Cell(text=finding.because or finding.sentence),
        )
    )


def _why_open(finding: Finding) -> str:
    notes = [note for s in finding.comparison.subjects if s.status in _OPEN for note in s.notes]
    return shortened(finding.comparison.reason or "; ".join(dict.fromkeys(notes)) or finding.sentence or NOTHING, 240)


def _needs_readings(finding: Finding) -> bool:
    return finding.comparison.status is Status.INCONCLUSIVE and any(
        s.quantity is not None
        and min(len(s.quantity.baseline.values), len(s.quantity.candidate.values)) < _ENOUGH_READINGS
        for s in finding.comparison.subjects
    )


def _way_to_tell(finding: Finding) -> str:
    if finding.remedy:
        return finding.remedy
    if finding.behaviour.is_intrusive and finding.comparison.status is Status.NOT_TESTED:
        return "Run again with --allow-intrusive, if both providers agree."
    if _needs_readings(finding):
        return f"More readings: at least {_ENOUGH_READINGS} on each cloud (the command below)."
    if finding.behaviour.scale is Scale.QUANTITY and finding.comparison.status is Status.INCONCLUSIVE:
        return "More readings, or a wider margin in the policy if the application does not care."
    return f"portability explain {finding.behaviour.id}"


def _repeat_command(run: Run) -> tuple[Code, ...]:
    repetitions = max(_ENOUGH_READINGS, run.info.repetitions * 2)
    return (
        Code(text=compare_again(run, repetitions=repetitions), caption="More readings of everything that is timed"),
    )
