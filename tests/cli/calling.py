"""The program in this process, as its entry point calls it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from portability.cli import main as entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    stdout: str
    stderr: str


Call = Callable[..., Ended]


def caller(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["portability", *words])
        code = 0
        try:
            entry.main()
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        return Ended(code=code, stdout=told.out, stderr=told.err)

    return call
