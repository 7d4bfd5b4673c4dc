"""The journal and the evidence."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.errors import BadFile
from portability.model.journal import Remark
from portability.observe.evidence import Evidence, file_name
from portability.observe.journal import Journal, read_journal


def remark(text: str) -> Remark:
    return Remark(cloud="onprem", text=text, at="2026-11-23T01:00:00.000+00:00")


def test_what_is_written_is_read_in_order(tmp_path: Path) -> None:
    records = tuple(remark(f"line\n{number} — ü") for number in range(5))
    with Journal(tmp_path / "journal.jsonl") as journal:
        for record in records:
            journal.write(record)
        assert read_journal(tmp_path / "journal.jsonl") == records


def test_threads_never_mix_their_lines(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.write(remark(f"{number}" * 200)), range(200)))
    assert len(read_journal(tmp_path / "j")) == 200


def test_a_torn_last_line_is_left_out_and_cut_off_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with Journal(path) as journal:
        journal.write(remark("whole"))
    with path.open("a") as file:
        file.write('{"record": "remark", "clo')
    assert read_journal(path) == (remark("whole"),)
    with Journal(path) as journal:
        journal.write(remark("after the crash"))
    assert read_journal(path) == (remark("whole"), remark("after the crash"))


@pytest.mark.parametrize(
    "broken", ["{", "7", '{"record": "stranger"}', '{"record": "remark", "cloud": 1, "text": "", "at": ""}']
)
def test_a_broken_line_in_the_middle_is_named(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "j"
    with Journal(path) as journal:
        journal.write(remark("first"))
    whole = path.read_text()
    path.write_text(f"{whole}{broken}\n{whole}")
    with pytest.raises(BadFile, match=r"j:2: "):
        read_journal(path)


def test_each_line_is_there_when_write_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(remark("now"))
    assert json.loads((tmp_path / "j").read_text())["text"] == "now"
    journal.close()


@given(st.lists(st.text(max_size=150), max_size=4))
def test_evidence_has_safe_names_whatever_a_cloud_calls_things(parts: list[str]) -> None:
    name = file_name(*parts)
    assert "/" not in name
    assert not name.startswith(".")
    assert name.isascii()
    assert 0 < len(name) <= 104


def test_evidence_stays_in_its_folder(tmp_path: Path) -> None:
    name = Evidence(tmp_path / "evidence").save("text", "../../etc", "passwd")
    assert (tmp_path / "evidence" / name).read_text() == "text"
