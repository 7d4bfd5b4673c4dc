"""What was seen, kept beside the journal: console logs, facts, output of tools."""

import re
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 100
_KEPT = 1 << 20


class Evidence:
    """A folder, one file a piece."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, text: str, *parts: str) -> str:
        """Keep a text; gives the file's name in the folder. The same parts again replace it."""
        name = file_name(*parts)
        self._folder.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8", errors="replace")
        (self._folder / name).write_bytes(data[:_KEPT])
        return name


def file_name(*parts: str) -> str:
    """A name that is safe everywhere, whatever the parts are: no separators, no leading dot."""
    words = [_UNSAFE.sub("_", part).strip("._") for part in parts]
    name = "-".join(word for word in words if word)[:_LONGEST]
    return f"{name or 'evidence'}.txt"
