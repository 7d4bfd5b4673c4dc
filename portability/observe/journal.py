"""The journal of a run: one JSON object a line, written down before anything is concluded from it."""

import json
import os
from pathlib import Path
from typing import Self

from portability.errors import BadFile
from portability.lines import Lines
from portability.model.journal import Record, decode_record, encode_record


class Journal:
    """Append-only. Each record is on its way to the disk when `write` returns. Thread-safe."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _end_torn_line(path)
        self._lines = Lines(path)

    def write(self, record: Record) -> None:
        """
        Raises:
            CannotWrite: the journal is as it was.
        """
        self._lines.append(json.dumps(encode_record(record), ensure_ascii=False))

    def close(self) -> None:
        self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_journal(path: Path) -> tuple[Record, ...]:
    """What was written, in order. A last line that was cut off, as by a full disk or a crash, is left out.

    Raises:
        BadFile: another line cannot be read, with its number.
    """
    lines = path.read_bytes().split(b"\n")
    records = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            records.append(decode_record(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # A whole line ends with a newline: then split() gives one more, empty part.
            if number == len(lines):
                break
            raise BadFile(str(path), f"this line is no record: {error}", line=number) from error
    return tuple(records)


def _end_torn_line(path: Path) -> None:
    """Cut off what a crash left behind the last newline: the next record must not be glued to it."""
    if not path.exists() or path.stat().st_size == 0:
        return
    content = path.read_bytes()
    if not content.endswith(b"\n"):
        os.truncate(path, content.rfind(b"\n") + 1)
