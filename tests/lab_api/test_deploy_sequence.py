"""What a deployer does from the first call to the last, with the real client."""

from typing import Any

import pytest
from openstack import exceptions

from tests.fakes.lab import RunningLab
from tests.lab_api import making


def test_a_whole_deployment_leaves_nothing(lab: RunningLab, onprem: Any) -> None:
    before = census(onprem)
    net, subnet, router = making.routed(onprem, "app")
    onprem.compute.create_keypair(name="key", public_key=making.PUBLIC_KEY)
    group = onprem.network.create_security_group(name="web")
    onprem.network.create_security_group_rule(
        security_group_id=group.id, direction="ingress", protocol="tcp", port_range_min=80, port_range_max=80
    )
    port = onprem.network.create_port(network_id=net.id, name="web-0", security_groups=[group.id])
    web = making.server(
        onprem,
        "web-0",
        [{"port": port.id}],
        key_name="key",
        config_drive=True,
        metadata={"tier": "web"},
        tags=["run-1"],
        user_data="IyEvYmluL3NoCg==",
    )
    address = onprem.network.create_ip(
        floating_network_id=making.external(onprem).id, port_id=port.id, description="of run 1"
    )
    volume = making.volume(onprem, "data")
    attachment = onprem.compute.create_volume_attachment(web, volume_id=volume.id)
    volume = making.wait_volume(onprem, volume, "in-use")

    web = onprem.compute.get_server(web.id)
    assert web.status == "ACTIVE"
    assert [entry["OS-EXT-IPS:type"] for entry in web.addresses["app"]] == ["fixed", "floating"]
    assert web.addresses["app"][1]["addr"] == address.floating_ip_address
    assert (web.tags, web.metadata, web.key_name, web.has_config_drive) == (["run-1"], {"tier": "web"}, "key", "True")
    assert [group["name"] for group in web.security_groups] == ["web"]
    assert (attachment.device, volume.attachments[0]["device"]) == ("/dev/vdb", "/dev/vdb")
    assert volume.attachments[0]["server_id"] == web.id
    assert onprem.network.get_port(port.id).status == "ACTIVE"
    assert "web-0 login:" in onprem.compute.get_server_console_output(web)["output"]
    assert lab.planes["onprem"].joined[web.id] == (port.id,)

    onprem.compute.delete_volume_attachment(web, volume.id)
    making.wait_volume(onprem, volume, "available")
    making.gone(onprem, web)
    onprem.block_storage.delete_volume(volume)
    onprem.block_storage.wait_for_delete(volume, interval=making.SOON)
    onprem.network.delete_ip(address)
    onprem.network.delete_port(port)
    onprem.network.remove_interface_from_router(router, subnet_id=subnet.id)
    onprem.network.delete_router(router)
    onprem.network.delete_network(net)
    onprem.network.delete_security_group(group)
    onprem.compute.delete_keypair("key")
    assert census(onprem) == before


def census(cloud: Any) -> dict[str, list[str]]:
    lists = {
        "servers": cloud.compute.servers,
        "keys": cloud.compute.keypairs,
        "networks": cloud.network.networks,
        "subnets": cloud.network.subnets,
        "ports": cloud.network.ports,
        "routers": cloud.network.routers,
        "addresses": cloud.network.ips,
        "groups": cloud.network.security_groups,
        "rules": cloud.network.security_group_rules,
        "volumes": cloud.block_storage.volumes,
    }
    return {name: sorted(item.id for item in fetch()) for name, fetch in lists.items()}


def test_public_servers_stand_on_the_shared_network(public: Any) -> None:
    assert list(public.network.networks(is_router_external=True)) == []
    [shared] = public.network.networks(is_shared=True)
    web = making.server(public, "web-0", [{"uuid": shared.id}], config_drive=True)
    volume = making.volume(public, "data", volume_type="high-speed")
    attachment = public.compute.create_volume_attachment(web, volume_id=volume.id)
    assert (shared.name, shared.mtu) == ("Ext-Net", 1400)
    assert list(web.addresses) == ["Ext-Net"]
    assert attachment.device == "/dev/sdb"


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda cloud: cloud.network.create_network(name="n"), "create_network"),
        (lambda cloud: cloud.network.create_router(name="r"), "create_router"),
        (lambda cloud: cloud.network.create_ip(floating_network_id=shared_id(cloud)), "create_floatingip"),
    ],
)
def test_public_refuses_networks_routers_and_floating_ips(public: Any, make: Any, rule: str) -> None:
    with pytest.raises(exceptions.ForbiddenException) as refusal:
        make(public)
    assert f"(rule:{rule}) is disallowed by policy" in str(refusal.value)


def shared_id(cloud: Any) -> str:
    [shared] = cloud.network.networks(is_shared=True)
    return str(shared.id)


def test_flavors_without_a_disk_are_refused_for_images(public: Any) -> None:
    flavor = public.compute.find_flavor("c1.small")
    with pytest.raises(exceptions.ForbiddenException) as refusal:
        making.server(public, "web-9", [{"uuid": shared_id(public)}], flavor_id=flavor.id)
    assert "Only volume-backed servers are allowed for flavors with zero disk." in str(refusal.value)


def test_the_cloud_layer_makes_a_server_in_one_call(onprem: Any) -> None:
    net, _ = making.network(onprem, "one-call", "192.168.44.0/24")
    # Waiting is left to the other layer: this one looks only every few seconds.
    made = onprem.create_server("one-call", image="Debian 12", flavor="m1.tiny", network=net.id, auto_ip=False)
    made = onprem.compute.wait_for_server(onprem.compute.get_server(made.id), interval=making.SOON)
    assert list(made.addresses) == ["one-call"]
    assert onprem.delete_server(made.id)
    onprem.compute.wait_for_delete(made, interval=making.SOON)
