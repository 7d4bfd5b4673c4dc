import pytest

from portability.model.comparison import Status
from portability.model.observation import Measured, Unknown
from portability.model.run import Spent, Work
from portability.model.verdict import VerdictKind
from portability.report.blocks import Figure, Paragraph, Table, Tone
from portability.report.commands import compare_again, sweep
from portability.report.document import build
from tests.report import sample

YES, NO = Measured(value=True), Measured(value=False)


def topology(*findings):
    run, verdict = sample.with_changes()
    return build(run, sample.replace(verdict, findings=findings)).section("topology").blocks


def pair(name, a, b):
    status = Status.SAME if a == b else Status.DIFFERENT
    return sample.measured("", a, b, status, subject=name)


def allowed(*subjects):
    return sample.finding(sample.behaviour("net.sg.allowed"), subjects)


def forbidden(*subjects):
    return sample.finding(sample.behaviour("net.sg.forbidden"), subjects)


@pytest.mark.parametrize(
    ("second", "tone", "word"),
    [(YES, Tone.GOOD, "passes"), (NO, Tone.BAD, "blocked"), (Unknown(reason="no SSH"), Tone.UNSURE, "not tested")],
)
def test_a_flow_passes_only_if_every_pair_of_its_servers_does(second, tone, word):
    found = allowed(pair("app-0->db-0 tcp/5432", YES, YES), pair("app-1->db-0 tcp/5432", YES, second))
    figure, table = topology(found)[:2]
    (arrow,) = (arrow for arrow in figure.drawing.arrows if arrow.target == "db")
    assert arrow.tone is tone
    (row,) = (row for row in table.rows if row.cells[0].text == "app->db tcp/5432")
    assert [cell.chip.text for cell in row.cells[1:3]] == ["passes", word]


def test_a_flow_that_was_not_tried_is_not_drawn_as_passing():
    figure = topology()[0]
    assert isinstance(figure, Figure)
    assert {arrow.tone for arrow in figure.drawing.arrows} == {Tone.UNSURE}


def test_a_forbidden_path_that_passes_is_named():
    leak = Measured(value="passes")
    blocked = Measured(value="blocked")
    found = forbidden(pair("edge-0->db-0 tcp/5432", blocked, leak), pair("outside->db-0 tcp/22", blocked, blocked))
    table = topology(found)[2]
    assert isinstance(table, Table)
    assert [(r.cells[0].text, r.cells[1].chip.text, r.cells[2].chip.text) for r in table.rows] == [
        ("edge-0->db-0 tcp/5432", "blocked", "passes")
    ]


def test_forbidden_paths_that_are_all_blocked_need_one_line():
    blocked = Measured(value="blocked")
    line = topology(forbidden(pair("outside->db-0 tcp/22", blocked, blocked)))[2]
    assert line == Paragraph(text="1 path that must not pass tried on both clouds: all blocked.", tone=Tone.GOOD)


def test_a_verdict_that_rests_on_no_behaviour_says_what_must_change_all_the_same():
    run, verdict = sample.portable()
    verdict = sample.replace(verdict, kind=VerdictKind.WITH_CHANGES, reasons=("public: app-1 did not serve again",))
    (block,) = build(run, verdict).section("change").blocks
    assert block.text == "public: app-1 did not serve again"


def test_time_that_is_counted_once_for_both_clouds_needs_no_column_for_each():
    spent = tuple(Spent(cloud=None, work=work, seconds=2.0) for work in Work)
    kept = tuple(record for record in sample.records() if not isinstance(record, Spent))
    _, verdict = sample.portable()
    section = build(sample.run(kept=(*kept, *spent)), verdict).section("time")
    table = next(block for block in section.blocks if isinstance(block, Table))
    assert [column.title for column in table.columns] == ["Time spent on", "both at once", "Share"]
    assert table.rows[0].cells[2].text == "20%"


@pytest.mark.parametrize("given", ["-r 2", "-r2", "--repetitions 2", "--repetitions=2", ""])
def test_the_command_with_other_repetitions_keeps_everything_else(given):
    run, _ = sample.portable()
    command = f"portability compare ./my.yaml a b {given} --seed 7"
    run = sample.replace(run, info=sample.replace(run.info, command=command))
    assert compare_again(run) == command
    assert compare_again(run, repetitions=12) == "portability compare ./my.yaml a b --seed 7 -r 12"


def test_the_sweep_names_the_cloud_as_clouds_yaml_does():
    run, _ = sample.portable()
    twin = sample.replace(run, info=sample.replace(run.info, command="portability compare three-tier onprem onprem"))
    assert sweep(twin, "onprem-2") == "portability sweep onprem --run 2k7f3xw9 --yes"
    named = sample.replace(run, info=sample.replace(run.info, command="portability compare three-tier a-1 b"))
    assert sweep(named, "a-1") == "portability sweep a-1 --run 2k7f3xw9 --yes"
