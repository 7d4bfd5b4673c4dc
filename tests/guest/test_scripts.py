"""The programs that run in servers, run on this machine."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portability.errors import CommandFailed
from portability.guest.local import LocalShell
from portability.guest.python import run_python


@pytest.fixture
def listener() -> Iterator[int]:
    """A port that takes connections and reads what comes."""

    def read(connection: socket.socket) -> None:
        with connection:
            try:
                while connection.recv(65536):
                    pass
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=read, args=(connection,), daemon=True).start()

    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_tcp_tells_open_from_refused_and_measures(listener: int) -> None:
    wanted = {
        "connect": [["127.0.0.1", listener, 1], ["127.0.0.1", closed_port(), 1]],
        "latency": [["127.0.0.1", listener, 3], ["127.0.0.1", closed_port(), 3]],
    }
    told = run_python(LocalShell(), "tcp.py", json.dumps(wanted))
    assert told["connect"] == ["open", "refused"]
    assert len(told["latency"][0]) == 3
    assert all(value > 0 for value in told["latency"][0])
    assert told["latency"][1] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="raw packets need root")
def test_a_packet_of_the_wanted_size_is_answered_by_whoever_is_there(listener: int) -> None:
    wanted = {"mtu": [["127.0.0.1", listener, 1450], ["127.0.0.1", closed_port(), 9001]]}
    told = run_python(LocalShell(), "tcp.py", json.dumps(wanted), as_root=True)
    assert [size for size, _ in told["mtu"]] == [1450, 9001]


def test_a_disk_gives_back_what_was_written(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(4 << 20))
    shell = LocalShell()
    written = run_python(shell, "disk.py", "write", str(disk), "seed")
    times = run_python(shell, "disk.py", "fsync", str(disk), "8")
    assert run_python(shell, "disk.py", "sum", "seed") == written
    assert run_python(shell, "disk.py", "read", str(disk)) == written
    assert len(times) == 8
    assert run_python(shell, "disk.py", "sum", "other seed") != written


def test_the_network_script_always_answers_in_full() -> None:
    question = {
        "resolvers": ["127.0.0.1"],
        "names": ["example.org", "vm"],
        "egress": [["127.0.0.1", closed_port()]],
        "seconds": 0.2,
    }
    told = run_python(LocalShell(), "network.py", json.dumps(question))
    assert set(told) == {"metadata", "resolver", "egress", "seconds"}
    assert told["egress"] is False
    assert len(told["resolver"]) == 1


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(CommandFailed, match=r"(?s)disk\.py.*No such file"):
        run_python(LocalShell(), "disk.py", "read", "/nonexistent/disk")
