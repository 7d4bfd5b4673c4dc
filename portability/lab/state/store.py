"""What a cloud knows, on disk: frozen records in one SQLite file, held in memory, written before anyone is answered."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from portability.errors import LabError


class Record(Protocol):
    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=Record)


class Store:
    """All records of one cloud. One lock; readers get tuples of frozen values, so nothing they hold can change.

    A process that is killed loses nothing that was answered: WAL with `synchronous=NORMAL` gives up the last changes
    only when the whole machine loses power.
    """

    def __init__(self, file: Path, kinds: tuple[type[Any], ...]) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._undo: list[Callable[[], None]] = []
        self._records: dict[type[Any], dict[str, Any]] = {kind: {} for kind in kinds}
        self._adapters: dict[type[Any], TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in kinds}
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))"
        )
        self._load({kind.__name__: kind for kind in kinds})

    def _load(self, kinds: dict[str, type[Any]]) -> None:
        for name, body in self._database.execute("SELECT kind, body FROM record ORDER BY rowid"):
            try:
                record = self._adapters[kinds[name]].validate_json(body)
            except (KeyError, ValidationError) as error:
                raise _not_ours(name) from error
            self._records[kinds[name]][record.id] = record

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction: all that is put and removed inside becomes true at the end, or nothing does."""
        with self._lock:
            self._depth += 1
            if self._depth == 1:
                self._database.execute("BEGIN")
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._roll_back()
                raise
            else:
                if self._depth == 1:
                    self._database.execute("COMMIT")
                    self._undo.clear()
            finally:
                self._depth -= 1

    def _roll_back(self) -> None:
        self._database.execute("ROLLBACK")
        for step in reversed(self._undo):
            step()
        self._undo.clear()

    def get(self, kind: type[R], record_id: str | None) -> R | None:
        with self._lock:
            return self._records[kind].get(record_id) if record_id else None

    def all(self, kind: type[R]) -> tuple[R, ...]:
        """Every record of the kind, oldest first."""
        with self._lock:
            return tuple(self._records[kind].values())

    def put(self, record: R) -> R:
        """The record, now remembered: new, or in the place of the one with its id."""
        kind = type(record)
        body = self._adapters[kind].dump_json(record).decode()
        with self.change():
            before = self._records[kind].get(record.id)
            self._undo.append(lambda: self._restore(kind, record.id, before))
            self._database.execute(
                "INSERT INTO record VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind.__name__, record.id, body),
            )
            self._records[kind][record.id] = record
        return record

    def remove(self, record: Record) -> None:
        kind = type(record)
        with self.change():
            before = self._records[kind].get(record.id)
            self._undo.append(lambda: self._restore(kind, record.id, before))
            self._database.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind.__name__, record.id))
            self._records[kind].pop(record.id, None)

    def _restore(self, kind: type[Any], record_id: str, before: Any) -> None:
        if before is None:
            self._records[kind].pop(record_id, None)
        else:
            self._records[kind][record_id] = before

    def close(self) -> None:
        with self._lock:
            self._database.close()


def read_all(file: Path, kind: type[R]) -> tuple[R, ...]:
    """The records of one kind in a cloud's file, while another process may be using it; none when there is no file."""
    if not file.exists():
        return ()
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT body FROM record WHERE kind = ? ORDER BY rowid", (kind.__name__,)).fetchall()
    adapter: TypeAdapter[R] = TypeAdapter(kind)
    try:
        return tuple(adapter.validate_json(body) for (body,) in rows)
    except ValidationError as error:
        raise _not_ours(kind.__name__) from error


def _not_ours(kind: str) -> LabError:
    return LabError(
        f"the lab's memory was written by another version of this program: {kind} records cannot be read",
        way_out="portability lab down, then up",
    )
