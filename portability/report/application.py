"""The application under test: what its users saw while a server was killed, and who may talk to whom."""

from portability.model.journal import Run
from portability.model.observation import Measured, Outcome, Unknown
from portability.model.run import ExerciseResult
from portability.model.units import Seconds
from portability.model.verdict import Finding, Verdict
from portability.model.workload import OUTSIDE, Flow, Workload
from portability.report.blocks import (
    Arrow,
    Cell,
    Chip,
    Column,
    Figure,
    Latency,
    Node,
    Paragraph,
    Requests,
    Row,
    Section,
    Side,
    Table,
    Tone,
    Topology,
)
from portability.report.words import NOTHING, count, number, seconds

_ALLOWED = "net.sg.allowed"
_FORBIDDEN = "net.sg.forbidden"


def exercises(run: Run) -> Section | None:
    """Each scenario on both clouds: requests over time, and the numbers that count."""
    results: tuple[ExerciseResult, ...] = run.of(ExerciseResult)
    if not results:
        return None
    blocks = tuple(
        block
        for scenario in dict.fromkeys(result.scenario for result in results)
        for block in _scenario(run, tuple(result for result in results if result.scenario == scenario))
    )
    return Section(
        id="exercise",
        title="What users see when a server dies",
        nav="Exercise",
        lead="A client outside sends writes at a set rate, remembers every one that was acknowledged, "
        "and asks the database for the truth afterwards.",
        blocks=blocks,
        is_brief=True,
    )


def outage(result: ExerciseResult) -> tuple[Seconds, Seconds] | None:
    """From and to of the longest time between the sending of two answered requests with a failed one between them."""
    longest: tuple[Seconds, Seconds] | None = None
    last_answered: Seconds = 0.0
    has_failed = False
    for sent, _latency, is_answered in sorted(result.timeline):
        if not is_answered:
            has_failed = True
            continue
        if has_failed and (longest is None or sent - last_answered > longest[1] - longest[0]):
            longest = (last_answered, sent)
        last_answered, has_failed = sent, False
    end = max((sent for sent, _, _ in result.timeline), default=0.0)
    if has_failed and (longest is None or end - last_answered > longest[1] - longest[0]):
        longest = (last_answered, end)
    return longest


def topology(run: Run, verdict: Verdict) -> Section:
    """Tiers, servers and flows as tested: what must pass and what must not."""
    workload = run.workload
    tested = {f.behaviour.id: f for f in verdict.findings if f.behaviour.id in (_ALLOWED, _FORBIDDEN)}
    layers = _layers(workload)
    nodes = (
        Node(name=OUTSIDE, label="users", layer=0),
        *(
            Node(
                name=tier.name,
                label=f"{tier.name} ×{tier.count}" if tier.count > 1 else tier.name,
                layer=layers.get(tier.name, 1),
            )
            for tier in workload.tiers
        ),
    )
    arrows = tuple(
        Arrow(
            source=flow.source,
            target=flow.target,
            label=f"{flow.protocol.value}/{flow.port}",
            tone=_flow_tone(_readings(tested.get(_ALLOWED), flow, workload)),
        )
        for flow in workload.flows
    )
    flows = ", ".join(flow.name for flow in workload.flows)
    drawing = Topology(nodes=nodes, arrows=arrows)
    return Section(
        id="topology",
        title="The application and its flows",
        nav="Topology",
        blocks=(
            Figure(drawing=drawing, summary=f"Flows: {flows}"),
            _flows_table(run, tested),
            _forbidden(run, tested.get(_FORBIDDEN)),
        ),
    )


def _scenario(run: Run, results: tuple[ExerciseResult, ...]) -> tuple[Figure | Table, ...]:
    by_cloud = {result.cloud: result for result in results}
    scenario = f"{results[0].scenario.replace('_', ' ')} ({results[0].victim})"
    panels = tuple(
        Requests(
            side=side,
            label=cloud,
            points=by_cloud[cloud].timeline,
            killed_at=by_cloud[cloud].killed_at,
            outage=outage(by_cloud[cloud]),
        )
        for side, cloud in zip(Side, run.info.clouds, strict=True)
        if cloud in by_cloud and by_cloud[cloud].timeline
    )
    summary = "; ".join(
        f"{cloud}: longest outage {seconds(r.longest_outage)}, {r.failed} of {r.requests} requests failed, "
        f"{r.lost} acknowledged writes lost"
        for cloud, r in by_cloud.items()
    )
    figure = Figure(
        drawing=Latency(panels=panels),
        title=scenario,
        summary=summary,
        caption="Each dot is a request; crosses failed. The line is the kill, the shade the longest outage.",
    )
    return *((figure,) if panels else ()), _scenario_table(run, by_cloud, caption="" if panels else scenario)


def _scenario_table(run: Run, by_cloud: dict[str, ExerciseResult], *, caption: str) -> Table:
    columns = (
        Column(title="Seen from outside"),
        Column(title=run.info.clouds[0], side=Side.BASELINE, is_number=True),
        Column(title=run.info.clouds[1], side=Side.CANDIDATE, is_number=True),
    )
    values = {cloud: _numbers(result) for cloud, result in by_cloud.items()}
    labels = list(dict.fromkeys(label for numbers in values.values() for label in numbers))
    rows = tuple(
        Row(
            cells=(
                Cell(text=label),
                *(
                    Cell(text=values[cloud].get(label, NOTHING) if cloud in values else "not run")
                    for cloud in run.info.clouds
                ),
            )
        )
        for label in labels
    )
    return Table(columns=columns, rows=rows, caption=caption)


def _numbers(result: ExerciseResult) -> dict[str, str]:
    restored = result.redundancy_restored
    return {
        "longest outage": seconds(result.longest_outage),
        "failed requests": f"{result.failed} of {result.requests:,}",
        "acknowledged writes lost": f"{result.lost} of {result.acknowledged:,}",
        "phantom / duplicate writes": f"{result.phantom} / {result.duplicate}",
        "full redundancy again after": seconds(restored) if restored is not None else "not in time",
        f"latency {' / '.join(name for name, _ in result.latency_ms)}": " / ".join(
            number(value) for _, value in result.latency_ms
        )
        + " ms",
    }


def _layers(workload: Workload) -> dict[str, int]:
    """How far each tier is from the users, along the longest way; flows in a circle end the search."""
    layers = {OUTSIDE: 0}
    for _ in workload.tiers:
        for flow in workload.flows:
            if flow.source in layers and flow.target not in (OUTSIDE, flow.source):
                layers[flow.target] = max(layers.get(flow.target, 0), layers[flow.source] + 1)
    return {name: min(layer, len(workload.tiers)) for name, layer in layers.items()}


def _readings(finding: Finding | None, flow: Flow, workload: Workload) -> tuple[tuple[Outcome, ...], ...]:
    """What each cloud showed of a flow, over all pairs of its servers."""
    tiers = {server: tier.name for tier in workload.tiers for server in tier.server_names}
    sides: tuple[list[Outcome], list[Outcome]] = ([], [])
    for subject in finding.comparison.subjects if finding else ():
        source, _, rest = subject.subject.partition("->")
        target, _, port = rest.partition(" ")
        name = f"{tiers.get(source, source)}->{tiers.get(target, target)} {port}"
        if name == flow.name:
            # A cloud that gave no reading of a pair must not look as if all had passed.
            sides[0].extend(subject.baseline or (Unknown(reason="no reading"),))
            sides[1].extend(subject.candidate or (Unknown(reason="no reading"),))
    return tuple(tuple(side) for side in sides)


def _flow_tone(sides: tuple[tuple[Outcome, ...], ...]) -> Tone:
    tones = {_passes(readings).tone for readings in sides}
    return next(tone for tone in (Tone.BAD, Tone.UNSURE, Tone.GOOD) if tone in tones)


def _all_true(outcomes: tuple[Outcome, ...]) -> bool:
    return bool(outcomes) and all(isinstance(o, Measured) and o.value is True for o in outcomes)


def _flows_table(run: Run, tested: dict[str, Finding]) -> Table:
    columns = (
        Column(title="Flow that must pass"),
        Column(title=run.info.clouds[0], side=Side.BASELINE),
        Column(title=run.info.clouds[1], side=Side.CANDIDATE),
        Column(title="Why"),
    )
    rows = []
    for flow in run.workload.flows:
        sides = _readings(tested.get(_ALLOWED), flow, run.workload)
        marks = tuple(Cell(text="", chip=_passes(readings)) for readings in sides)
        rows.append(Row(cells=(Cell(text=flow.name), *marks, Cell(text=flow.why or NOTHING))))
    return Table(columns=columns, rows=tuple(rows))


def _passes(readings: tuple[Outcome, ...]) -> Chip:
    if any(isinstance(reading, Measured) and reading.value is False for reading in readings):
        return Chip(text="blocked", tone=Tone.BAD)
    return Chip(text="passes", tone=Tone.GOOD) if _all_true(readings) else Chip(text="not tested", tone=Tone.UNSURE)


def _forbidden(run: Run, finding: Finding | None) -> Paragraph | Table:
    if finding is None or not finding.comparison.subjects:
        return Paragraph(text="Whether other traffic is blocked was not tested.", tone=Tone.UNSURE)
    subjects = finding.comparison.subjects
    open_ones = tuple(s for s in subjects if {_blocked(s.baseline).tone, _blocked(s.candidate).tone} != {Tone.GOOD})
    if not open_ones:
        return Paragraph(
            text=f"{count(len(subjects), 'path')} that must not pass tried on both clouds: all blocked.",
            tone=Tone.GOOD,
        )
    columns = (
        Column(title="Path that must not pass"),
        Column(title=run.info.clouds[0], side=Side.BASELINE),
        Column(title=run.info.clouds[1], side=Side.CANDIDATE),
    )
    rows = tuple(
        Row(cells=(Cell(text=s.subject), *(Cell(text="", chip=_blocked(o)) for o in (s.baseline, s.candidate))))
        for s in open_ones
    )
    return Table(columns=columns, rows=rows, caption=f"{len(subjects) - len(open_ones)} others: blocked on both")


def _blocked(readings: tuple[Outcome, ...]) -> Chip:
    if not readings or not all(isinstance(reading, Measured) for reading in readings):
        return Chip(text="not tested", tone=Tone.UNSURE)
    is_blocked = all(isinstance(reading, Measured) and reading.value == "blocked" for reading in readings)
    return Chip(text="blocked", tone=Tone.GOOD) if is_blocked else Chip(text="passes", tone=Tone.BAD)
