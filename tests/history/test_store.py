import errno
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portability.errors import BadFile, CannotWrite, UsageError
from portability.history.identity import LENGTH, is_run_id, new_run_id
from portability.history.store import RunDir, create_run_dir, find_run, list_runs, load_run, load_verdict
from portability.judge.judge import judge
from portability.model.journal import Record, Remark, Run, decode_record, encode_record
from portability.model.plan import BindingDifference, Offer
from tests.judge import runs

REMARK = Remark(cloud="public", text="asked again after 429", at="2026-11-22T12:00:00+00:00")
OFFER = Offer(
    cloud="onprem", services=(), flavors=(), images=(), networks=(), volume_types=(), compute_zones=("nova",),
    volume_zones=(), quotas=(), network_extensions=(), compute_microversion=None,
)  # fmt: skip


def read_journal(path: Path) -> tuple[Record, ...]:
    return tuple(decode_record(json.loads(line)) for line in path.read_text().splitlines())


def written(root: Path, run_id: str = "r1") -> tuple[RunDir, Run]:
    """A run directory with all that a run writes."""
    directory = create_run_dir(root, run_id)
    difference = BindingDifference(aspect="image", baseline="a", candidate="b", what_to_do="name it")
    run = runs.complete(REMARK, planned=runs.plan(difference))
    directory.write_info(run.info)
    directory.write_workload(run.workload)
    directory.write_offers((OFFER,))
    assert run.plan is not None
    directory.write_plan(run.plan)
    directory.journal.write_text("".join(json.dumps(encode_record(record)) + "\n" for record in run.records))
    return directory, Run(info=run.info, workload=run.workload, offers=(OFFER,), plan=run.plan, records=run.records)


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    directory, run = written(tmp_path)
    assert load_run(directory.path, read_journal=read_journal) == run
    assert load_verdict(directory.path) is None
    verdict = judge(run, (), ())
    directory.write_verdict(verdict)
    assert load_verdict(directory.path) == verdict


def test_a_run_that_was_cut_short_can_be_read(tmp_path: Path) -> None:
    directory = create_run_dir(tmp_path, "r1")
    run = runs.run()
    directory.write_info(run.info)
    directory.write_workload(run.workload)
    short = load_run(directory.path, read_journal=read_journal)
    assert (short.offers, short.plan, short.records) == ((), None, ())


def test_only_the_owner_can_enter_a_run_directory(tmp_path: Path) -> None:
    directory = create_run_dir(tmp_path / "runs", "r1")
    assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700
    assert directory.evidence.is_dir()


def test_an_id_is_given_to_one_of_many_that_ask_at_once(tmp_path: Path) -> None:
    def ask(_: int) -> bool:
        try:
            create_run_dir(tmp_path / "runs", "same")
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(40))) == 1


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory, _ = written(tmp_path)
    before = sorted(path.name for path in directory.path.iterdir())
    old = (directory.path / "plan.json").read_text()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("portability.history.store.os.fsync", full)
    with pytest.raises(CannotWrite, match=r"plan\.json: No space left on device \(make room"):
        directory.write_plan(runs.plan())
    assert (directory.path / "plan.json").read_text() == old
    assert sorted(path.name for path in directory.path.iterdir()) == before


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(CannotWrite, match="cannot write"):
        create_run_dir(tmp_path / "runs", "r1")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("plan.json", "{", r"plan\.json:1: is not JSON"),
        ("plan.json", '{"schema_version": 2}', r"schema version 2, this program reads 1 \(use the version"),
        ("plan.json", "[]", "where an object is due"),
        ("offers.json", "{}", "a list of offers is due"),
        ("offers.json", '[{"cloud": 1}]', r"Offer\.cloud: 1 where str is due"),
        ("run.json", '{"id": "x"}', r"run\.json: RunInfo"),
        ("verdict.json", "\x00", "is not JSON"),
    ],
)
def test_a_broken_file_is_told_by_name_and_place(tmp_path: Path, name: str, text: str, problem: str) -> None:
    directory, _ = written(tmp_path)
    (directory.path / name).write_text(text)
    with pytest.raises(BadFile, match=problem):
        (load_run(directory.path, read_journal=read_journal), load_verdict(directory.path))


def test_a_missing_workload_is_told(tmp_path: Path) -> None:
    directory, _ = written(tmp_path)
    (directory.path / "workload.json").unlink()
    with pytest.raises(BadFile, match=r"workload\.json: is missing"):
        load_run(directory.path, read_journal=read_journal)


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run in"):
        load_run(tmp_path, read_journal=read_journal)


def test_runs_are_listed_newest_first_and_strangers_left_out(tmp_path: Path) -> None:
    for run_id in ("aa1", "ab2", "ab3"):
        written(tmp_path, run_id)
    (tmp_path / "notes").mkdir()
    (tmp_path / "zz").mkdir()
    (tmp_path / "zz" / "run.json").write_text("{")
    assert [run.path.name for run in list_runs(tmp_path)] == ["ab3", "ab2", "aa1"]
    assert list_runs(tmp_path / "nowhere") == ()


def test_a_run_is_found_by_path_id_beginning_and_as_the_latest(tmp_path: Path) -> None:
    for run_id in ("aa1", "ab2", "ab3", "ab3c"):
        written(tmp_path, run_id)
    assert find_run("aa", root=tmp_path).run_id == "aa1"
    assert find_run("AA1", root=tmp_path).run_id == "aa1"
    assert find_run("ab3", root=tmp_path).run_id == "ab3", "a whole id wins over a longer one"
    assert find_run(root=tmp_path).run_id == "ab3c"
    assert find_run(str(tmp_path / "ab2")).run_id == "ab2"
    with pytest.raises(UsageError, match="3 runs begin with 'ab': ab3c, ab3, ab2"):
        find_run("ab", root=tmp_path)
    with pytest.raises(UsageError, match="no run is called 'q'"):
        find_run("q", root=tmp_path)
    with pytest.raises(UsageError, match="`portability compare` makes one"):
        find_run(root=tmp_path / "empty")


def test_ids_sort_by_time() -> None:
    times = ["2026-11-22T12:00:00.000+00:00", "2026-11-22T12:00:00.050+00:00", "2026-11-22T13:00:01.000+02:00",
             "2100-01-01T00:00:00.000+00:00"]  # fmt: skip
    ids = [new_run_id(now=lambda time=time: time, chance=lambda below: below - 1) for time in times]  # type: ignore[misc]
    assert ids[2] < ids[0] < ids[1] < ids[3]


def test_ids_of_one_moment_differ_by_chance() -> None:
    moment = "2026-11-22T12:00:00.000+00:00"
    first, second = (new_run_id(now=lambda: moment, chance=lambda below, n=n: n) for n in (1, 2))  # type: ignore[misc]
    assert first[:8] == second[:8]
    assert first != second


def test_an_id_is_short_lower_case_and_without_a_hyphen() -> None:
    run_id = new_run_id()
    assert is_run_id(run_id)
    assert len(run_id) == LENGTH == 12
    assert run_id == run_id.lower()
    assert run_id.isalnum()
    assert not is_run_id("pb-1")
