import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest

from portability.model.behaviour import Impact
from portability.report import charts, html
from portability.report.blocks import Bar, Lane, Side, Waterfall
from portability.report.document import build
from tests.report.hostile import MARK, hostile
from tests.report.sample import VARIANTS

_ACTIVE = {"script", "iframe", "object", "embed", "form", "img", "link", "base", "audio", "video"}
_TO_DO = (Impact.CHANGE, Impact.BLOCKER)
_VOID = {"meta", "input", "br", "hr", "path", "use", "rect", "circle", "image"}


class Page(HTMLParser):
    """What a browser would make of a page: its tags with attributes, its text, and tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.mismatches: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in _VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.mismatches.append(tag)

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def pages():
    """Rendered once, and pictures that several pages share drawn once, because drawing takes time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "draw", cache(charts.draw))
        return {name: html.render(build(*variant())) for name, variant in {**VARIANTS, "hostile": hostile}.items()}


@pytest.mark.parametrize("name", [*VARIANTS, "hostile"])
def test_a_page_loads_nothing_and_runs_nothing(pages, name):
    page = Page(pages[name])
    links = [value for _, attrs in page.tags for key, value in attrs.items() if key in ("href", "src", "xlink:href")]
    assert [link for link in links if not link.startswith(("#", "evidence/"))] == []
    assert [tag for tag, _ in page.tags if tag in _ACTIVE] == []
    assert [key for _, attrs in page.tags for key in attrs if key.startswith("on")] == []
    assert re.findall(r"url\((?!#)", pages[name]) == []
    assert "@import" not in pages[name]
    assert "default-src 'none'" in pages[name]


@pytest.mark.parametrize("name", [*VARIANTS, "hostile"])
def test_a_page_is_well_formed(pages, name):
    page = Page(pages[name])
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    targets = re.findall(r'(?:href="|url\()#([^")]+)', pages[name])
    assert page.mismatches == []
    assert page.open == []
    assert len(ids) == len(set(ids))
    assert set(targets) <= set(ids)


def test_hostile_text_is_shown_as_text(pages):
    page = Page(pages["hostile"])
    assert f"{MARK}<script>alert(1)</script>" in page.text
    assert "{{7*7}}" in page.text
    assert not [c for c in pages["hostile"] if c < " " and c not in "\n\t"]
    assert "\u202e" not in pages["hostile"]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_finding_failure_and_thing_to_do_is_on_the_page(pages, name):
    _, verdict = VARIANTS[name]()
    text = Page(pages[name]).text
    assert verdict.sentence in text
    assert [f.behaviour.id for f in verdict.findings if f.behaviour.id not in text] == []
    assert [f.message for f in verdict.failures if f.message not in text] == []
    assert [line.aspect for line in verdict.to_do if line.what_to_do not in text] == []
    assert [r for f in verdict.findings if f.impact in _TO_DO and (r := " ".join(f.remedy.split())) not in text] == []


def test_the_same_run_gives_the_same_page(pages):
    assert html.render(build(*VARIANTS["aborted"]())) == pages["aborted"]


def test_a_picture_for_wide_and_for_narrow_pages_has_its_summary(pages):
    page = Page(pages["with_changes"])
    pictures = [attrs for tag, attrs in page.tags if tag == "svg"]
    titles = [tag for tag, _ in page.tags if tag == "title"]
    assert len(pictures) > 10
    assert all(attrs["role"] == "img" for attrs in pictures)
    # One title a picture, and the page's own.
    assert len(titles) == len(pictures) + 1


def test_no_colour_of_a_picture_is_fixed(pages):
    drawn = "".join(re.findall(r"<svg.*?</svg>", pages["with_changes"], flags=re.DOTALL))
    assert re.findall(r"(?:fill|stroke): #\w+", drawn) == []
    assert "var(--a)" in drawn
    assert "var(--b)" in drawn


def test_letters_that_the_drawing_program_does_not_have_are_left_to_the_browser():
    run, verdict = VARIANTS["aborted"]()
    tier = replace(run.workload.tiers[0], name="東京")
    run = replace(run, workload=replace(run.workload, tiers=(tier,), flows=()))
    assert "東京" in "".join(re.findall(r"<svg.*?</svg>", html.render(build(run, verdict)), flags=re.DOTALL))


def test_a_span_that_seems_to_begin_before_the_request_is_drawn():
    lanes = (Lane(label="kernel", bars=(Bar(side=Side.BASELINE, start=-0.4, end=1.0),), is_inside=True),)
    wide, narrow = charts.draw(Waterfall(lanes=lanes), name="f", summary="s")
    for drawing in (wide, narrow):
        (left,) = re.findall(r'<path d="M ([\d.-]+) [^"]*" clip-path="[^"]*" style="fill: var\(--a\)', drawing)
        assert 0 <= float(left) < 976
    assert charts.draw(Waterfall(lanes=()), name="f", summary="s")
