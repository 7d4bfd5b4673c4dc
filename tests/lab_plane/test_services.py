"""What dnsmasq, the routers and the switch are told."""

from dataclasses import replace
from pathlib import Path

import pytest

from portability.errors import LabError
from portability.lab.plane import dhcp, naming, nat
from portability.lab.plane.routers import default_hop
from portability.lab.plane.switch import Link, changes, wanted_links
from portability.lab.topology import Topology
from tests.lab_plane.topologies import external, floating, identifier, network, port, router, small_cloud


def test_client_learns_default_route_by_option_121_because_it_ignores_the_router_option_then() -> None:
    told = dhcp.options(network())
    assert "tag:s0,option:router,10.218.0.1\n" in told
    assert "option:classless-static-route,169.254.169.254/32,10.218.0.2,0.0.0.0/0,10.218.0.1\n" in told


def test_network_without_metadata_sends_no_route_to_it() -> None:
    told = dhcp.options(replace(network(), has_metadata=False))
    assert "169.254.169.254" not in told
    assert "classless" not in told


def test_isolated_network_sends_an_empty_router_and_the_metadata_route_alone() -> None:
    isolated = replace(network(), subnets=(replace(network().subnets[0], gateway_ip=None),))
    assert dhcp.options(isolated).splitlines()[1:] == [
        "tag:s0,option:router",
        "tag:s0,option:classless-static-route,169.254.169.254/32,10.218.0.2",
    ]


def test_own_resolvers_replace_the_networks() -> None:
    chosen = replace(network(), subnets=(replace(network().subnets[0], dns_servers=("192.0.2.1", "192.0.2.2")),))
    assert "option:dns-server,192.0.2.1,192.0.2.2\n" in dhcp.options(chosen)


def test_each_port_gets_its_own_address_and_name() -> None:
    nameless = replace(port(1), hostname=None)
    assert dhcp.hosts(network(), (port(0), nameless)).splitlines() == [
        "fa:16:3e:19:00:00,web-0,10.218.0.10,86400s",
        "fa:16:3e:19:00:01,host-10-218-0-11,10.218.0.11,86400s",
    ]
    assert "10.218.0.10 web-0.openstacklocal web-0\n" in dhcp.names(network(), (port(0),))


def test_mtu_is_forced_on_clients() -> None:
    words = dhcp.arguments(network(), Path("/f"))
    assert "--dhcp-option-force=option:mtu,1450" in words
    assert "--dhcp-range=set:s0,10.218.0.0,static,255.255.255.0,86400s" in words


def test_subnet_without_dhcp_is_not_served() -> None:
    assert dhcp.served(external()) == ()


def test_router_without_gateway_translates_nothing() -> None:
    assert "dnat" not in nat.ruleset(replace(router(), gateway=None), ())


def test_router_with_snat_off_still_serves_floating_ips() -> None:
    text = nat.ruleset(router(snat=False), (floating(0),))
    assert "elements = { 10.219.0.100 : 10.218.0.10 }" in text
    assert "elements = { 10.218.0.10 : 10.219.0.100 }" in text
    outward = text.split("chain outward {")[1].split("}")[0]
    assert "10.219.0.10" not in outward
    assert "10.219.0.10" in nat.ruleset(router(), ()).split("chain outward {")[1].split("}")[0]


def test_default_route_is_the_external_networks_gateway() -> None:
    networks = {found.id: found for found in (external(), network())}
    assert default_hop(router(), networks) == "10.219.0.1"
    assert default_hop(replace(router(), gateway=None), networks) is None


def test_link_names_fit_into_what_linux_takes() -> None:
    names = naming.Names("a-rather-long-prefix-of-a-lab")
    links = wanted_links(small_cloud(), names, plugged={identifier("port-0")}, host=1)
    all_names = [name for link in links for name in (link.name, link.peer) if name]
    assert max(map(len, all_names)) <= 15
    assert len({link.name for link in links}) == len(links)


def test_planes_do_not_claim_each_others_namespaces() -> None:
    assert not naming.Names("a").is_ours(naming.Names("a-b").switch)
    assert naming.Names("a").observer_link("n") != naming.Names("b").observer_link("n")
    with pytest.raises(LabError):
        naming.Names("a.b")


def shown(link: Link) -> dict[str, object]:
    """The link as `ip -j link` shows it."""
    flags = ["BROADCAST", "UP"] if link.is_up else ["BROADCAST"]
    return {"ifname": link.name, "mtu": link.mtu, "flags": flags, **({"master": link.master} if link.master else {})}


def all_changes(topology: Topology, present: list[dict[str, object]]) -> list[str]:
    wanted = wanted_links(topology, naming.Names("t"), plugged={identifier("port-0")}, host=1)
    return [line for lines, _ in changes(present, wanted) for line in lines]


def test_nothing_changes_where_everything_is_as_wanted() -> None:
    wanted = wanted_links(small_cloud(), naming.Names("t"), plugged={identifier("port-0")}, host=1)
    assert all_changes(small_cloud(), [{"ifname": "lo"}, *map(shown, wanted)]) == []


def test_smaller_mtu_changes_the_links_of_that_network_only() -> None:
    wanted = wanted_links(small_cloud(), naming.Names("t"), plugged={identifier("port-0")}, host=1)
    smaller = replace(small_cloud(), networks=(external(), replace(network(), mtu=1400)))
    lines = all_changes(smaller, [shown(link) for link in wanted])
    # The bridge, the services, the router's leg and the plugged card.
    assert len(lines) == 4
    assert all("mtu 1400" in line for line in lines)


def test_port_that_went_away_loses_its_link() -> None:
    wanted = wanted_links(small_cloud(), naming.Names("t"), plugged={identifier("port-0")}, host=1)
    without = replace(small_cloud(), ports=(port(1),))
    assert all_changes(without, [shown(link) for link in wanted]) == [f"link del {naming.tap(identifier('port-0'))}"]


def test_card_that_no_server_has_yet_is_left_to_join() -> None:
    lines = all_changes(small_cloud(), [])
    assert not any(naming.tap(identifier(f"port-{number}")) in line for number in (0, 1) for line in lines)
    assert sum("type bridge" in line for line in lines) == 2


def test_port_that_is_down_has_its_link_down() -> None:
    down = replace(small_cloud(), ports=(replace(port(0), is_up=False),))
    wanted = wanted_links(small_cloud(), naming.Names("t"), plugged={identifier("port-0")}, host=1)
    assert all_changes(down, [shown(link) for link in wanted])[-1].endswith(" down")
