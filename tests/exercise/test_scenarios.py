"""kill_server, with a cloud that only remembers and an application on the loopback address."""

import dataclasses
from typing import Any, cast

import pytest

from portability.cloud.protocol import Cloud, ServerStatus
from portability.errors import GuestError, NotReached, Refused
from portability.exercise import scenarios
from portability.exercise.scenarios import SCENARIOS, Target, run_exercise
from portability.guest.access import Guests
from portability.guest.local import LocalShell
from portability.guest.shell import Shell
from portability.model.event import Event, Progress
from portability.model.workload import Exercise, Flow, IPProtocol
from portability.plan.documents import ExerciseDocument
from portability.plan.load import load_workload
from tests.configure.made import deployment
from tests.exercise.fake_application import FakeApplication, running

EXERCISE = Exercise(scenario="kill_server", tier="app", rate=100, before_seconds=0.1, after_seconds=0.2)


class FakeCloud:
    """Stops and starts what serves the application at once."""

    def __init__(self, application: FakeApplication, *, stops_it: bool = False) -> None:
        self.application = application
        self.stops_it = stops_it
        self.calls: list[str] = []
        self.status = "ACTIVE"
        self.after_start = "ACTIVE"

    def stop_server(self, server_id: str) -> None:
        self.calls.append(f"stop {server_id}")
        self.status = "SHUTOFF"
        self.application.is_down = self.stops_it

    def start_server(self, server_id: str) -> None:
        self.calls.append(f"start {server_id}")
        self.status = self.after_start
        self.application.is_down = False

    def server(self, server_id: str) -> ServerStatus:
        return ServerStatus(id=server_id, name="x", status=self.status, task=None, fault="", zone=None)


class FakeGuests:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def shell(self, role: str) -> Shell:
        self.asked.append(role)
        return LocalShell()


def target(application: FakeApplication, cloud: FakeCloud, heard: list[Event] | None = None, **changes: Any) -> Target:
    port = application.server_address[1]
    workload = load_workload("three-tier")
    flows = (
        workload.flows[0],
        Flow(source="edge", target="app", protocol=IPProtocol.TCP, port=port),
        workload.flows[2],
    )
    stands = deployment()
    servers = tuple(dataclasses.replace(server, fixed_ip="127.0.0.1") for server in stands.servers)
    made = Target(
        cloud=cast(Cloud, cloud),
        deployment=dataclasses.replace(stands, servers=servers, application_url=application.url),
        workload=dataclasses.replace(workload, flows=flows),
        guests=cast(Guests, FakeGuests()),
        listener=(heard if heard is not None else []).append,
    )
    return dataclasses.replace(made, **changes)


def test_the_last_server_of_the_tier_is_stopped_and_started_again() -> None:
    heard: list[Event] = []
    with running() as application:
        application.ids.append("from before")
        cloud = FakeCloud(application)
        result = run_exercise(EXERCISE, target(application, cloud, heard))
    assert cloud.calls == ["stop id-app-1", "start id-app-1"]
    assert (result.victim, result.requests, result.failed, result.acknowledged) == ("app-1", 30, 0, 30)
    assert (result.lost, result.phantom, result.duplicate, result.longest_outage) == (0, 0, 0, 0)
    assert result.killed_at >= 0.1
    assert result.redundancy_restored is not None
    assert result.redundancy_restored >= 0.19
    assert [event.text for event in heard if isinstance(event, Progress)] == [
        "100 writes a second for 0.3 s",
        "stopping app-1",
        "starting app-1 again",
        "counting what the database has",
    ]


def test_an_outage_is_seen() -> None:
    with running() as application:
        result = run_exercise(EXERCISE, target(application, FakeCloud(application, stops_it=True)))
    assert 0 < result.failed < 30
    assert result.longest_outage > 0
    assert result.lost == 0


def test_writes_that_are_acknowledged_and_lost_are_seen() -> None:
    with running() as application:
        application.loses = True
        result = run_exercise(EXERCISE, target(application, FakeCloud(application)))
    assert (result.failed, result.acknowledged, result.lost) == (0, 30, 30)


def test_a_server_that_does_not_serve_again_is_not_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "SERVE_TIMEOUT", 0.3)
    with running() as application:
        made = target(application, FakeCloud(application))
        elsewhere = dataclasses.replace(made.workload.application, health_path="/nothing")
        workload = dataclasses.replace(made.workload, application=elsewhere)
        assert run_exercise(EXERCISE, dataclasses.replace(made, workload=workload)).redundancy_restored is None


def test_a_server_that_ends_in_error_is_told_at_once() -> None:
    with running() as application:
        cloud = FakeCloud(application)
        cloud.after_start = "ERROR"
        with pytest.raises(NotReached, match="app-1: is ERROR where it was to be ACTIVE"):
            run_exercise(EXERCISE, target(application, cloud))


def test_a_cloud_that_refuses_ends_the_load() -> None:
    class Refusing(FakeCloud):
        def stop_server(self, server_id: str) -> None:
            raise Refused("here", "not allowed", status=403)

    hour = dataclasses.replace(EXERCISE, after_seconds=3600)
    with running() as application, pytest.raises(Refused):
        run_exercise(hour, target(application, Refusing(application)))


def test_an_application_that_does_not_tell_its_truth_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "TRUTH_TIMEOUT", 0.1)
    with running() as application:
        made = target(application, FakeCloud(application))
        stands = dataclasses.replace(made.deployment, application_url=f"{application.url}/not-there")
        with pytest.raises(GuestError, match=r"here/edge-0: .*does not tell what was stored: ValueError: HTTP 404"):
            run_exercise(EXERCISE, dataclasses.replace(made, deployment=stands))


def test_every_scenario_that_a_workload_can_name_is_there() -> None:
    named = ExerciseDocument.model_json_schema()["properties"]["scenario"]
    assert set(named.get("enum", [named.get("const")])) == set(SCENARIOS)


def test_the_victim_is_asked_from_a_server_that_may_talk_to_it() -> None:
    with running() as application:
        made = target(application, FakeCloud(application))
        run_exercise(EXERCISE, made)
    assert cast(FakeGuests, made.guests).asked == ["edge-0"]
