"""`portability lab` with imaginary servers: one real daemon, started, killed, started again and taken down."""

import json
import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from portability.errors import LabError, UsageError
from portability.lab import control
from portability.lab.folder import Kind, decide, folder
from portability.lab.process import Process
from portability.lab.serve import bind
from portability.lab.settings import DEFAULT_FILE, load


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PORTABILITY_LAB_DIR", str(tmp_path))
    yield tmp_path
    control.down("t", say=str)


def test_up_status_kill_up_down(home: Path) -> None:
    said: list[str] = []
    up = control.up("t", file=None, kind=Kind.IMAGINARY, say=said.append)
    assert [(cloud.name, cloud.answers) for cloud in up.clouds] == [("onprem", True), ("public", True)]
    for secret in (up.clouds_file, home / "t" / "lab.json"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600

    process = Process.load(home / "t" / "daemon.pid")
    assert process is not None
    again = control.up("t", file=None, kind=Kind.IMAGINARY, say=said.append)
    assert (again, said[-1]) == (up, "it is running already")
    with pytest.raises(LabError, match="is there with imaginary servers"):
        control.up("t", file=None, kind=Kind.CONTAINER, say=said.append)

    credentials = up.clouds_file.read_text()
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(10)
    dead = control.status("t")
    assert (dead.runs, [cloud.answers for cloud in dead.clouds]) == (False, [False, False])
    back = control.up("t", file=None, kind=Kind.IMAGINARY, say=said.append)
    assert (back, up.clouds_file.read_text()) == (up, credentials)
    assert json.loads(control.as_json(back))["clouds"][0]["name"] == "onprem"

    assert control.down("t", say=said.append)
    assert not (home / "t").exists()
    assert not control.down("t", say=said.append)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LabError, match=f"port {port} on 127.0.0.1 is taken"):
            bind(port)


def test_a_daemon_that_cannot_start_is_told_with_its_last_words(home: Path) -> None:
    lab = folder("t")
    plan = decide("t", Kind.IMAGINARY, load(DEFAULT_FILE), lab.path)
    lab.create(DEFAULT_FILE, plan)
    with (
        socket.create_server(("127.0.0.1", plan.clouds[0].port)),
        pytest.raises(LabError, match=f"did not start: .*port {plan.clouds[0].port} on 127.0.0.1 is taken"),
    ):
        control.restart("t", say=str)


def test_no_lab_and_bad_names_are_said(home: Path) -> None:
    with pytest.raises(LabError, match="there is no lab t"):
        control.status("t")
    with pytest.raises(UsageError, match="is no name for a lab"):
        folder("../elsewhere")
