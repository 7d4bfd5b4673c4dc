"""The load-and-truth client against an application on the loopback address."""

import itertools
import socket

import pytest

from portability.exercise.client import Load, Write, read_ids
from tests.exercise.fake_application import FakeApplication, running


def send(url: str, *, rate: float = 200, seconds: float = 0.1, deadline: float = 5.0) -> tuple[Write, ...]:
    with Load(url=url, rate=rate, seconds=seconds, deadline=deadline) as load:
        pass
    return load.writes()


def test_every_write_is_sent_once_acknowledged_and_found_again() -> None:
    with running() as application:
        writes = send(f"{application.url}/write")
        assert len({write.id for write in writes}) == len(writes) == 20
        assert all(write.is_acknowledged and write.problem == "" and write.latency > 0 for write in writes)
        assert sorted(read_ids(f"{application.url}/truth")) == sorted(write.id for write in writes)


def test_writes_are_in_the_order_of_sending_and_not_before_they_are_due() -> None:
    with running() as application:
        sent = [write.sent for write in send(f"{application.url}/write")]
    assert all(first <= second for first, second in itertools.pairwise(sent))
    assert all(when >= index / 200 - 0.002 for index, when in enumerate(sent))


def test_a_server_that_hangs_does_not_slow_the_sending() -> None:
    with running() as application:
        application.hangs.set()
        writes = send(f"{application.url}/write", deadline=0.4)
    assert len(writes) == 20
    assert {write.problem for write in writes} == {"no answer within 0.4 s"}
    # A client that waits for each answer would have sent the last one after 19 deadlines.
    assert writes[-1].sent < 19 * 0.4


def test_an_error_of_the_server_is_no_acknowledgement() -> None:
    with running() as application:
        application.is_down = True
        writes = send(f"{application.url}/write")
    assert {write.problem for write in writes} == {"HTTP 503"}
    assert not any(write.is_acknowledged for write in writes)


def test_no_server_is_a_failure_of_each_write() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    writes = send(f"http://127.0.0.1:{port}/write")
    assert len(writes) == 20
    assert all("ConnectionRefusedError" in write.problem for write in writes)


def test_what_is_not_http_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        load = Load(url=f"http://127.0.0.1:{server.getsockname()[1]}/write", rate=10, seconds=0.1)
        with load:
            connection, _ = server.accept()
            connection.sendall(b"220 mail.example ESMTP\r\n\r\n")
            connection.close()
    assert load.writes()[0].problem.startswith("ValueError: not HTTP: '220 mail.example")


def test_an_answer_that_breaks_off_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        load = Load(url=f"http://127.0.0.1:{server.getsockname()[1]}/write", rate=10, seconds=0.1)
        with load:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")
            connection.close()
    assert load.writes()[0].problem.startswith("IncompleteReadError")


def test_an_error_while_the_load_runs_stops_it() -> None:
    with running() as application:
        load = Load(url=f"{application.url}/write", rate=100, seconds=3600)
        with pytest.raises(KeyboardInterrupt), load:
            raise KeyboardInterrupt
    assert len(load.writes()) < 3600 * 100


@pytest.mark.parametrize("path", ["/text", "/nothing"])
def test_a_truth_that_is_none_is_told(path: str) -> None:
    with running() as application, pytest.raises(ValueError, match=r"answers no|HTTP 404"):
        read_ids(application.url + path)


def test_the_truth_tells_ids_as_often_as_they_are_there() -> None:
    with running() as application:
        fill(application, "a", "b", "a")
        assert read_ids(f"{application.url}/truth") == ("a", "b", "a")


def fill(application: FakeApplication, *ids: str) -> None:
    application.ids.extend(ids)
