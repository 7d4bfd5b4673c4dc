import base64
from typing import Any

import pytest
from openstack import exceptions

from portability.lab.machine.protocol import Power
from tests.fakes.lab import RunningLab
from tests.lab_api import making


@pytest.fixture(scope="module")
def net(onprem: Any) -> Any:
    return making.network(onprem, "servers")[0]


def test_power_actions_change_the_machine(lab: RunningLab, onprem: Any, net: Any) -> None:
    web = making.server(onprem, "power", [{"uuid": net.id}])
    machines = lab.machines["onprem"]
    with pytest.raises(exceptions.ConflictException, match="while it is in vm_state active"):
        onprem.compute.start_server(web)
    onprem.compute.stop_server(web)
    onprem.compute.wait_for_server(web, "SHUTOFF", interval=making.SOON)
    assert machines.state(web.id).power is Power.SHUTDOWN  # type: ignore[union-attr]
    onprem.compute.start_server(web)
    onprem.compute.wait_for_server(web, interval=making.SOON)
    onprem.compute.reboot_server(web, "HARD")
    # The client does not look again when what it holds says ACTIVE.
    web = onprem.compute.get_server(web.id)
    assert web.status in ("HARD_REBOOT", "ACTIVE")
    onprem.compute.wait_for_server(web, interval=making.SOON)
    onprem.compute.pause_server(web)
    onprem.compute.wait_for_server(web, "PAUSED", interval=making.SOON)
    onprem.compute.unpause_server(web)
    onprem.compute.wait_for_server(web, interval=making.SOON)
    assert machines.state(web.id).power is Power.RUNNING  # type: ignore[union-attr]
    making.gone(onprem, web)
    assert machines.state(web.id) is None


def test_a_host_that_fails_puts_the_server_in_error_and_frees_the_volume(
    lab: RunningLab, onprem: Any, net: Any
) -> None:
    web = making.server(onprem, "unlucky", [{"uuid": net.id}])
    volume = making.volume(onprem, "unlucky")
    lab.machines["onprem"].failure = "no loop device left"
    try:
        onprem.compute.create_volume_attachment(web, volume_id=volume.id)
        assert making.wait_volume(onprem, volume, "available").attachments == []
        onprem.compute.stop_server(web)
        with pytest.raises(exceptions.ResourceFailure):
            onprem.compute.wait_for_server(web, "SHUTOFF", interval=making.SOON, wait=10)
    finally:
        lab.machines["onprem"].failure = ""
    web = onprem.compute.get_server(web.id)
    assert (web.status, web.task_state, web.fault["message"]) == ("ERROR", None, "no loop device left")
    making.gone(onprem, web)


def test_a_guest_that_powers_itself_off_is_shutoff(lab: RunningLab, onprem: Any, net: Any) -> None:
    web = making.server(onprem, "self-off", [{"uuid": net.id}])
    lab.machines["onprem"].power_off(web.id)
    assert onprem.compute.get_server(web.id).status == "SHUTOFF"
    making.gone(onprem, web)


def test_ports_given_stay_and_ports_made_go(onprem: Any, net: Any) -> None:
    given = onprem.network.create_port(network_id=net.id)
    web = making.server(onprem, "ports", [{"port": given.id}, {"uuid": net.id}])
    made = [port for port in onprem.network.ports(device_id=web.id) if port.id != given.id]
    assert len(made) == 1
    with pytest.raises(exceptions.ConflictException, match="still in use"):
        making.server(onprem, "thief", [{"port": given.id}])
    making.gone(onprem, web)
    assert onprem.network.find_port(made[0].id) is None
    assert (onprem.network.get_port(given.id).device_id, onprem.network.get_port(given.id).status) == ("", "DOWN")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"imageRef": "00000000-0000-0000-0000-000000000000"}, 400, "Can not find requested image"),
        ({"flavorRef": "none"}, 400, "Flavor none could not be found."),
        ({"key_name": "none"}, 400, "Invalid key_name provided."),
        ({"availability_zone": "moon"}, 400, "The requested availability zone is not available"),
        ({"security_groups": [{"name": "none"}]}, 400, "Security group none not found"),
        ({"networks": [{"uuid": "none"}]}, 400, "Network none could not be found."),
        ({"networks": [{"port": "none"}]}, 400, "Port none could not be found."),
        ({"name": ""}, 400, "name"),
        ({"nonsense": 1}, 400, "Additional properties are not allowed ('nonsense' was unexpected)"),
        ({"user_data": "not base64!"}, 400, "is not a 'base64'"),
        ({"metadata": {"a": "b" * 256}}, 400, "a"),
        ({"metadata": {str(n): "x" for n in range(129)}}, 403, "Maximum number of metadata items exceeds 128"),
    ],
)
def test_what_cannot_be_is_refused(onprem: Any, net: Any, fields: dict[str, Any], status: int, words: str) -> None:
    image, flavor = next(iter(onprem.image.images())), onprem.compute.find_flavor("m1.small")
    wish = {"name": "x", "imageRef": image.id, "flavorRef": flavor.id, "networks": [{"uuid": net.id}], **fields}
    answer = onprem.compute.post("/servers", json={"server": wish}, microversion="2.90")
    [body] = answer.json().values()
    assert (answer.status_code, body["code"]) == (status, status)
    assert words in body["message"]
    assert list(onprem.compute.servers(name="^x$")) == []


def test_user_data_ends_at_65535_characters_of_base64(onprem: Any, net: Any) -> None:
    most = base64.b64encode(b"x" * (65532 // 4 * 3)).decode()
    assert len(most) == 65532
    making.gone(onprem, making.server(onprem, "large", [{"uuid": net.id}], user_data=most))
    with pytest.raises(exceptions.BadRequestException, match="too long"):
        making.server(onprem, "larger", [{"uuid": net.id}], user_data=most + "AAAA")


def test_an_image_that_needs_more_disk_is_refused(onprem: Any, lab: RunningLab) -> None:
    assert onprem.image.find_image("Debian 12").min_disk == 2


def test_servers_of_others_are_404(onprem: Any, other: Any, net: Any) -> None:
    web = making.server(onprem, "mine", [{"uuid": net.id}])
    with pytest.raises(exceptions.NotFoundException, match="could not be found"):
        other.compute.get_server(web.id)
    with pytest.raises(exceptions.NotFoundException):
        other.compute.delete_server(web.id, ignore_missing=False)
    assert list(other.compute.servers()) == []
    making.gone(onprem, web)


@pytest.mark.parametrize("path", ["os-availability-zone/detail", "os-hypervisors", "os-services", "os-aggregates"])
def test_what_admins_see_is_403_for_members(onprem: Any, path: str) -> None:
    assert onprem.compute.get(f"/{path}").status_code == 403


def test_all_projects_is_for_admins(onprem: Any) -> None:
    with pytest.raises(exceptions.ForbiddenException, match="Policy doesn't allow"):
        list(onprem.compute.servers(all_projects=True))


def test_lists_filter_by_name_status_and_tag(onprem: Any, net: Any) -> None:
    made = [making.server(onprem, f"pb-1-{role}", [{"uuid": net.id}], tags=[role]) for role in ("app", "db")]
    assert {server.name for server in onprem.compute.servers(name="^pb-1-")} == {"pb-1-app", "pb-1-db"}
    assert [server.name for server in onprem.compute.servers(name="-db$")] == ["pb-1-db"]
    assert [server.name for server in onprem.compute.servers(tags="app")] == ["pb-1-app"]
    assert list(onprem.compute.servers(status="SHUTOFF")) == []
    for server in made:
        making.gone(onprem, server)


def test_two_networks_and_none_named_is_409(onprem: Any, net: Any) -> None:
    making.network(onprem, "second", "10.31.0.0/24")
    with pytest.raises(exceptions.ConflictException, match="Multiple possible networks found"):
        making.server(onprem, "unclear", "auto")


def test_interfaces_come_and_go_while_it_runs(lab: RunningLab, onprem: Any, net: Any) -> None:
    web = making.server(onprem, "nics", [{"uuid": net.id}])
    port = onprem.network.create_port(network_id=net.id)
    onprem.compute.create_server_interface(web, port_id=port.id)
    shown = [interface.port_id for interface in onprem.compute.server_interfaces(web)]
    assert shown[1] == port.id
    onprem.compute.delete_server_interface(port.id, server=web)
    assert [interface.port_id for interface in onprem.compute.server_interfaces(web)] == shown[:1]
    making.gone(onprem, web)
    assert web.id not in lab.planes["onprem"].joined


def test_keypairs_are_made_imported_and_refused(onprem: Any) -> None:
    imported = onprem.compute.create_keypair(name="in", public_key=making.PUBLIC_KEY)
    assert imported.fingerprint.count(":") == 15
    assert onprem.compute.create_keypair(name="out").private_key.startswith("-----BEGIN RSA PRIVATE KEY-----")
    with pytest.raises(exceptions.ConflictException, match="Key pair 'in' already exists"):
        onprem.compute.create_keypair(name="in", public_key=making.PUBLIC_KEY)
    with pytest.raises(exceptions.BadRequestException, match="failed to generate fingerprint"):
        onprem.compute.create_keypair(name="bad", public_key="ssh-ed25519 nonsense")
    for name in ("in", "out"):
        onprem.compute.delete_keypair(name)


def test_metadata_and_tags_change_in_place(onprem: Any, net: Any) -> None:
    web = making.server(onprem, "changing", [{"uuid": net.id}], metadata={"a": "1"})
    onprem.compute.set_server_metadata(web, b="2")
    onprem.compute.delete_server_metadata(onprem.compute.get_server(web.id), ["a"])
    onprem.compute.add_tag_to_server(web, "kept")
    web = onprem.compute.get_server(web.id)
    assert (web.metadata, web.tags) == ({"b": "2"}, ["kept"])
    making.gone(onprem, web)


def test_several_servers_from_one_request_are_numbered(onprem: Any, net: Any) -> None:
    making.server(onprem, "many", [{"uuid": net.id}], min_count=2, max_count=2)
    made = list(onprem.compute.servers(name="^many-"))
    assert {server.name for server in made} == {"many-1", "many-2"}
    for server in made:
        making.gone(onprem, server)
