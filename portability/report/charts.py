"""Drawings as inline SVG: text stays text, colours come from the page (so that light, dark and print all work)."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from portability.report.blocks import (
    Arrow,
    Drawing,
    Gantt,
    Latency,
    Node,
    Requests,
    Side,
    Strip,
    Tone,
    Topology,
    Waterfall,
)
from portability.report.svg import BAD, FONT, GOOD, INK, PAPER, STYLE, UNSURE, A, B, new_axes, new_figure, to_svg
from portability.report.words import number, shortened

_SIDES = {Side.BASELINE: A, Side.CANDIDATE: B, None: INK}
_TONES = {Tone.GOOD: GOOD, Tone.BAD: BAD}
WIDE, NARROW = 976, 340
_STRIP_WIDTH = 340
_LONGEST_LABEL = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lane:
    """A line of bars (side, start, end, went well)."""

    label: str
    bars: tuple[tuple[Side | None, float, float, bool], ...]
    is_faint: bool = False
    tells_length: bool = False
    """The number at a bar is its length; else where it ends."""


def draw(drawing: Drawing, *, name: str, summary: str) -> tuple[str, ...]:
    """The drawing as SVG elements: one for wide pages and one for narrow ones, or one that suits both.

    Args:
        name: unique within the page; prefixes the ids inside.
        summary: read out in place of the picture.
    """
    from matplotlib import rc_context

    with rc_context(STYLE), warnings.catch_warnings():
        # The browser has the fonts, not matplotlib, which only measures.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        match drawing:
            case Waterfall(lanes=lanes):
                shared = tuple(
                    _Lane(
                        label=shortened(x.label, _LONGEST_LABEL),
                        bars=tuple((b.side, b.start, b.end, True) for b in x.bars),
                        is_faint=x.is_inside,
                        tells_length=x.is_inside,
                    )
                    for x in lanes
                )
                pictures = [_lanes(shared, width) for width in (WIDE, NARROW)]
            case Gantt():
                pictures = [_lanes(_stages(drawing), width) for width in (WIDE, NARROW)]
            case Latency(panels=panels):
                pictures = [_latency(panels, width) for width in (WIDE, NARROW)]
            case Topology():
                pictures = [_topology(drawing, width) for width in (WIDE, NARROW)]
            case Strip():
                pictures = [_strip(drawing)]
            case _:
                assert_never(drawing)
        return tuple(to_svg(picture, name=f"{name}-{index}", summary=summary) for index, picture in enumerate(pictures))


def _lanes(lanes: Sequence[_Lane], width: int) -> Any:
    is_narrow = width == NARROW
    pitch = 40.0 if is_narrow else 28.0
    rows = max(1, len(lanes))
    figure = new_figure(width, pitch * rows + 34)
    axes = new_axes(figure, left=4 if is_narrow else 150, right=34 if is_narrow else 44, top=4, bottom=26)
    axes.set_ylim(pitch * rows, 0)
    # Clock offsets are estimates: a span inside a guest may seem to begin before the request.
    first = min((start for lane in lanes for _, start, _, _ in lane.bars), default=0.0)
    last = max((end for lane in lanes for _, _, end, _ in lane.bars), default=0.0)
    axes.set_xlim(min(0.0, first), last * 1.02 if last > 0 else 1.0)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    for index, lane in enumerate(lanes):
        _lane(axes, lane, y=pitch * index, is_narrow=is_narrow)
        if index and lane.is_faint and not lanes[index - 1].is_faint:
            axes.axhline(pitch * index, color=INK, linewidth=0.8, alpha=0.5)
    return figure


def _lane(axes: Any, lane: _Lane, *, y: float, is_narrow: bool) -> None:
    middle = y + (27 if is_narrow else 14)
    label = {"va": "center", "fontsize": FONT, "fontstyle": "italic" if lane.is_faint else "normal"}
    if is_narrow:
        axes.annotate(lane.label, (0, y + 11), xytext=(2, 0), textcoords="offset points", **label)
    else:
        place = axes.get_yaxis_transform()
        axes.annotate(
            lane.label, (0, middle), xycoords=place, xytext=(-10, 0), textcoords="offset points", ha="right", **label
        )
    for side, start, end, is_ok in lane.bars:
        offset = 0.0 if side is None else -4.5 if side is Side.BASELINE else 4.5
        thickness = 13.0 if side is None else 8.0
        axes.barh(
            middle + offset,
            end - start,
            left=start,
            height=thickness,
            color=_SIDES[side],
            alpha=0.6 if side is None else 0.65 if lane.is_faint else 1.0,
            hatch=None if is_ok else "////",
            edgecolor=BAD if not is_ok else "none",
        )
        text = f"{number(end - start if lane.tells_length else end)}" + ("" if is_ok else " failed")
        axes.annotate(text, (end, middle + offset), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)


def _stages(gantt: Gantt) -> tuple[_Lane, ...]:
    labels = dict.fromkeys(task.label for task in gantt.tasks)
    return tuple(
        _Lane(
            label=label,
            bars=tuple((t.side, t.start, t.start + t.seconds, t.ok) for t in gantt.tasks if t.label == label),
            tells_length=True,
        )
        for label in labels
    )


def _latency(panels: Sequence[Requests], width: int) -> Any:
    tall = 150.0
    figure = new_figure(width, tall * len(panels) + 30)
    low, high = _latency_range(panels)
    last = max((sent for panel in panels for sent, _, _ in panel.points), default=1.0)
    for index, panel in enumerate(panels):
        is_last = index == len(panels) - 1
        bottom = 26 + tall * (len(panels) - 1 - index)
        axes = new_axes(figure, left=52, right=8, top=26 + tall * index, bottom=bottom + 4)
        axes.set_yscale("log")
        axes.set_ylim(low, high * 2.2)
        axes.set_xlim(-0.2, last * 1.01)
        axes.set_yticks(_log_ticks(low, high), [f"{number(t)} ms" for t in _log_ticks(low, high)])
        axes.yaxis.set_minor_locator(_null_locator())
        axes.grid(visible=True, axis="both")
        axes.xaxis.set_major_formatter((lambda value, _: f"{value:g} s") if is_last else (lambda _v, _p: ""))
        axes.annotate(
            shortened(panel.label, _LONGEST_LABEL),
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 10),
            textcoords="offset points",
            va="center",
            fontweight="bold",
            color=_SIDES[panel.side],
        )
        _requests(axes, panel)
    return figure


def _requests(axes: Any, panel: Requests) -> None:
    if panel.outage is not None:
        axes.axvspan(*panel.outage, color=BAD, alpha=0.18, linewidth=0)
    axes.axvline(panel.killed_at, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.annotate(
        "kill", (panel.killed_at, 1), xycoords=("data", "axes fraction"), xytext=(0, 4), textcoords="offset points",
        ha="center", fontsize=10,
    )  # fmt: skip
    axes.add_patch(_dots([(sent, latency) for sent, latency, is_ok in panel.points if is_ok], _SIDES[panel.side]))
    failed = [sent for sent, _, is_ok in panel.points if not is_ok]
    if failed:
        place = axes.get_xaxis_transform()
        axes.plot(failed, [0.93] * len(failed), "x", color=BAD, markersize=5, transform=place, clip_on=False)


def _dots(points: Sequence[tuple[float, float]], color: str) -> Any:
    """All dots as one path of strokes without length and with round ends: a tenth of the size of single markers."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    vertices = [point for point in points for _ in range(2)] or [(0.0, 1.0)]
    codes = [Path.MOVETO, Path.LINETO] * len(points) or [Path.MOVETO]
    return PathPatch(
        Path(vertices, codes), edgecolor=color, facecolor="none", linewidth=3.2, alpha=0.75, capstyle="round"
    )


def _latency_range(panels: Sequence[Requests]) -> tuple[float, float]:
    answered = [latency for panel in panels for _, latency, is_ok in panel.points if is_ok and latency > 0]
    return (min(answered) * 0.8, max(answered) * 1.2) if answered else (1.0, 10.0)


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if math.log10(high / low) < 2 else (1,)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    return [tick for tick in ticks if low <= tick <= high]


def _null_locator() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _strip(strip: Strip) -> Any:
    figure = new_figure(_STRIP_WIDTH, 84)
    axes = new_axes(figure, left=8, right=12, top=4, bottom=24)
    axes.set_ylim(2, 0)
    axes.set_yticks([])
    _strip_range(axes, [value for spread in strip.spreads for value in spread.values])
    for row, spread in enumerate(strip.spreads):
        color, middle = _SIDES[spread.side], row + 0.5
        if spread.interval is not None:
            low, high = spread.interval
            axes.barh(middle, high - low, left=low, height=0.62, color=color, alpha=0.22)
        # Spread over three lines, so that equal readings do not hide each other.
        points = [(value, middle + (index % 3 - 1) * 0.16) for index, value in enumerate(spread.values)]
        if points:
            axes.add_patch(_dots(points, color))
        if spread.median is not None:
            axes.vlines(spread.median, middle - 0.4, middle + 0.4, color=color, linewidth=2.2)
    return figure


def _strip_range(axes: Any, values: Sequence[float]) -> None:
    from matplotlib.ticker import MaxNLocator

    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    axes.set_xlim(low - room, high + room)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")


def _topology(topology: Topology, width: int) -> Any:
    is_narrow = width == NARROW
    places = _places(topology.nodes)
    layers = max(node.layer for node in topology.nodes) + 1
    across = max(index for _, index, _ in places.values()) + 1
    height = 110 * layers if is_narrow else 10 + 90 * across
    figure = new_figure(width, height)
    axes = new_axes(figure, left=0, right=0, top=0, bottom=0)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)

    def place(name: str) -> tuple[float, float]:
        layer, index, of = places[name]
        along, beside = (layer + 0.5) / layers, (index + 0.5) / of
        return (beside * width, along * height) if is_narrow else (along * width, beside * height)

    for arrow in topology.arrows:
        _arrow(axes, arrow, place, is_narrow=is_narrow)
    for node in topology.nodes:
        _node(axes, node, place(node.name))
    return figure


def _places(nodes: Sequence[Node]) -> dict[str, tuple[int, int, int]]:
    """Of each node its layer, its place in the layer, and how many there are in it."""
    layers: dict[int, list[str]] = {}
    for node in nodes:
        layers.setdefault(node.layer, []).append(node.name)
    return {name: (layer, index, len(names)) for layer, names in layers.items() for index, name in enumerate(names)}


def _node(axes: Any, node: Node, at: tuple[float, float]) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = at
    is_outside = node.layer == 0
    axes.add_patch(
        FancyBboxPatch(
            (x - 50, y - 20), 100, 40, boxstyle="round,pad=0,rounding_size=8", facecolor=PAPER, edgecolor=INK,
            linewidth=1.4, linestyle=(0, (3, 2)) if is_outside else "solid", zorder=3,
        )
    )  # fmt: skip
    axes.text(x, y, node.label, ha="center", va="center", fontsize=13, fontweight="bold", zorder=4)


def _arrow(axes: Any, arrow: Arrow, place: Callable[[str], tuple[float, float]], *, is_narrow: bool) -> None:
    color = _TONES.get(arrow.tone, UNSURE)
    (x1, y1), (x2, y2) = place(arrow.source), place(arrow.target)
    axes.annotate(
        "", (x2, y2), (x1, y1),
        arrowprops={
            "arrowstyle": "-|>", "color": color, "linewidth": 2.2, "shrinkA": 34 if is_narrow else 56,
            "shrinkB": 24 if is_narrow else 53, "linestyle": "solid" if arrow.tone is Tone.GOOD else "dashed",
        },
    )  # fmt: skip
    word = {Tone.GOOD: "passes", Tone.BAD: "blocked"}.get(arrow.tone, "not tested")
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    place_of_text = {"ha": "left", "va": "center"} if is_narrow else {"ha": "center", "va": "bottom"}
    text = f"{arrow.label}\n{word}" if is_narrow else arrow.label
    axes.text(x + (12 if is_narrow else 0), y - (0 if is_narrow else 6), text, fontsize=11, **place_of_text)
    if not is_narrow:
        axes.text(x, y + 6, word, fontsize=10, color=color, ha="center", va="top")


__all__ = ["NARROW", "WIDE", "draw"]
