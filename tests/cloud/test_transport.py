from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests

from portability.cloud.transport import Tally, Throttle, Transport, call_name, retry_after
from tests.cloud.http_server import Answer, HttpServer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Wire:
    """A requests session over our transport, with what it remarked and how long it would have slept."""

    def __init__(self) -> None:
        self.remarks: list[str] = []
        self.slept: list[float] = []
        self.tally = Tally()
        throttle = Throttle(1000.0, burst=1000, sleep=self.slept.append)
        self.transport = Transport(
            throttle=throttle, tally=self.tally, on_remark=self.remarks.append, sleep=self.slept.append
        )
        self.transport.is_patient = True
        self.session = requests.Session()
        self.session.mount("http://", self.transport)


@contextmanager
def wire(*answers: Answer) -> Iterator[tuple[Wire, HttpServer]]:
    with HttpServer(answers) as server:
        made = Wire()
        yield made, server
        made.session.close()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_rate_limit_is_waited_out_for_every_method(method: str) -> None:
    with wire(Answer(429, {"Retry-After": "7"}), Answer(200)) as (client, server):
        assert client.session.request(method, server.url).status_code == 200
    assert client.slept == [7.0]
    assert client.remarks == [f"{method} / answered 429; again in 7.0 s"]
    assert client.tally.read() == (((f"identity {method} /", 2),), 1)


@pytest.mark.parametrize(
    ("method", "calls"), [("GET", 2), ("HEAD", 2), ("DELETE", 2), ("POST", 1), ("PUT", 1), ("PATCH", 1)]
)
def test_a_bad_gateway_is_asked_again_only_where_twice_is_as_good_as_once(method: str, calls: int) -> None:
    with wire(Answer(502), Answer(200)) as (client, server):
        client.session.request(method, server.url)
    assert len(server.seen) == calls


def test_a_503_with_retry_after_was_not_carried_out() -> None:
    with wire(Answer(503, {"Retry-After": "1"}), Answer(201)) as (client, server):
        assert client.session.post(server.url).status_code == 201


@pytest.mark.parametrize(("method", "calls"), [("GET", 2), ("POST", 1)])
def test_a_lost_answer_is_asked_for_again_only_where_that_is_safe(method: str, calls: int) -> None:
    with wire(Answer(0), Answer(200)) as (client, server):
        try:
            client.session.request(method, server.url)
        except requests.ConnectionError:
            assert method == "POST"
    assert len(server.seen) == calls


def test_a_refusal_is_an_answer() -> None:
    with wire(Answer(403), Answer(200)) as (client, server):
        assert client.session.get(server.url).status_code == 403


def test_patience_ends() -> None:
    with wire(*[Answer(503)] * 9) as (client, server):
        assert client.session.get(server.url).status_code == 503
    assert len(server.seen) == 5


def test_nobody_listening_is_tried_again_for_every_method_and_then_told() -> None:
    client = Wire()
    with HttpServer(()) as server:
        url = server.url
    with pytest.raises(requests.ConnectionError):
        client.session.post(url)
    assert len(client.remarks) == 4


def test_while_the_session_opens_a_wrong_address_is_told_at_once() -> None:
    client = Wire()
    client.transport.is_patient = False
    with HttpServer(()) as server:
        url = server.url
    with pytest.raises(requests.ConnectionError):
        client.session.get(url)
    assert client.remarks == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, now=NOW) == seconds


def test_the_throttle_lets_a_burst_pass_and_then_spaces_calls() -> None:
    slept: list[float] = []
    throttle = Throttle(10.0, burst=3, clock=lambda: 100.0, sleep=slept.append)
    for _ in range(5):
        throttle.wait()
    assert slept == pytest.approx([0.1, 0.2])


def test_an_idle_hour_saves_up_no_more_than_the_burst() -> None:
    now, slept = [0.0], []
    throttle = Throttle(10.0, burst=2, clock=lambda: now[0], sleep=slept.append)
    throttle.wait()
    now[0] = 3600.0
    for _ in range(4):
        throttle.wait()
    assert slept == pytest.approx([0.1, 0.2])


SERVICES = (("http://cloud/compute/v2.1", "compute"), ("http://cloud/network", "network"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://cloud/compute/v2.1/servers/detail?name=pb", "compute GET /servers/detail"),
        ("http://cloud/compute/v2.1/servers/0b6a1f4e-1111-2222-3333-444455556666", "compute GET /servers/{id}"),
        ("http://cloud/compute/v2.1/os-keypairs/pb-x1a-key", "compute GET /os-keypairs/{id}"),
        ("http://cloud/network/v2.0/ports", "network GET /ports"),
        ("http://cloud/identity/v3/auth/tokens", "identity GET /identity/auth/tokens"),
    ],
)
def test_calls_are_named_by_service_and_path_without_ids(url: str, name: str) -> None:
    assert call_name("GET", url, SERVICES) == name
