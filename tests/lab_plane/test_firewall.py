"""The switch's rules as text."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from portability.lab.plane import firewall, naming
from portability.lab.topology import AddressPair, Rule, Topology
from tests.lab_plane.topologies import FROM_GROUP, OUT, PING, SSH, group, identifier, port, small_cloud


def chain(text: str, name: str) -> list[str]:
    """The lines of one chain."""
    lines = text.splitlines()
    start = lines.index(f"chain {name} {{")
    return lines[start + 1 : lines.index("}", start)]


def of_port(number: int) -> str:
    return naming.digest(identifier(f"port-{number}"))


def rule(**fields: object) -> Rule:
    return replace(Rule(direction="ingress", ethertype="IPv4"), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (rule(), "ether type ip accept"),
        (rule(ethertype="IPv6"), "ether type ip6 accept"),
        (rule(remote_cidr="0.0.0.0/0"), "ether type ip accept"),
        (rule(remote_cidr="10.1.2.3/24"), "ether type ip ip saddr 10.1.2.0/24 accept"),
        (rule(direction="egress", remote_cidr="10.0.0.0/8"), "ether type ip ip daddr 10.0.0.0/8 accept"),
        (rule(protocol="tcp"), "ether type ip meta l4proto 6 accept"),
        (rule(protocol="tcp", port_min=22, port_max=22), "ether type ip tcp dport 22-22 accept"),
        (rule(protocol="udp", port_min=53), "ether type ip udp dport 53-53 accept"),
        (rule(protocol="6", port_min=1, port_max=65535), "ether type ip tcp dport 1-65535 accept"),
        (rule(protocol="icmp"), "ether type ip meta l4proto icmp accept"),
        (rule(protocol="icmp", port_min=8), "ether type ip meta l4proto icmp icmp type 8 accept"),
        (rule(protocol="icmp", port_min=3, port_max=4),
         "ether type ip meta l4proto icmp icmp type 3 icmp code 4 accept"),
        (rule(protocol="ipv6-icmp", ethertype="IPv6"), "ether type ip6 meta l4proto ipv6-icmp accept"),
        (rule(protocol="vrrp"), "ether type ip meta l4proto 112 accept"),
        (rule(protocol="47"), "ether type ip meta l4proto 47 accept"),
        (rule(protocol="any"), "ether type ip accept"),
        (rule(remote_group="g"), f"ether type ip ip saddr @grp4_{naming.digest('g')} accept"),
    ],
)  # fmt: skip
def test_rule_becomes_one_line(given: Rule, text: str) -> None:
    assert firewall.match(given) == text


def test_port_without_a_matching_rule_ends_in_drop_both_ways() -> None:
    text = firewall.ruleset(small_cloud())
    assert chain(text, f"in_{of_port(0)}")[-1] == "drop"
    assert chain(text, f"out_{of_port(0)}")[-1] == "drop"


def test_port_without_port_security_is_in_no_chain() -> None:
    cloud = small_cloud()
    text = firewall.ruleset(replace(cloud, ports=(replace(port(0), port_security=False), port(1))))
    assert naming.tap(identifier("port-0")) not in text
    assert naming.tap(identifier("port-1")) in text


def test_dhcp_answers_are_taken_from_the_networks_own_server_only() -> None:
    text = firewall.ruleset(small_cloud())
    answers = [line for line in chain(text, f"in_{of_port(0)}") if "sport 67" in line]
    assert answers == [
        f'iifname "{naming.service_tap(identifier("app"))}" ether type ip udp sport 67 udp dport 68 accept'
    ]
    assert "ether type ip udp sport 67 udp dport 68 drop" in chain(text, f"spoof_{of_port(0)}_0")


def test_remote_group_holds_its_members_addresses_and_pairs_without_overlap() -> None:
    pair = AddressPair(cidr="10.218.0.8/29")
    cloud = replace(small_cloud(), ports=(replace(port(0), address_pairs=(pair,)), port(1)))
    text = firewall.ruleset(cloud)
    assert "elements = { 10.218.0.8/29 }" in text


def test_address_pair_with_its_own_mac_binds_the_address_to_that_mac() -> None:
    pair = AddressPair(cidr="10.218.0.50/32", mac="02:00:00:00:00:01")
    text = firewall.ruleset(replace(small_cloud(), ports=(replace(port(0), address_pairs=(pair,)),)))
    assert "ether type ip ip saddr != { 10.218.0.10 } drop" in chain(text, f"spoof_{of_port(0)}_0")
    assert "ether type ip ip saddr != { 10.218.0.50 } drop" in chain(text, f"spoof_{of_port(0)}_1")
    assert chain(text, f"spoof_{of_port(0)}")[-1] == "drop"


def test_networks_get_connection_tracking_zones_of_their_own() -> None:
    text = firewall.ruleset(small_cloud())
    zones = [line.split()[-1] for line in text.splitlines() if "ct zone set" in line]
    assert len(zones) == len(set(zones)) == 2


def test_only_what_takes_something_from_a_port_that_stays_forgets_connections() -> None:
    small = replace(small_cloud(), security_groups=(group(OUT, SSH),))
    large = replace(small_cloud(), security_groups=(group(OUT, SSH, PING, FROM_GROUP),))
    assert firewall.forgets(large, small)
    assert not firewall.forgets(small, large)
    assert not firewall.forgets(Topology(), small)
    assert not firewall.forgets(large, replace(large, ports=(port(0),)))
    assert firewall.forgets(large, replace(large, ports=(replace(port(0), security_groups=()), port(1))))
    unguarded = replace(large, ports=(replace(port(0), port_security=False), port(1)))
    assert firewall.forgets(unguarded, large)
    assert not firewall.forgets(large, unguarded)


@pytest.mark.lab
def test_nft_takes_every_kind_of_rule() -> None:
    if shutil.which("nft") is None:
        pytest.skip("no nft")
    protocols = ["tcp", "udp", "sctp", "dccp", "udplite", "icmp", "vrrp", "gre", "esp", "ah", "igmp", "ipip", "132"]
    rules = [rule(protocol=name, port_min=low, direction=direction, ethertype=kind, remote_group=remote)
             for name in protocols for low in (None, 1) for direction in ("ingress", "egress")
             for kind in ("IPv4", "IPv6") for remote in (None, identifier("group"))]  # fmt: skip
    wide = replace(port(2), address_pairs=(AddressPair(cidr="0.0.0.0/0"), AddressPair(cidr="::/0")))
    bare = replace(port(3), ips=(), security_groups=())
    cloud = replace(small_cloud(), security_groups=(group(*rules),), ports=(port(0), wide, bare))
    for topology in (cloud, Topology()):
        text = firewall.ruleset(topology)
        done = subprocess.run(["nft", "-c", "-f", "-"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
