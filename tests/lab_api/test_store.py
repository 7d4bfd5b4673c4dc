import contextlib
import sqlite3
from pathlib import Path

import pytest

from portability.errors import LabError
from portability.lab.cloud import KINDS
from portability.lab.state.identity import Project
from portability.lab.state.store import Store, read_all


def test_what_was_put_is_there_after_reopening(tmp_path: Path) -> None:
    store = Store(tmp_path / "s", KINDS)
    store.put(Project(id="1", name="a"))
    store.put(Project(id="2", name="b"))
    store.put(Project(id="1", name="c"))
    store.close()
    again = Store(tmp_path / "s", KINDS)
    assert [(p.id, p.name) for p in again.all(Project)] == [("1", "c"), ("2", "b")]
    again.close()


def test_a_change_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    store = Store(tmp_path / "s", KINDS)
    kept = store.put(Project(id="1", name="a"))
    with pytest.raises(ZeroDivisionError):
        fail_half_way(store, kept)
    assert store.all(Project) == (kept,)
    assert read_all(tmp_path / "s", Project) == (kept,)
    store.close()


def fail_half_way(store: Store, kept: Project) -> None:
    with store.change():
        store.put(Project(id="1", name="changed"))
        store.put(Project(id="2", name="new"))
        store.remove(kept)
        raise ZeroDivisionError


def test_every_answer_is_on_disk_before_it_is_given(tmp_path: Path) -> None:
    store = Store(tmp_path / "s", KINDS)
    store.put(Project(id="1", name="a"))
    assert read_all(tmp_path / "s", Project) == (Project(id="1", name="a"),), "another reader sees it at once"
    store.close()


def test_reading_what_is_not_there_gives_nothing(tmp_path: Path) -> None:
    assert read_all(tmp_path / "none", Project) == ()


def test_a_file_of_another_version_is_said_to_be_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "s", KINDS)
    store.put(Project(id="1", name="a"))
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "s")) as database:
        database.execute("UPDATE record SET body = '{}'")
        database.commit()
    with pytest.raises(LabError, match="written by another version"):
        Store(tmp_path / "s", KINDS)
    with pytest.raises(LabError, match="written by another version"):
        read_all(tmp_path / "s", Project)
