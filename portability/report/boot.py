"""How servers boot on both clouds, as one waterfall: medians over the canaries."""

from collections.abc import Callable

from portability.model.deployment import BootTimeline
from portability.model.journal import Run
from portability.model.run import CanaryBoot
from portability.model.units import CloudLabel, Seconds
from portability.report.blocks import Bar, Cell, Column, Evidence, Figure, Lane, Row, Section, Side, Table, Waterfall
from portability.report.words import NOTHING, count, listed, median, seconds

_MILESTONES: tuple[tuple[str, Callable[[BootTimeline], Seconds | None]], ...] = (
    ("request accepted", lambda t: t.accepted),
    ("server ACTIVE", lambda t: t.active),
    ("port 22 open", lambda t: t.port_open),
    ("SSH login works", lambda t: t.ssh_login),
    ("cloud-init done", lambda t: t.cloud_init_done),
    ("service answers", lambda t: t.service),
)
_MANY_SPANS = 12


def waterfall(run: Run) -> Section | None:
    """Median times of each milestone, and of the spans that guests told, on one axis."""
    timelines = {cloud: _timelines(run, cloud) for cloud in run.info.clouds}
    failures = tuple(boot for boot in run.of(CanaryBoot) if boot.failure)
    if not any(timelines.values()) and not failures:
        return None
    lanes = _outside(run, timelines) + _inside(run, timelines)
    counts = listed([f"{count(len(boots), 'boot')} on {cloud}" for cloud, boots in timelines.items()])
    table = _table(run, lanes)
    figure = Figure(
        drawing=Waterfall(lanes=lanes),
        summary=_summary(run, lanes),
        caption=f"Seconds since the create request; medians of {counts}, started in turn. {_resolution(timelines)}",
    )
    failed = tuple(
        Row(cells=(Cell(text=boot.cloud), Cell(text=str(boot.repetition)), Cell(text=boot.failure)))
        for boot in failures
    )
    columns = (Column(title="Cloud"), Column(title="Boot", is_number=True), Column(title="What happened"))
    return Section(
        id="boot",
        title="From request to service",
        nav="Boot",
        lead=_summary(run, lanes),
        blocks=(
            *((figure,) if lanes else ()),
            *((Table(columns=columns, rows=failed, caption="Boots that failed"),) if failed else ()),
            *((Evidence(title="The same as a table", blocks=(table,)),) if lanes else ()),
        ),
        is_brief=True,
    )


def _timelines(run: Run, cloud: CloudLabel) -> tuple[BootTimeline, ...]:
    """Of the boots that count: not of those that failed, nor of the warm-up (0), which fills the image cache."""
    return tuple(boot.timeline for boot in run.of(CanaryBoot, cloud) if not boot.failure and boot.repetition)


def _outside(run: Run, timelines: dict[CloudLabel, tuple[BootTimeline, ...]]) -> tuple[Lane, ...]:
    reached: dict[Side, Seconds] = dict.fromkeys(Side, 0.0)
    lanes = []
    for label, milestone in _MILESTONES:
        bars = []
        for side, cloud in zip(Side, run.info.clouds, strict=True):
            at = median([time for timeline in timelines[cloud] if (time := milestone(timeline)) is not None])
            if at is None:
                continue
            # A milestone may come before the one drawn above it (cloud-init can end before the first login).
            bars.append(Bar(side=side, start=min(reached[side], at), end=at))
            reached[side] = max(reached[side], at)
        if bars:
            lanes.append(Lane(label=label, bars=tuple(bars)))
    return tuple(lanes)


def _inside(run: Run, timelines: dict[CloudLabel, tuple[BootTimeline, ...]]) -> tuple[Lane, ...]:
    spans: dict[str, dict[Side, list[tuple[Seconds, Seconds]]]] = {}
    for side, cloud in zip(Side, run.info.clouds, strict=True):
        for timeline in timelines[cloud]:
            for name, start, end in timeline.inside:
                spans.setdefault(name, {}).setdefault(side, []).append((start, end))
    lanes = [
        Lane(label=name, bars=tuple(_median_bar(side, times) for side, times in sides.items()), is_inside=True)
        for name, sides in spans.items()
    ]
    lanes.sort(key=lambda lane: min(bar.start for bar in lane.bars))
    if len(lanes) > _MANY_SPANS:
        longest = sorted(lanes, key=lambda lane: -max(bar.end - bar.start for bar in lane.bars))[:_MANY_SPANS]
        lanes = [lane for lane in lanes if lane in longest]
    return tuple(lanes)


def _median_bar(side: Side, times: list[tuple[Seconds, Seconds]]) -> Bar:
    start = median([start for start, _ in times]) or 0.0
    return Bar(side=side, start=start, end=max(start, median([end for _, end in times]) or 0.0))


def _summary(run: Run, lanes: tuple[Lane, ...]) -> str:
    outside = [lane for lane in lanes if not lane.is_inside]
    if not outside:
        return "No canary booted to the end."
    last = outside[-1]
    parts = [f"{run.info.clouds[0 if bar.side is Side.BASELINE else 1]} takes {seconds(bar.end)}" for bar in last.bars]
    return f"Until “{last.label}”, {listed(parts)}."


def _resolution(timelines: dict[CloudLabel, tuple[BootTimeline, ...]]) -> str:
    steps = {timeline.resolution for boots in timelines.values() for timeline in boots}
    return f"Seen from outside, a time is late by at most {seconds(max(steps))}." if steps else ""


def _table(run: Run, lanes: tuple[Lane, ...]) -> Table:
    columns = (
        Column(title="Step"),
        Column(title=run.info.clouds[0], side=Side.BASELINE, is_number=True),
        Column(title=run.info.clouds[1], side=Side.CANDIDATE, is_number=True),
    )
    rows = []
    for lane in lanes:
        texts = {
            bar.side: f"{seconds(bar.start)} to {seconds(bar.end)}" if lane.is_inside else seconds(bar.end)
            for bar in lane.bars
        }
        cells = (Cell(text=lane.label), *(Cell(text=texts.get(side, NOTHING)) for side in Side))
        rows.append(Row(cells=cells, group="inside the guest" if lane.is_inside else "seen from outside"))
    return Table(columns=columns, rows=tuple(rows))
