"""The short report at the end of a run, for a terminal. Foreign text is never read as markup."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from portability.report.blocks import (
    Bar,
    Block,
    Card,
    Cell,
    Chip,
    Code,
    Document,
    Evidence,
    Figure,
    Gallery,
    Items,
    KeyValues,
    Lane,
    Paragraph,
    Row,
    Section,
    Side,
    Table,
    Tile,
    Tiles,
    Tone,
    Waterfall,
)
from portability.report.words import number

# The named colours follow the terminal's own theme; those of the clouds have contrast on light and on dark.
_TONES = {
    Tone.PLAIN: "",
    Tone.GOOD: "green",
    Tone.NOTE: "cyan",
    Tone.CHANGE: "yellow",
    Tone.BAD: "red",
    Tone.UNSURE: "magenta",
}
_SIDES = {Side.BASELINE: "dodger_blue1", Side.CANDIDATE: "dark_orange3"}
_BAR_WIDTH = 48
_WIDEST = 110
_MOST_ROWS = 8
_MOST_FACTS = 3
_INDENT = 2
_GAP = 2


def show(document: Document, console: Console) -> None:
    """Prints the answer and the brief sections."""
    width = min(console.width, _WIDEST)
    console.print(_banner(document), width=width)
    for section in document.sections:
        if section.is_brief:
            console.print(_section(section, document, width=width, is_plain=console.color_system is None), width=width)


def _banner(document: Document) -> RenderableType:
    banner = document.banner
    tone = _TONES[banner.tone]
    route = Text.assemble(
        (document.title, "bold"),
        "  ",
        (document.clouds[0], _SIDES[Side.BASELINE]),
        " → ",
        (document.clouds[1], _SIDES[Side.CANDIDATE]),
        ("  " + " · ".join(f"{term.lower()} {text}" for term, text in document.facts[:_MOST_FACTS]), "dim"),
    )
    answer = Text.assemble((f" {banner.word.upper()} ", f"bold reverse {tone}"), "  ", (banner.sentence, "bold"))
    return Group(Text(), route, Text(), answer, *((_tiles(banner.tiles),) if banner.tiles else ()))


def _tiles(tiles: Iterable[Tile]) -> Text:
    shown = [(f"{tile.number} {tile.label}", _TONES[tile.tone]) for tile in tiles if tile.number != "0"]
    parts: list[str | tuple[str, str]] = []
    for index, part in enumerate(shown):
        parts += [" · ", part] if index else [part]
    return Text.assemble(*parts)


def _section(section: Section, document: Document, *, width: int, is_plain: bool) -> RenderableType:
    inner = width - _INDENT
    body = [piece for block in section.blocks for piece in _block(block, document, width=inner, is_plain=is_plain)]
    body = body or [Text(section.lead)]
    return Group(Text(), Text(section.title, style="bold underline"), *(_indented(piece) for piece in body))


def _indented(piece: RenderableType) -> RenderableType:
    return Padding(piece, (0, 0, 0, _INDENT), expand=False)


def _block(block: Block, document: Document, *, width: int, is_plain: bool) -> Iterator[RenderableType]:
    match block:
        case Paragraph(text=text, tone=tone):
            yield Text(text, style=_TONES[tone])
        case Items(items=items):
            yield from (Text(f"• {item}") for item in items)
        case KeyValues(items=pairs):
            yield from (Text.assemble((f"{term}: ", "dim"), text) for term, text in pairs)
        case Code(text=text):
            yield Text(text, style="bold")
        case Tiles(tiles=tiles):
            yield _tiles(tiles)
        case Table(is_detail=False) if any(column.is_prose for column in block.columns):
            yield from _prose(block)
        case Table(is_detail=False):
            yield _table(block, width=width)
        case Card():
            yield from _card(block)
        case Figure(drawing=Waterfall(lanes=lanes)):
            yield _waterfall(tuple(lane for lane in lanes if not lane.is_inside), document, is_plain=is_plain)
        case Figure() | Gallery() | Evidence() | Table():
            # Pictures and what only a doubter opens are in the HTML report.
            return
        case _:
            assert_never(block)


def _card(card: Card) -> Iterator[RenderableType]:
    yield Text.assemble(_chip(card.chip), " ", (card.subject, "bold"), "  ", card.text)
    if card.remedy:
        yield _indented(Text(card.remedy))


def _prose(table: Table) -> Iterator[RenderableType]:
    """A table with sentences in it, as a list: what it is about and the values in one line, the sentence below."""
    for row in table.rows:
        cells = list(zip(table.columns, row.cells, strict=True))
        values = [(_cell(cell), column.side) for column, cell in cells[1:] if not (column.is_prose or column.is_detail)]
        head = Text.assemble((cells[0][1].text, "bold"), "  ")
        for index, (text, side) in enumerate(values):
            head.append(" → " if index else "")
            head.append_text(Text(text.plain, style=_SIDES[side]) if side else text)
        yield head
        for column, cell in cells[1:]:
            if column.is_prose and cell.text:
                yield _indented(Text(cell.text, style="dim"))


def _table(table: Table, *, width: int) -> RenderableType:
    """One line a row. Where it is too wide, the name of a thing and the judgement stay whole and the rest is cut."""
    kept = [index for index, column in enumerate(table.columns) if not column.is_detail]
    shown = table.rows[:_MOST_ROWS]
    natural = {index: max(_width(table, row, index) for row in shown) for index in kept} if shown else {}
    whole = {index for index in kept if any(_is_kept_whole(row, index) for row in shown)}
    left = width - sum(natural[index] for index in whole) - _GAP * len(kept)
    share = left // max(1, len(kept) - len(whole))
    is_wide = sum(natural.values()) + _GAP * len(kept) > width
    grid = Grid(box=None, padding=(0, _GAP, 0, 0), pad_edge=False)
    for index in kept:
        column = table.columns[index]
        grid.add_column(
            Text(column.title, style=_SIDES[column.side] if column.side else "dim"),
            justify="right" if column.is_number else "left",
            no_wrap=True,
            overflow="ellipsis",
            max_width=max(share, len(column.title)) if is_wide and index not in whole else None,
        )
    for row in shown:
        grid.add_row(*(_cell(row.cells[index]) for index in kept))
    left_out = len(table.rows) - len(shown)
    return Group(grid, Text(f"and {left_out} more in the HTML report", style="dim")) if left_out else grid


def _width(table: Table, row: Row, index: int) -> int:
    return max(len(table.columns[index].title), _cell(row.cells[index]).cell_len)


def _is_kept_whole(row: Row, index: int) -> bool:
    return index == 0 or row.cells[index].chip is not None


def _cell(cell: Cell) -> Text:
    if cell.chip is None:
        return Text(cell.text)
    return Text(" ").join((Text(cell.text), _chip(cell.chip))) if cell.text else _chip(cell.chip)


def _chip(mark: Chip) -> Text:
    return Text(mark.text, style=f"bold {_TONES[mark.tone]}")


def _waterfall(lanes: tuple[Lane, ...], document: Document, *, is_plain: bool) -> RenderableType:
    longest = max((bar.end for lane in lanes for bar in lane.bars), default=0.0) or 1.0
    grid = Grid.grid(padding=(0, 2, 0, 0))
    heads = (Text(label, style=_SIDES[side]) for side, label in zip(Side, document.clouds, strict=True))
    grid.add_row("", *heads, Text("▀ upper half, ▄ lower half", style="dim"))
    for lane in lanes:
        ends = {bar.side: Text(f"{number(bar.end)} s", style=_SIDES[bar.side], justify="right") for bar in lane.bars}
        grid.add_row(
            Text(lane.label), *(ends.get(side, Text("")) for side in Side), _bars(lane.bars, longest, is_plain=is_plain)
        )
    return grid


def _bars(bars: tuple[Bar, ...], longest: float, *, is_plain: bool) -> Text:
    """Both clouds in one line: the baseline in its upper half, the candidate in the lower one."""
    cells = {
        bar.side: range(
            round(bar.start / longest * _BAR_WIDTH),
            max(round(bar.end / longest * _BAR_WIDTH), round(bar.start / longest * _BAR_WIDTH) + 1),
        )
        for bar in bars
    }
    line = Text()
    for column in range(_BAR_WIDTH + 1):
        upper = column in cells.get(Side.BASELINE, ())
        lower = column in cells.get(Side.CANDIDATE, ())
        if upper and lower:
            line.append("█" if is_plain else "▀", style=f"{_SIDES[Side.BASELINE]} on {_SIDES[Side.CANDIDATE]}")
        elif upper or lower:
            line.append("▀" if upper else "▄", style=_SIDES[Side.BASELINE if upper else Side.CANDIDATE])
        else:
            line.append(" ")
    line.rstrip()
    return line
