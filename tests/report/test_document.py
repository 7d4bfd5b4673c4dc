import pytest

from portability.model.behaviour import Impact
from portability.model.comparison import Status
from portability.model.run import ExerciseResult
from portability.report.application import outage
from portability.report.blocks import Card, Figure, Gallery, Table, Waterfall
from portability.report.clean import cleaned, plain
from portability.report.document import build, tiles
from tests.report import sample
from tests.report.hostile import hostile


@pytest.mark.parametrize("name", sample.VARIANTS)
def test_each_finding_is_counted_once(name):
    _, verdict = sample.VARIANTS[name]()
    assert sum(int(tile.number) for tile in tiles(verdict)) == len(verdict.findings)


def test_a_blocker_comes_before_a_change():
    run, verdict = sample.not_portable()
    cards = [block for block in build(run, verdict).section("change").blocks if isinstance(block, Card)]
    assert [card.chip.text for card in cards] == ["blocker", "change"]
    assert cards[0].sides == (("onprem", "yes"), ("public", "no"))


def test_an_aborted_run_has_only_the_sections_it_can_fill():
    document = build(*sample.aborted())
    assert [section.id for section in document.sections] == ["failures", "change", "open", "topology", "time", "repeat"]
    assert document.section("boot") is None


def test_the_answer_stands_before_what_it_rests_on():
    ids = [section.id for section in build(*sample.not_portable()).sections]
    assert ids[:5] == ["failures", "change", "to-do", "harmless", "open"]
    assert ids.index("boot") < ids.index("behaviours") < ids.index("repeat")


def test_everything_that_could_not_be_told_is_open_with_a_reason_and_a_way():
    run, verdict = sample.inconclusive()
    table = next(b for b in build(run, verdict).section("open").blocks if isinstance(b, Table))
    expected = [
        f.behaviour.id for f in verdict.findings if f.comparison.status in (Status.INCONCLUSIVE, Status.NOT_TESTED)
    ]
    assert sorted(row.cells[0].text for row in table.rows) == sorted(expected)
    assert all(row.cells[2].text and row.cells[3].text for row in table.rows)


def test_what_is_required_and_open_comes_first():
    run, verdict = sample.inconclusive()
    table = next(b for b in build(run, verdict).section("open").blocks if isinstance(b, Table))
    levels = {f.behaviour.id: f.behaviour.level.value for f in verdict.findings}
    shown = [levels[row.cells[0].text] for row in table.rows]
    assert shown == sorted(shown, key=["required", "recommended", "informational"].index)
    assert len(set(shown)) > 1


def test_only_the_subject_that_differs_carries_the_impact():
    same = sample.measured("", sample.Measured(value=1450), sample.Measured(value=1450), Status.SAME, subject="db-0")
    other = sample.measured(
        "", sample.Measured(value=1450), sample.Measured(value=1400), Status.DIFFERENT, subject="app-0"
    )
    run, verdict = sample.with_changes()
    found = sample.finding(sample.behaviour("net.mtu.interface"), (same, other), impact=Impact.CHANGE)
    table = build(run, _only(verdict, found)).section("behaviours").blocks[0]
    assert [(row.cells[0].fine, row.cells[3].chip.text, row.differs) for row in table.rows] == [
        ("db-0", "same", False),
        ("app-0", "change", True),
    ]


def test_subjects_that_read_alike_share_a_row():
    run, verdict = sample.with_changes()
    table = build(run, verdict).section("behaviours").blocks[0]
    assert [row.cells[0].fine for row in table.rows if row.cells[0].text == "net.sg.forbidden"] == ["12 subjects alike"]


def test_sets_that_differ_show_only_what_the_other_has_not():
    run, verdict = sample.with_changes()
    table = build(run, verdict).section("behaviours").blocks[0]
    (row,) = (row for row in table.rows if row.cells[0].text == "guest.cpu.isa")
    assert (row.cells[1].text, row.cells[2].text) == ("8 in common, only here: avx2, vmx", "8 in common")
    assert ("All on onprem", ", ".join(sample._FLAGS)) in row.cells[0].more


def test_the_waterfall_shows_medians_of_boots_that_succeeded():
    run, verdict = sample.with_changes()
    figure = next(b for b in build(run, verdict).section("boot").blocks if isinstance(b, Figure))
    assert isinstance(figure.drawing, Waterfall)
    service = next(lane for lane in figure.drawing.lanes if lane.label == "service answers")
    boots = sorted(b.timeline.service for b in run.of(sample.CanaryBoot, "onprem") if b.repetition)
    assert service.bars[0].end == pytest.approx((boots[3] + boots[4]) / 2)


def test_a_quantity_with_one_reading_is_not_drawn():
    run, verdict = sample.with_changes()
    single = sample._quantity("vol.attach.time", "scratch", 1.0, 2.0, 0.1, 1)
    found = sample.finding(sample.behaviour("vol.attach.time", scale="quantity", unit="s"), (single,))
    assert build(run, _only(verdict, found)).section("distributions") is None
    gallery = build(run, verdict).section("distributions").blocks[0]
    assert isinstance(gallery, Gallery)
    assert len(gallery.figures) == sum(len(line[4]) for line in sample._TIMED.values())


def test_the_outage_is_the_longest_gap_between_answers_with_a_failure_in_it():
    result = _exercise(((0.0, 5.0, True), (1.0, 5.0, True), (1.5, 9.0, False), (2.0, 5.0, True), (9.0, 5.0, True)))
    assert outage(result) == (1.0, 2.0)
    assert outage(_exercise(((0.0, 5.0, True), (9.0, 5.0, True)))) is None


def test_leftovers_are_named_with_the_command_that_removes_them():
    texts = [block.text for block in build(*sample.not_portable()).section("census").blocks[:-1]]
    assert texts == [
        "1 resource of this run left on public.",
        "What is left on onprem was not counted.",
        "portability sweep onprem --run 2k7f3xw9 --yes",
        "portability sweep public --run 2k7f3xw9 --yes",
    ]


def test_a_clean_cloud_is_called_clean_only_after_a_count():
    run, verdict = sample.portable()
    (told, *_) = build(run, verdict).section("census").blocks
    assert told.text == "Nothing of this run is left on onprem and public."
    uncounted = tuple(record for record in run.records if not isinstance(record, sample.Census))
    blocks = build(sample.replace(run, records=uncounted), verdict).section("census").blocks
    assert [block.text for block in blocks[:2]] == [
        "What is left on onprem was not counted.",
        "What is left on public was not counted.",
    ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("a\u202eb\u200bc", "abc"),
        ("line\r\nnext\tcell", "line\nnext\tcell"),
        ("bell\x07\x00\x7f", "bell"),
        ("Grüße → 95 %", "Grüße → 95 %"),
    ],
)
def test_foreign_text_keeps_its_words_and_loses_its_powers(text, left):
    assert plain(text) == left


def test_a_whole_tree_is_cleaned():
    document = build(*hostile())
    assert "\x1b" not in repr(document).replace("\\x1b", "\x1b")
    assert cleaned(document) == document


def _only(verdict, *findings):
    return sample.replace(verdict, findings=findings)


def _exercise(timeline):
    run, _ = sample.with_changes()
    return sample.replace(run.of(ExerciseResult)[0], timeline=timeline)
