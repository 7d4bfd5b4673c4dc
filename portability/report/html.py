"""The report as one HTML file: nothing is loaded from elsewhere, no script runs, and all foreign text is escaped."""

from functools import cache
from importlib.resources import files
from itertools import count, groupby

import jinja2
from markupsafe import Markup

from portability.report import charts
from portability.report.blocks import Block, Document, Figure, Row


def render(document: Document) -> str:
    """The whole page."""
    numbers = count()
    page = _template().render(
        document=document,
        css=Markup(_text("report.css")),
        pictures=lambda figure: _pictures(figure, name=f"f{next(numbers)}"),
    )
    return page.strip() + "\n"


def _pictures(figure: Figure, *, name: str) -> tuple[Markup, ...]:
    drawings = charts.draw(figure.drawing, name=name, summary=figure.summary)
    return tuple(Markup(drawing) for drawing in drawings)


def _kind(block: Block) -> str:
    return type(block).__name__


def _groups(rows: tuple[Row, ...]) -> list[tuple[str, list[Row]]]:
    return [(group, list(members)) for group, members in groupby(rows, key=lambda row: row.group)]


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["kind"] = _kind
    environment.filters["groups"] = _groups
    return environment.from_string(_text("report.html.j2"))


def _text(name: str) -> str:
    return files("portability.report").joinpath(name).read_text(encoding="utf-8")
