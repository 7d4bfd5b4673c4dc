import io
import json as stdlib_json
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from portability.model.behaviour import Impact
from portability.report import json, junit, markdown
from portability.report.document import build
from portability.report.terminal import show
from tests.report import sample
from tests.report.hostile import MARK, hostile

_ALL = {**sample.VARIANTS, "hostile": hostile}


def printed(name: str, *, width: int = 100, color: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=color, color_system="256" if color else None)
    show(build(*_ALL[name]()), console)
    return console.file.getvalue()


@pytest.mark.parametrize("name", sample.VARIANTS)
def test_the_terminal_says_the_answer_and_what_must_change(name):
    _, verdict = sample.VARIANTS[name]()
    text = " ".join(printed(name).split())
    assert verdict.sentence in text
    assert [f.behaviour.id for f in verdict.with_impact(Impact.CHANGE) if f.behaviour.id not in text] == []
    assert [f.kind for f in verdict.failures if f.kind not in text] == []


def test_an_ordinary_report_fits_the_terminal():
    lines = printed("portable").splitlines()
    assert len(lines) <= 70
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("width", [40, 72, 100, 200])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(map(len, printed("not_portable", width=width).splitlines())) <= width


def test_without_colours_there_is_no_control_character():
    text = printed("hostile")
    assert MARK in text
    assert [c for c in text if c < " " and c != "\n"] == []


def test_with_colours_only_our_own_sequences_reach_the_terminal():
    text = printed("hostile", color=True)
    assert "\x1b[" in text
    assert "\x1b]" not in text
    assert "\x1b[2J" not in text
    assert "\x07" not in text


def test_markup_of_rich_in_foreign_text_is_shown_as_it_is():
    assert "[bold]x[/nope]" in "".join(printed("hostile", width=400).split())


@pytest.mark.parametrize("name", _ALL)
def test_the_verdict_comes_back_from_json(name):
    run, verdict = _ALL[name]()
    text = json.render(run, verdict)
    data = stdlib_json.loads(text)
    assert json.read(text) == verdict
    assert (data["schema"], data["schema_version"]) == ("portability.verdict", 1)
    assert data["run"]["seed"] == run.info.seed
    assert sum(data["counts"].values()) == len(verdict.findings)


def test_json_of_something_else_or_of_a_newer_schema_is_refused():
    run, verdict = sample.portable()
    newer = stdlib_json.loads(json.render(run, verdict)) | {"schema_version": 2}
    for text in ('{"schema": "other"}', "[]", stdlib_json.dumps(newer)):
        with pytest.raises(ValueError, match=r"not a verdict|schema version 2"):
            json.read(text)


@pytest.mark.parametrize("name", _ALL)
def test_junit_has_a_case_for_each_finding_and_counts_that_agree(name):
    run, verdict = _ALL[name]()
    root = ET.fromstring(junit.junit(verdict, run))
    names = [case.get("name") for case in root.iter("testcase")]
    assert [f.behaviour.id for f in verdict.findings if f.behaviour.id not in names] == []
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        for kind in ("failure", "skipped", "error"):
            plural = {"failure": "failures", "error": "errors"}.get(kind, kind)
            assert int(suite.get(plural)) == len(suite.findall(f"testcase/{kind}"))


def test_junit_fails_for_changes_errs_for_failures_and_skips_what_was_not_told():
    run, verdict = sample.not_portable()
    root = ET.fromstring(junit.junit(verdict, run))
    failed = {case.get("name") for case in root.iter("testcase") if case.find("failure") is not None}
    skipped = {case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None}
    erred = {case.get("name") for case in root.iter("testcase") if case.find("error") is not None}
    assert failed == {"vol.data_survives_move", "meta.service.v4", "nothing left behind"}
    assert erred == {"exercise"}
    assert "net.port_security.spoof" in skipped
    alone = {case.get("name") for case in ET.fromstring(junit.junit(verdict)).iter("testcase")}
    assert alone == {f.behaviour.id for f in verdict.findings} | {"exercise"}


@pytest.mark.parametrize("name", sample.VARIANTS)
def test_markdown_has_the_answer_and_tables_whose_rows_are_of_one_length(name):
    run, verdict = sample.VARIANTS[name]()
    text = markdown.render(build(run, verdict))
    assert text.startswith("# ")
    tables = [block for block in text.split("\n\n") if block.startswith("| ")]
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1


def test_markdown_keeps_foreign_text_from_becoming_html():
    text = markdown.render(build(*hostile()))
    outside = "\n".join(text.split("```")[::2])
    assert "<script>" not in outside.replace("\\<", "")
    assert MARK in outside
