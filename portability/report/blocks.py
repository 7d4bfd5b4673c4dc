"""The pieces that a report is made of: every format renders these and nothing else."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from portability.model.units import Seconds


class Tone(StrEnum):
    """How a reader should take something; never told by colour alone, there is a word beside it."""

    PLAIN = "plain"
    GOOD = "good"
    NOTE = "note"
    """Different, and dealt with."""
    CHANGE = "change"
    BAD = "bad"
    UNSURE = "unsure"


class Side(StrEnum):
    BASELINE = "a"
    CANDIDATE = "b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A word with a tone."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyValues:
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Something to paste."""

    text: str
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    number: str
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    title: str
    side: Side | None = None
    is_number: bool = False
    is_code: bool = False
    is_prose: bool = False
    """Whole sentences that must not be cut short."""
    is_detail: bool = False
    """Left out of the short formats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    text: str
    fine: str = ""
    """A second line in small print."""
    chip: Chip | None = None
    more: tuple[tuple[str, str], ...] = ()
    """Terms and texts for the reader who asks."""
    link: str = ""
    """A path relative to the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    cells: tuple[Cell, ...]
    differs: bool = True
    """False: a reader who wants only differences does not need it."""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    has_filter: bool = False
    is_detail: bool = False
    """Left out of the short formats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A finding that asks for action."""

    title: str
    subject: str
    chip: Chip
    text: str
    sides: tuple[tuple[str, str], ...]
    """What each cloud shows, baseline first: label, text."""
    remedy: str
    fine: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    side: Side
    start: Seconds
    end: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One line of a waterfall: the same thing on both clouds; a side that was not seen has no bar."""

    label: str
    bars: tuple[Bar, ...]
    is_inside: bool = False
    """Told by the guest, not seen from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Readings of one cloud."""

    side: Side
    values: tuple[float, ...]
    median: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    spreads: tuple[Spread, ...]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """One cloud's requests under load: sent at, latency in ms, answered."""

    side: Side
    label: str
    points: tuple[tuple[Seconds, float, bool], ...]
    killed_at: Seconds
    outage: tuple[Seconds, Seconds] | None
    """From and to, of the longest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    panels: tuple[Requests, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    side: Side | None
    """None: both at once."""
    label: str
    start: Seconds
    seconds: Seconds
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gantt:
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    name: str
    label: str
    layer: int
    """0: outside; servers further from the users have higher ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    source: str
    target: str
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


Drawing: TypeAlias = Waterfall | Strip | Latency | Gantt | Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    drawing: Drawing
    summary: str
    """What is to be seen, for those who do not see it."""
    title: str = ""
    caption: str = ""
    chip: Chip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Small figures side by side."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What only a doubter opens."""

    title: str
    blocks: tuple["Block", ...]


Block: TypeAlias = Paragraph | Items | KeyValues | Code | Tiles | Table | Card | Figure | Gallery | Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    id: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""
    nav: str = ""
    """Its short name in the navigation; empty: the title."""
    is_brief: bool = False
    """Belongs into the short formats too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """The answer."""

    word: str
    tone: Tone
    sentence: str
    reasons: tuple[str, ...]
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    title: str
    subtitle: str
    clouds: tuple[str, str]
    """Labels of the baseline and the candidate."""
    facts: tuple[tuple[str, str], ...]
    """When, how long, with what."""
    banner: Banner
    sections: tuple[Section, ...]

    def section(self, id: str) -> Section | None:
        return next((section for section in self.sections if section.id == id), None)
