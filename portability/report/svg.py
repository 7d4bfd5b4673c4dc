"""From a matplotlib figure to inline SVG: text stays text, colours come from the page, ids are unique in it."""

import io
import re
from typing import Any
from xml.sax.saxutils import escape

# matplotlib knows no CSS variables: these colours stand for them until the drawing is done.
INK, FAINT, A, B, GOOD, BAD, UNSURE, PAPER = (f"#0a0b{n:02x}" for n in range(1, 9))
_CSS = {
    INK: "currentColor",
    FAINT: "var(--line)",
    A: "var(--a)",
    B: "var(--b)",
    GOOD: "var(--good)",
    BAD: "var(--bad)",
    UNSURE: "var(--unsure)",
    PAPER: "var(--paper)",
}
FONT = 11
STYLE: Any = {
    "svg.fonttype": "none",
    # It would take the dots of `_dots` for one line and drop most of them.
    "path.simplify": False,
    "font.size": FONT,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "ytick.color": FAINT,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "ytick.left": False,
    "xtick.bottom": False,
}


def new_figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(width / 72, height / 72), dpi=72, frameon=False)


def new_axes(figure: Any, *, left: float, right: float, top: float, bottom: float) -> Any:
    """Axes with margins in pixels."""
    width, height = figure.get_size_inches() * 72
    return figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )


def to_svg(figure: Any, *, name: str, summary: str) -> str:
    from matplotlib import rc_context

    buffer = io.StringIO()
    # A fixed salt: the same run gives the same file.
    with rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(
        r"<style.*?</style>|<defs>\s*</defs>|font-family: [^;\"]*; | transform=\"rotate\(-0 [^\"]*\"",
        "",
        text,
        flags=re.DOTALL,
    )
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub(r"font: [^;\"]*?([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    text = re.sub(r'\b[dxy]="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found[0]), text)
    for stand_in, css in _CSS.items():
        text = text.replace(stand_in, css)
    width, height = (round(size * 72) for size in figure.get_size_inches())
    head = f'<svg viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img" class="chart">'
    text = re.sub(r"<svg[^>]*>", lambda _: f"{head}<title>{escape(summary)}</title>", text, count=1)
    return re.sub(r"\n\s*", "\n", text).strip()
