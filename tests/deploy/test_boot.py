import pytest

from portability.cloud.protocol import Kind, Resource, ServerSpec
from portability.deploy.boot import Requested, Waiting, wait_for_servers, wait_for_volumes
from portability.deploy.crew import GivenUp
from portability.errors import NotReached
from tests.deploy.fake_cloud import FakeCloud


def waiting(cloud: FakeCloud, *, factor: float = 1.0) -> Waiting:
    return Waiting(cloud=cloud, prefix="pb-", factor=factor, check=lambda: None, sleep=lambda _: None)


def request_servers(cloud: FakeCloud, count: int) -> dict[str, Requested]:
    cloud.create_key_pair("key", public_key="")
    requested = {}
    for index in range(count):
        port = cloud.create_port(f"pb-port-{index}", network_id="ext", group_ids=(), description="")
        spec = ServerSpec(
            name=f"pb-{index}", flavor_id="f", image_id="i", port_id=port.id, key_pair="key", config_drive=True
        )
        requested[str(index)] = Requested(resource=cloud.create_server(spec), at=0.0, accepted=0.1)
    return requested


def test_ten_slow_servers_cost_one_list_call_a_tick() -> None:
    cloud = FakeCloud(boot_looks=4)
    booted = wait_for_servers(waiting(cloud), request_servers(cloud, 10), on_active=lambda *_: None)
    assert len(booted) == 10
    assert len(cloud.calls("servers")) == 5


def test_each_server_is_told_once_when_it_is_active() -> None:
    cloud = FakeCloud(boot_looks=1)
    told: list[str] = []
    wait_for_servers(waiting(cloud), request_servers(cloud, 3), on_active=lambda role, _: told.append(role))
    assert sorted(told) == ["0", "1", "2"]


def test_a_late_server_is_named_with_the_time_it_was_given() -> None:
    cloud = FakeCloud(boot_looks=10**9)
    with pytest.raises(NotReached, match=r"server pb-0: still BUILD after 0 s.*no bootable device"):
        wait_for_servers(waiting(cloud, factor=1e-9), request_servers(cloud, 2), on_active=lambda *_: None)


def test_waiting_ends_when_another_thread_failed() -> None:
    cloud = FakeCloud(boot_looks=10**9)

    def give_up() -> None:
        raise GivenUp

    hopeless = Waiting(cloud=cloud, prefix="pb-", factor=1.0, check=give_up, sleep=lambda _: None)
    with pytest.raises(GivenUp):
        wait_for_servers(hopeless, request_servers(cloud, 1), on_active=lambda *_: None)


def test_a_volume_in_error_is_told_at_once() -> None:
    cloud = FakeCloud()
    volume = cloud.plant(Kind.VOLUME, "pb-data", status="error")
    with pytest.raises(NotReached, match="volume pb-data ended in error"):
        wait_for_volumes(waiting(cloud), frozenset({volume.id}), "available")


def test_no_volumes_cost_no_call() -> None:
    cloud = FakeCloud()
    wait_for_volumes(waiting(cloud), frozenset(), "available")
    assert cloud.log == []


def test_a_volume_that_the_cloud_does_not_list_is_not_there() -> None:
    cloud = FakeCloud()
    gone = Resource(kind=Kind.VOLUME, id="id-99", name="pb-gone")
    with pytest.raises(NotReached, match="the cloud does not list them"):
        wait_for_volumes(waiting(cloud, factor=1e-9), frozenset({gone.id}), "available")
