"""The short report as Markdown, for a merge request or a ticket. Foreign text is escaped."""

import re
from collections.abc import Iterator
from typing import assert_never

from portability.report.blocks import (
    Block,
    Card,
    Cell,
    Code,
    Document,
    Evidence,
    Figure,
    Gallery,
    Items,
    KeyValues,
    Paragraph,
    Table,
    Tiles,
)

_SPECIAL = re.compile(r"([\\`*_\[\]#|~<>&])")


def render(document: Document) -> str:
    """The answer and the brief sections."""
    banner = document.banner
    lines = [
        f"# {_text(banner.word)}: {_text(document.subtitle)}",
        "",
        f"**{_text(banner.sentence)}**",
        "",
        *(f"- {_text(reason)}" for reason in banner.reasons),
        "",
        " · ".join(f"{tile.number} {tile.label}" for tile in banner.tiles if tile.number != "0"),
        "",
    ]
    for section in document.sections:
        if section.is_brief:
            lines += [f"## {_text(section.title)}", ""]
            lines += [f"{_text(section.lead)}", ""] if section.lead else []
            lines += [line for block in section.blocks for line in (*_block(block), "")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text=text):
            yield _text(text)
        case Items(items=items):
            yield from (f"- {_text(item)}" for item in items)
        case KeyValues(items=pairs):
            yield from (f"- {_text(term)}: {_text(text)}" for term, text in pairs)
        case Code(text=text):
            yield from _fenced(text)
        case Tiles(tiles=tiles):
            yield " · ".join(f"{_text(tile.number)} {_text(tile.label)}" for tile in tiles)
        case Table():
            yield from _table(block)
        case Card():
            yield from _card(block)
        case Figure() | Gallery() | Evidence():
            return
        case _:
            assert_never(block)


def _card(card: Card) -> Iterator[str]:
    yield f"### {_text(card.chip.text)}: {_text(card.title)} ({_text(card.subject)})"
    yield ""
    yield _text(card.text)
    yield ""
    yield from (f"- {_text(label)}: {_text(text)}" for label, text in card.sides)
    if card.remedy:
        yield ""
        yield from _fenced(card.remedy)


def _table(table: Table) -> Iterator[str]:
    yield _line(column.title for column in table.columns)
    yield "|" + "|".join(" ---: " if column.is_number else " --- " for column in table.columns) + "|"
    for row in table.rows:
        yield _line(_cell(cell) for cell in row.cells)


def _cell(cell: Cell) -> str:
    return " ".join(part for part in (cell.text, cell.chip.text if cell.chip else "") if part)


def _line(cells: Iterator[str]) -> str:
    return "| " + " | ".join(_text(cell) for cell in cells) + " |"


def _fenced(text: str) -> Iterator[str]:
    """A fence that is longer than any within the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (fence, text, fence)


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
