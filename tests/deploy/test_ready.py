from dataclasses import replace

import pytest

from portability.deploy.ready import wait_until_ready
from portability.errors import HostKeyChanged, Interrupted, Unreachable
from portability.guest.shell import CommandResult, Shell
from portability.model.deployment import BootTimeline, Deployment, ServerInfo
from portability.model.event import Event, nobody


class FakeShell:
    def __init__(self, name: str, status: int) -> None:
        self.name = name
        self._status = status

    def run(self, script: str, *, stdin: bytes = b"", timeout: float = 60.0, as_root: bool = False) -> CommandResult:
        return CommandResult(status=self._status, stdout="", stderr="", seconds=0.0)

    def close(self) -> None:
        pass


class FakeGuests:
    """Gives shells, or raises what it is told to, by role."""

    def __init__(self, *, failures: dict[str, Exception] | None = None, status: int = 0) -> None:
        self._failures = failures or {}
        self._status = status

    def shell(self, role: str) -> Shell:
        if role in self._failures:
            raise self._failures[role]
        return FakeShell(role, self._status)


def server(role: str) -> ServerInfo:
    return ServerInfo(
        id=role,
        name=f"pb-x1a-{role}",
        role=role,
        tier="app",
        fixed_ip="10.0.0.5",
        access_ip=None,
        port_id="p",
        flavor="m1.small",
        boot=BootTimeline(accepted=0.1, active=0.2, requested_at=0.0),
    )


DEPLOYMENT = Deployment(
    cloud="onprem",
    servers=(server("app-0"), server("app-1")),
    entry="app-0",
    application_url="http://198.51.100.1:80",
    user="debian",
    private_key="key",
    network_id="n",
    security_groups=(),
)


def wait(guests: FakeGuests, **options: object) -> Deployment:
    return wait_until_ready(DEPLOYMENT, guests, **({"listener": nobody} | options))  # type: ignore[arg-type]


def test_timelines_are_completed_in_the_order_of_the_stages() -> None:
    for ready in wait(FakeGuests()).servers:
        boot = ready.boot
        assert boot.active is not None
        assert boot.ssh_login is not None
        assert boot.cloud_init_done is not None
        assert boot.active <= boot.ssh_login <= boot.cloud_init_done


def test_a_server_that_nobody_timed_stays_untimed() -> None:
    untimed = replace(DEPLOYMENT, servers=(replace(server("app-0"), boot=BootTimeline()),))
    ready = wait_until_ready(untimed, FakeGuests(), listener=nobody)  # type: ignore[arg-type]
    assert ready.servers[0].boot == BootTimeline()


def test_a_server_without_login_is_told_with_what_was_tried_last() -> None:
    guests = FakeGuests(failures={"app-1": Unreachable("app-1", "port 22 is closed")})
    with pytest.raises(Unreachable, match=r"pb-x1a-app-1: no SSH login within 0 s: app-1: port 22 is closed"):
        wait(guests, deadline_factor=1e-9)


def test_a_changed_host_key_is_not_waited_away() -> None:
    with pytest.raises(HostKeyChanged):
        wait(FakeGuests(failures={"app-0": HostKeyChanged("app-0", "another key")}))


def test_cloud_init_that_never_ends_is_told() -> None:
    with pytest.raises(Unreachable, match="cloud-init is not done after 300 s"):
        wait(FakeGuests(status=75))


def test_a_stop_ends_the_waiting() -> None:
    def stop() -> None:
        raise Interrupted("interrupted")

    with pytest.raises(Interrupted):
        wait(FakeGuests(failures={"app-0": Unreachable("app-0", "no")}), check=stop)


def test_each_server_is_told() -> None:
    heard: list[Event] = []
    wait(FakeGuests(), listener=heard.append)
    assert len(heard) == 2
