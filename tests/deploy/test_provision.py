import threading
from dataclasses import replace
from pathlib import Path

import pytest

from portability.cloud.ledger import Ledger, Ledgered, Step, open_entries, read_ledger
from portability.cloud.protocol import Kind
from portability.deploy.key import RunKey
from portability.deploy.provision import provision
from portability.errors import NotReached, Refused
from portability.model.deployment import Deployment
from portability.model.event import Event, nobody
from portability.model.plan import Binding
from tests.deploy.cases import DIRECT, FLOATING, WORKLOAD
from tests.deploy.fake_cloud import FakeCloud

KEY = RunKey(private_key=Path("key"), public_key="ssh-ed25519 AAAA")


def deploy(cloud: FakeCloud, binding: Binding = FLOATING, **options: object) -> Deployment:
    given = {"run_id": "x1", "side": "a", "key": KEY, "observer_cidr": "192.0.2.1/32", "listener": nobody} | options
    return provision(cloud, workload=WORKLOAD, binding=binding, **given)  # type: ignore[arg-type]


def test_everything_that_is_made_carries_the_runs_name() -> None:
    cloud = FakeCloud()
    deploy(cloud)
    assert all(thing.resource.name.startswith("pb-x1a-") for thing in cloud.things.values())
    assert cloud.names(Kind.SERVER) == ["pb-x1a-app-0", "pb-x1a-app-1", "pb-x1a-db-0", "pb-x1a-edge-0"]


def test_only_the_entry_has_an_address_outside_behind_a_router() -> None:
    deployment = deploy(FakeCloud())
    access = {server.role: server.access_ip for server in deployment.servers}
    assert access["edge-0"] is not None
    assert [access[role] for role in ("app-0", "app-1", "db-0")] == [None, None, None]
    assert deployment.application_url == f"http://{access['edge-0']}:80"


def test_the_entry_has_its_address_before_it_boots() -> None:
    cloud = FakeCloud()
    deploy(cloud)
    methods = [(method, name) for method, name in cloud.log if method.startswith("create")]
    address = next(index for index, (method, _) in enumerate(methods) if method == "create_floating_ip")
    assert address < methods.index(("create_server", "pb-x1a-edge-0"))


def test_on_a_shared_network_nothing_of_the_network_is_made_and_all_servers_are_reached_directly() -> None:
    cloud = FakeCloud()
    deployment = deploy(cloud, DIRECT)
    made = {method for method, _ in cloud.log}
    assert not made & {"create_network", "create_subnet", "create_router", "create_floating_ip"}
    assert all(server.access_ip == server.fixed_ip for server in deployment.servers)


def test_the_volume_is_attached_to_its_server_and_told() -> None:
    cloud = FakeCloud()
    deployment = deploy(cloud)
    (volume,) = deployment.server("db-0").volumes
    assert volume.name == "data"
    assert volume.api_device == "/dev/vdb"
    assert cloud.things[volume.volume_id].attached_to == deployment.server("db-0").id


def test_a_tier_without_a_root_disk_boots_from_a_volume_that_holds_image_and_need() -> None:
    cloud = FakeCloud()
    deploy(cloud, replace(DIRECT, boot_from_volume=("app",)))
    sizes = {
        thing.resource.name: thing.spec.boot_volume_gib for thing in cloud.things.values() if thing.spec is not None
    }
    assert sizes["pb-x1a-app-0"] == 5
    assert sizes["pb-x1a-edge-0"] is None


def test_the_timeline_begins_with_the_request() -> None:
    boot = deploy(FakeCloud()).server("app-1").boot
    assert boot.accepted is not None
    assert boot.active is not None
    assert 0 <= boot.accepted <= boot.active


def test_waiting_costs_one_list_call_a_tick_whatever_the_number_of_servers() -> None:
    cloud = FakeCloud()
    deploy(cloud)
    assert len(cloud.calls("servers")) == 1
    assert cloud.calls("server") == []


def test_a_server_in_error_is_told_with_its_fault_and_the_end_of_its_console() -> None:
    cloud = FakeCloud()
    cloud.broken_servers = {"app-1"}
    with pytest.raises(NotReached) as failure:
        deploy(cloud)
    assert "fake: server pb-x1a-app-1: ERROR: No valid host was found." in str(failure.value)
    assert "no bootable device" in str(failure.value)


@pytest.mark.parametrize(
    "method", ["create_key_pair", "create_network", "create_router", "create_port", "add_rule", "create_floating_ip"]
)
def test_a_refusal_ends_the_deployment_with_no_thread_left_making_things(method: str) -> None:
    cloud = FakeCloud()
    cloud.failures[method] = [Refused("fake", "Quota exceeded", status=403)]
    with pytest.raises(Refused, match="Quota exceeded"):
        deploy(cloud)
    assert cloud.calls("attach_volume") == []
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("deploy-fake")] == []


def test_a_thing_is_in_the_ledger_before_the_cloud_is_asked(tmp_path: Path) -> None:
    cloud = FakeCloud()
    path = tmp_path / "ledger.jsonl"
    missing: list[str] = []

    def look(method: str, name: str) -> None:
        if method.startswith("create_"):
            lines = {(entry.step, entry.name) for entry in read_ledger(path)}
            missing.extend([] if (Step.CREATING, name) in lines else [name])

    cloud.on_call = look
    with Ledger(path) as ledger:
        deploy(Ledgered(cloud, ledger))  # type: ignore[arg-type]
    assert missing == []
    assert {entry.id for entry in open_entries(read_ledger(path), "fake")} == set(cloud.things)


def test_progress_is_told_for_the_right_cloud() -> None:
    heard: list[Event] = []
    deploy(FakeCloud("onprem"), listener=heard.append)
    assert {event.cloud for event in heard} == {"onprem"}
