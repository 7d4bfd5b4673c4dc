"""Both clouds beside each other: every behaviour in a table by area, every repeated quantity as its readings."""

from portability.model.behaviour import Behaviour, Scale
from portability.model.comparison import QuantityResult, SampleSummary, Status, SubjectComparison
from portability.model.journal import Run
from portability.model.verdict import Finding, Verdict
from portability.report.blocks import (
    Cell,
    Chip,
    Column,
    Figure,
    Gallery,
    Row,
    Section,
    Side,
    Spread,
    Strip,
    Table,
)
from portability.report.words import (
    both_sides,
    chip,
    count,
    is_told,
    outcome,
    sample,
    sample_fine,
    shift,
    status_chip,
)

AREAS = {
    "identity": "Identity",
    "api": "API",
    "quota": "Quota",
    "boot": "Boot",
    "meta": "Metadata and first configuration",
    "net": "Network",
    "vol": "Volumes",
    "img": "Images",
    "guest": "Inside the guest",
    "srv": "Server life cycle",
    "place": "Placement and flavors",
    "lb": "Load balancing",
    "obj": "Object storage",
    "dns": "DNS service",
    "hybrid": "Hybrid",
    "app": "Application",
}


def beside(run: Run, verdict: Verdict) -> Section | None:
    """Every behaviour, subject by subject; subjects that read alike share a row."""
    if not verdict.findings:
        return None
    baseline, candidate = run.info.clouds
    columns = (
        Column(title="Behaviour"),
        Column(title=baseline, side=Side.BASELINE),
        Column(title=candidate, side=Side.CANDIDATE),
        Column(title="Result"),
    )
    areas = list(dict.fromkeys(finding.behaviour.area for finding in verdict.findings))
    rows = tuple(
        row
        for area in areas
        for finding in verdict.findings
        if finding.behaviour.area == area
        for row in _rows(run, finding)
    )
    return Section(
        id="behaviours",
        title="Everything that was observed",
        nav="Behaviours",
        lead=f"{count(len(verdict.findings), 'behaviour')} side by side; times and rates are medians.",
        blocks=(Table(columns=columns, rows=rows, has_filter=True),),
    )


def distributions(run: Run, verdict: Verdict) -> Section | None:
    """The single readings of every quantity that was read at least twice on a cloud."""
    figures = tuple(
        _strip(run, finding, subject, result)
        for finding in verdict.findings
        if finding.behaviour.scale is Scale.QUANTITY
        for subject in finding.comparison.subjects
        if (result := subject.quantity) is not None
        and max(len(result.baseline.values), len(result.candidate.values)) >= 2
    )
    if not figures:
        return None
    return Section(
        id="distributions",
        title="Single readings",
        nav="Readings",
        lead="Each dot is one reading; the line is the median, the bar its 95 % interval where there are enough.",
        blocks=(Gallery(figures=figures),),
    )


def _rows(run: Run, finding: Finding) -> tuple[Row, ...]:
    group = AREAS.get(finding.behaviour.area, finding.behaviour.area)
    subjects = finding.comparison.subjects
    if not subjects:
        cells = (_name(finding, ()), Cell(text="–"), Cell(text="–"), Cell(text="", chip=chip(finding)))
        return (Row(cells=cells, differs=not is_told(finding), group=group),)
    alike: dict[object, list[SubjectComparison]] = {}
    for subject in subjects:
        key = (subject.status, both_sides(subject, finding.behaviour)) if subject.quantity is None else subject.subject
        alike.setdefault(key, []).append(subject)
    return tuple(_row(run, finding, tuple(same), group) for same in alike.values())


def _row(run: Run, finding: Finding, alike: tuple[SubjectComparison, ...], group: str) -> Row:
    first = alike[0]
    a, b = both_sides(first, finding.behaviour)
    mark = _mark(finding, first)
    fine_a, fine_b = ("", "")
    if first.quantity is not None:
        fine_a, fine_b = sample_fine(first.quantity.baseline), sample_fine(first.quantity.candidate)
    cells = (
        _name(finding, alike, run),
        Cell(text=a, fine=fine_a),
        Cell(text=b, fine=fine_b),
        Cell(text="", chip=mark),
    )
    differs = mark != status_chip(Status.SAME, finding.behaviour.scale)
    return Row(cells=cells, differs=differs, group=group)


def _mark(finding: Finding, subject: SubjectComparison) -> Chip:
    """A subject that is the same does not carry the impact of one that is not."""
    if subject.status is finding.comparison.status:
        return chip(finding)
    return status_chip(subject.status, finding.behaviour.scale)


def _name(finding: Finding, alike: tuple[SubjectComparison, ...], run: Run | None = None) -> Cell:
    behaviour = finding.behaviour
    names = [subject.subject for subject in alike if subject.subject]
    subject = ", ".join(names) if len(names) <= 2 else f"{len(names)} subjects alike"
    more = [("Means", behaviour.means)]
    if len(names) > 2:
        more.append(("Subjects", ", ".join(names)))
    more += [("Here", finding.sentence), ("Why", finding.comparison.reason), ("Decided by", finding.because)]
    more += [("Shift", shift(s, behaviour, run.info.clouds[1])) for s in alike[:1] if run is not None]
    more += [("Note", note) for note in dict.fromkeys(note for s in alike for note in s.notes)]
    more += _full_sets(alike, behaviour, run)
    more += [("If different", behaviour.breaks), ("Authority", behaviour.authority), ("Level", behaviour.level.value)]
    return Cell(text=behaviour.id, fine=subject, more=tuple((term, text) for term, text in more if text))


def _full_sets(alike: tuple[SubjectComparison, ...], behaviour: Behaviour, run: Run | None) -> list[tuple[str, str]]:
    """Outcomes that the table shows shortened."""
    if run is None or alike[0].quantity is not None:
        return []
    shown = both_sides(alike[0], behaviour)
    texts = []
    for label, short, readings in zip(run.info.clouds, shown, (alike[0].baseline, alike[0].candidate), strict=True):
        full = " / ".join(_whole(reading, behaviour) for reading in readings)
        if full and full != short:
            texts.append((f"All on {label}", full))
    return texts


def _whole(reading: object, behaviour: Behaviour) -> str:
    value = getattr(reading, "value", None)
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return outcome(reading, unit=behaviour.unit)  # type: ignore[arg-type]


def _strip(run: Run, finding: Finding, subject: SubjectComparison, result: QuantityResult) -> Figure:
    unit = finding.behaviour.unit
    baseline, candidate = run.info.clouds
    name = finding.behaviour.id + (f" · {subject.subject}" if subject.subject else "")
    return Figure(
        drawing=Strip(
            spreads=(_spread(Side.BASELINE, result.baseline), _spread(Side.CANDIDATE, result.candidate)), unit=unit
        ),
        title=name,
        summary=f"{name}: {baseline} median {sample(result.baseline, unit)}, "
        f"{candidate} median {sample(result.candidate, unit)}",
        caption=shift(subject, finding.behaviour, candidate) or "; ".join(subject.notes),
        chip=_mark(finding, subject),
    )


def _spread(side: Side, summary: SampleSummary) -> Spread:
    interval = (summary.interval.low, summary.interval.high) if summary.interval else None
    return Spread(side=side, values=summary.values, median=summary.median, interval=interval)
