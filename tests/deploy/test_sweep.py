from datetime import UTC, datetime, timedelta

from portability.cloud.protocol import Kind, Resource
from portability.deploy.census import count_everything, take_census
from portability.deploy.sweep import delete_command, find_leftovers, sweep
from portability.model.event import nobody
from tests.deploy.fake_cloud import FakeCloud

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def littered() -> FakeCloud:
    cloud = FakeCloud()
    cloud.plant(Kind.VOLUME, "pb-old1a-db-0-data", status="available")
    cloud.plant(Kind.SERVER, "pb-new1b-app-0")
    cloud.plant(Kind.FLOATING_IP, "pb-old1a-edge-0-address portability run old1, owner x, delete after y")
    cloud.plant(Kind.SERVER, "theirs")
    cloud.plant(Kind.NETWORK, "pb-")
    return cloud


def test_leftovers_are_what_carries_a_whole_name_of_ours() -> None:
    assert [item.kind for item in find_leftovers(littered())] == [Kind.FLOATING_IP, Kind.SERVER, Kind.VOLUME]


def test_one_run_can_be_picked() -> None:
    assert [item.name for item in find_leftovers(littered(), run="new1")] == ["pb-new1b-app-0"]


def test_young_runs_and_those_of_unknown_age_are_left_alone() -> None:
    began = {"old1": NOW - timedelta(hours=7)}
    found = find_leftovers(littered(), older_than=timedelta(hours=6), started=began.get, now=NOW)
    assert {item.name.split()[0] for item in found} == {"pb-old1a-db-0-data", "pb-old1a-edge-0-address"}


def test_a_sweep_of_one_run_leaves_the_others() -> None:
    cloud = littered()
    assert sweep(cloud, find_leftovers(cloud, run="old1"), listener=nobody) == ()
    assert {thing.resource.name for thing in cloud.things.values()} == {"pb-new1b-app-0", "theirs", "pb-"}


def test_the_command_to_delete_by_hand_is_quoted() -> None:
    port = Resource(kind=Kind.PORT, id="42", name="pb-x1a-db-0-port")
    key = Resource(kind=Kind.KEY_PAIR, id="7", name="pb-x1a-key")
    assert delete_command("my cloud", port) == "openstack --os-cloud 'my cloud' port delete 42"
    assert delete_command("onprem", key) == "openstack --os-cloud onprem keypair delete pb-x1a-key"


def test_the_census_tells_ours_from_what_others_did_meanwhile() -> None:
    cloud = FakeCloud()
    before = count_everything(cloud)
    cloud.plant(Kind.SERVER, "theirs")
    cloud.plant(Kind.VOLUME, "pb-x1a-data")
    lines = {line.kind: line for line in take_census(cloud, before=before, prefix="pb-x1a-")}
    assert (lines["server"].before, lines["server"].after, lines["server"].ours_left) == (0, 1, ())
    assert lines["volume"].ours_left == ("pb-x1a-data",)
    assert set(lines) == {kind.value for kind in Kind}
