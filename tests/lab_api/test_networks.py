from typing import Any

import pytest
from openstack import exceptions

from tests.fakes.lab import RunningLab
from tests.lab_api import making


def refusal(kind: type[Exception], call: Any) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def test_a_network_with_ports_cannot_be_deleted(onprem: Any) -> None:
    net, subnet = making.network(onprem, "busy")
    port = onprem.network.create_port(network_id=net.id)
    assert "ports still in use on the network" in refusal(
        exceptions.ConflictException, lambda: onprem.network.delete_network(net)
    )
    assert "have an IP allocation from this subnet" in refusal(
        exceptions.ConflictException, lambda: onprem.network.delete_subnet(subnet)
    )
    onprem.network.delete_port(port)
    onprem.network.delete_network(net)


def test_the_dhcp_port_comes_and_goes_with_the_subnet(onprem: Any) -> None:
    net, subnet = making.network(onprem, "dhcp")
    [port] = onprem.network.ports(network_id=net.id)
    assert port.device_owner == "network:dhcp"
    onprem.network.delete_subnet(subnet)
    assert list(onprem.network.ports(network_id=net.id)) == []


def test_things_of_others_are_404(onprem: Any, other: Any) -> None:
    net, subnet = making.network(onprem, "mine")
    port = onprem.network.create_port(network_id=net.id)
    for look in (
        lambda: other.network.get_network(net.id),
        lambda: other.network.get_subnet(subnet.id),
        lambda: other.network.get_port(port.id),
        lambda: other.network.delete_network(net.id, ignore_missing=False),
        lambda: other.network.create_port(network_id=net.id),
    ):
        assert "could not be found" in refusal(exceptions.NotFoundException, look)
    assert net.id not in {item.id for item in other.network.networks()}


def test_members_may_not_change_or_use_what_is_only_shown_to_them(onprem: Any) -> None:
    outside = making.external(onprem)
    refusal(exceptions.ForbiddenException, lambda: onprem.network.update_network(outside, name="ours"))
    refusal(exceptions.ForbiddenException, lambda: onprem.network.create_port(network_id=outside.id))
    refusal(exceptions.ForbiddenException, lambda: onprem.network.create_network(name="n", is_shared=True))
    assert outside.subnet_ids == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cidr": "192.168.300.0/24"}, "is not a valid IP subnet"),
        ({"cidr": "192.168.50.0/24", "gateway_ip": "nonsense"}, "is not a valid IP address"),
        ({"cidr": "192.168.51.0/24", "nonsense": 1}, "Unrecognized attribute(s) 'nonsense'"),
        ({}, "a subnetpool must be specified in the absence of a cidr"),
    ],
)
def test_bad_subnets_are_400(onprem: Any, fields: dict[str, Any], words: str) -> None:
    net = onprem.network.create_network(name="bad")
    body = {"subnet": {"network_id": net.id, "ip_version": 4, **fields}}
    answer = onprem.network.post("/subnets", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["NeutronError"]["message"]


def test_overlapping_subnets_on_one_network_are_refused(onprem: Any) -> None:
    net, _ = making.network(onprem, "overlap", "10.1.0.0/16")
    assert "overlaps with another subnet" in refusal(
        exceptions.BadRequestException,
        lambda: onprem.network.create_subnet(network_id=net.id, ip_version=4, cidr="10.1.2.0/24"),
    )


def test_the_same_range_on_two_networks_is_fine(onprem: Any) -> None:
    _, first = making.network(onprem, "twice-a", "10.9.0.0/24")
    _, second = making.network(onprem, "twice-b", "10.9.0.0/24")
    assert first.cidr == second.cidr


def test_addresses_are_unique_and_never_the_gateway(onprem: Any) -> None:
    net, subnet = making.network(onprem, "small", "10.7.0.0/28")
    free = 13 - 1
    ports = [onprem.network.create_port(network_id=net.id) for _ in range(free)]
    taken = {port.fixed_ips[0]["ip_address"] for port in ports}
    assert len(taken) == free
    assert subnet.gateway_ip not in taken
    assert "No more IP addresses available" in refusal(
        exceptions.ConflictException, lambda: onprem.network.create_port(network_id=net.id)
    )


def test_a_taken_address_is_409_and_a_foreign_one_400(onprem: Any) -> None:
    net, subnet = making.network(onprem, "fixed", "10.8.0.0/24")
    asked = [{"subnet_id": subnet.id, "ip_address": "10.8.0.77"}]
    port = onprem.network.create_port(network_id=net.id, fixed_ips=asked)
    assert port.fixed_ips[0]["ip_address"] == "10.8.0.77"
    refusal(exceptions.ConflictException, lambda: onprem.network.create_port(network_id=net.id, fixed_ips=asked))
    wrong = [{"ip_address": "10.99.0.1"}]
    refusal(exceptions.BadRequestException, lambda: onprem.network.create_port(network_id=net.id, fixed_ips=wrong))


def test_a_floating_ip_needs_a_router_between(onprem: Any) -> None:
    net, _ = making.network(onprem, "no-router", "10.11.0.0/24")
    port = onprem.network.create_port(network_id=net.id)
    words = refusal(
        exceptions.NotFoundException,
        lambda: onprem.network.create_ip(floating_network_id=making.external(onprem).id, port_id=port.id),
    )
    assert "is not reachable from subnet" in words
    assert list(onprem.network.ips()) == [], "a refused request must leave nothing behind"


def test_a_floating_ip_is_associated_and_freed(lab: RunningLab, onprem: Any) -> None:
    net, subnet, router = making.routed(onprem, "fip", "10.12.0.0/24")
    port = onprem.network.create_port(network_id=net.id)
    address = onprem.network.create_ip(floating_network_id=making.external(onprem).id)
    assert (address.status, address.port_id) == ("DOWN", None)
    address = onprem.network.update_ip(address, port_id=port.id)
    assert (address.status, address.fixed_ip_address) == ("ACTIVE", port.fixed_ips[0]["ip_address"])
    second = onprem.network.create_ip(floating_network_id=making.external(onprem).id)
    assert "already has a floating IP" in refusal(
        exceptions.ConflictException, lambda: onprem.network.update_ip(second, port_id=port.id)
    )
    assert "required by one or more floating IPs" in refusal(
        exceptions.ConflictException,
        lambda: onprem.network.remove_interface_from_router(router, subnet_id=subnet.id),
    )
    onprem.network.delete_port(port)
    assert onprem.network.get_ip(address.id).status == "DOWN"
    onprem.network.delete_ip(address)
    onprem.network.delete_ip(second)


def test_a_router_with_legs_cannot_be_deleted_nor_its_port(onprem: Any) -> None:
    net, _, router = making.routed(onprem, "legs", "10.13.0.0/24")
    assert "still has ports" in refusal(exceptions.ConflictException, lambda: onprem.network.delete_router(router))
    [leg] = onprem.network.ports(network_id=net.id, device_owner="network:router_interface")
    assert "cannot be deleted directly via the port API" in refusal(
        exceptions.ConflictException, lambda: onprem.network.delete_port(leg)
    )


def test_the_plane_is_told_the_whole_network(lab: RunningLab, onprem: Any) -> None:
    net, subnet, router = making.routed(onprem, "told", "10.14.0.0/24")
    port = onprem.network.create_port(network_id=net.id, name="told")
    making.server(onprem, "told", [{"port": port.id}])
    address = onprem.network.create_ip(floating_network_id=making.external(onprem).id, port_id=port.id)
    lab.clouds["onprem"].network.settle()
    told = lab.planes["onprem"].topology
    [network] = [item for item in told.networks if item.id == net.id]
    assert (network.mtu, network.has_metadata, network.subnets[0].dhcp_ip is not None) == (1450, True, True)
    [seen] = [item for item in told.ports if item.id == port.id]
    assert (seen.hostname, seen.ips[0], seen.mac) == ("told", port.fixed_ips[0]["ip_address"], port.mac_address)
    [floating] = [item for item in told.floating_ips if item.id == address.id]
    assert (floating.address, floating.fixed_ip) == (address.floating_ip_address, seen.ips[0])
    [routed] = [item for item in told.routers if item.id == router.id]
    assert routed.gateway is not None
    assert [leg.ip for leg in routed.interfaces] == [subnet.gateway_ip]
    [outside] = [item for item in told.networks if item.is_external]
    assert outside.observer_ip == "10.213.16.1"


def test_a_plane_that_fails_puts_the_server_in_error(lab: RunningLab, onprem: Any) -> None:
    net, _ = making.network(onprem, "broken", "10.15.0.0/24")
    lab.planes["onprem"].failure = "no space in the switch"
    try:
        made = making.server(onprem, "broken", [{"uuid": net.id}], wait=False)
        with pytest.raises(exceptions.ResourceFailure):
            onprem.compute.wait_for_server(made, interval=making.SOON, wait=10)
    finally:
        lab.planes["onprem"].failure = ""
    made = onprem.compute.get_server(made.id)
    assert (made.status, "no space in the switch" in made.fault["message"]) == ("ERROR", True)
    making.gone(onprem, made)


def test_tags_find_what_carries_them(onprem: Any) -> None:
    net, subnet = making.network(onprem, "tagged", "10.16.0.0/24")
    router = onprem.network.create_router(name="tagged")
    group = onprem.network.create_security_group(name="tagged")
    port = onprem.network.create_port(network_id=net.id)
    kinds = {"networks": net, "subnets": subnet, "routers": router, "ports": port, "security_groups": group}
    for name, resource in kinds.items():
        onprem.network.set_tags(resource, ["run-7", "owner-me"])
        found = list(getattr(onprem.network, name)(tags="run-7"))
        assert [item.id for item in found] == [resource.id], name
        assert list(getattr(onprem.network, name)(tags="run-8")) == [], name
        assert found[0].tags == ["run-7", "owner-me"]


def test_tags_are_not_taken_in_a_create_request(onprem: Any) -> None:
    answer = onprem.network.post("/networks", json={"network": {"name": "n", "tags": ["a"]}})
    assert answer.status_code == 400


def test_mtu_is_bounded_by_the_cloud(onprem: Any) -> None:
    assert onprem.network.create_network(name="m", mtu=1300).mtu == 1300
    assert "maximum is 1450" in refusal(
        exceptions.BadRequestException, lambda: onprem.network.create_network(name="m", mtu=9000)
    )


def test_lists_filter_by_several_values(onprem: Any) -> None:
    first, second = (onprem.network.create_network(name=name) for name in ("pick-a", "pick-b"))
    onprem.network.create_network(name="pick-c")
    answer = onprem.network.get("/networks?name=pick-a&name=pick-b&fields=id&fields=name").json()["networks"]
    assert sorted(item["id"] for item in answer) == sorted([first.id, second.id])
    assert set(answer[0]) == {"id", "name"}
