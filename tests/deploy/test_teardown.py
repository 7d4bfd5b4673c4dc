from pathlib import Path

import pytest

from portability.cloud.ledger import Ledger, Ledgered, read_ledger
from portability.cloud.protocol import Kind, Resource
from portability.deploy.provision import provision
from portability.deploy.teardown import tear_down
from portability.errors import CloudError, Refused
from portability.model.event import Event, Note, nobody
from portability.model.plan import Binding
from tests.deploy.cases import DIRECT, FLOATING, WORKLOAD
from tests.deploy.fake_cloud import FakeCloud
from tests.deploy.test_provision import KEY


def deployed(cloud: FakeCloud, binding: Binding = FLOATING, side: str = "a") -> FakeCloud:
    provision(
        cloud,
        workload=WORKLOAD,
        binding=binding,
        run_id="x1",
        side=side,
        key=KEY,
        observer_cidr=None,
        listener=nobody,
    )
    return cloud


def clear(cloud: FakeCloud, **options: object) -> tuple[Resource, ...]:
    given = {"prefix": "pb-x1a-", "listener": nobody, "sleep": lambda _: None} | options
    return tear_down(cloud, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("binding", [FLOATING, DIRECT])
@pytest.mark.parametrize("delete_looks", [0, 3])
def test_nothing_is_left_of_a_whole_deployment(binding: Binding, delete_looks: int) -> None:
    cloud = deployed(FakeCloud(delete_looks=delete_looks), binding)
    assert clear(cloud) == ()
    assert cloud.things == {}


def test_what_others_made_stays() -> None:
    cloud = FakeCloud()
    foreign = [cloud.plant(kind, f"theirs-{kind.name.lower()}") for kind in Kind]
    unattached = cloud.plant(Kind.FLOATING_IP, "")
    deployed(cloud)
    assert clear(cloud) == ()
    assert set(cloud.things) == {item.id for item in foreign} | {unattached.id}


def test_the_other_side_of_the_same_run_stays() -> None:
    cloud = deployed(deployed(FakeCloud()), side="b")
    clear(cloud)
    assert all(thing.resource.name.startswith("pb-x1b-") for thing in cloud.things.values())
    assert len(cloud.names(Kind.SERVER)) == 4


@pytest.mark.parametrize(
    "method",
    ["create_key_pair", "create_subnet", "create_port", "create_floating_ip", "create_server", "attach_volume"],
)
def test_nothing_is_left_of_a_deployment_that_failed_anywhere(method: str) -> None:
    cloud = FakeCloud()
    cloud.failures[method] = [CloudError("fake", "the service failed (500)")]
    with pytest.raises(CloudError):
        deployed(cloud)
    assert clear(cloud) == ()
    assert cloud.things == {}


def test_what_is_refused_for_a_while_is_asked_for_again() -> None:
    cloud = deployed(FakeCloud())
    cloud.failures["delete"] = [Refused("fake", "conflict", status=409)] * 6
    assert clear(cloud) == ()
    assert cloud.things == {}


def test_servers_that_build_or_failed_go_too() -> None:
    cloud = FakeCloud()
    cloud.plant(Kind.SERVER, "pb-x1a-a", status="ERROR")
    cloud.plant(Kind.SERVER, "pb-x1a-b", status="BUILD")
    assert clear(cloud) == ()
    assert cloud.things == {}


def test_a_volume_on_somebody_elses_server_is_taken_off_first() -> None:
    cloud = FakeCloud()
    theirs = cloud.plant(Kind.SERVER, "theirs")
    cloud.plant(Kind.VOLUME, "pb-x1a-data", status="in-use", attached_to=theirs.id)
    assert clear(cloud) == ()
    assert set(cloud.things) == {theirs.id}


def test_an_unnamed_boot_volume_of_our_server_goes_and_other_unnamed_ones_stay() -> None:
    cloud = FakeCloud(delete_looks=1)
    server = cloud.plant(Kind.SERVER, "pb-x1a-app-0")
    theirs = cloud.plant(Kind.SERVER, "theirs")
    cloud.plant(Kind.VOLUME, "", status="in-use", attached_to=server.id)
    other = cloud.plant(Kind.VOLUME, "", status="in-use", attached_to=theirs.id)
    free = cloud.plant(Kind.VOLUME, "", status="available")
    assert clear(cloud) == ()
    assert set(cloud.things) == {theirs.id, other.id, free.id}


def test_what_never_goes_is_given_back_and_told_with_its_reason() -> None:
    cloud = deployed(FakeCloud())
    stubborn = next(thing.resource for thing in cloud.things.values() if thing.resource.kind is Kind.VOLUME)
    cloud.stubborn.add(stubborn.id)
    heard: list[Event] = []
    left = clear(cloud, listener=heard.append, deadline_factor=1e-9)
    assert stubborn in left
    assert any(isinstance(event, Note) and "pb-x1a-db-0-data is left" in event.text for event in heard)


def test_a_floating_ip_that_lost_its_description_is_found_through_the_ledger(tmp_path: Path) -> None:
    cloud = FakeCloud()
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as ledger:
        deployed(Ledgered(cloud, ledger))  # type: ignore[arg-type]
    address = next(thing for thing in cloud.things.values() if thing.resource.kind is Kind.FLOATING_IP)
    address.resource = Resource(kind=Kind.FLOATING_IP, id=address.resource.id, name="")
    stranger = cloud.plant(Kind.FLOATING_IP, "")
    assert clear(cloud, ledger=read_ledger(path)) == ()
    assert set(cloud.things) == {stranger.id}


def test_a_look_that_fails_for_a_while_does_not_end_the_clearing() -> None:
    cloud = deployed(FakeCloud(delete_looks=1))
    cloud.failures["find"] = [CloudError("fake", "the service failed (503)")] * 5
    assert clear(cloud) == ()
    assert cloud.things == {}


def test_a_cloud_that_does_not_tell_what_is_left_is_not_called_clean() -> None:
    cloud = deployed(FakeCloud())
    cloud.failures["find"] = [CloudError("fake", "the service failed (503)")] * 10**5
    with pytest.raises(CloudError, match="503"):
        clear(cloud, deadline_factor=1e-9)


def test_an_empty_cloud_costs_one_look_a_kind() -> None:
    cloud = FakeCloud()
    assert clear(cloud) == ()
    assert sorted(cloud.calls("find")) == sorted(kind.value for kind in Kind)
