"""The switch's rules as nft text: who may send as whom (anti-spoofing) and what may pass (security groups).

One bridge table. Its chains see the very port a frame comes from and goes to, which connection tracking does not; the
bridge family of many kernels has no connection tracking at all. So a small inet table, reached through br_netfilter,
marks each packet with what connection tracking knows, and the bridge table reads the mark.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from portability.lab.plane import naming
from portability.lab.topology import Network, Port, Rule, SecurityGroup, Topology

_ESTABLISHED, _INVALID = 1, 3

_NUMBERS = {
    # Names that Neutron takes for a rule's protocol (API reference, security group rules), as IP protocol numbers.
    "ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "igmp": 2, "ipip": 4, "ipv6-encap": 41, "ipv6-frag": 44,
    "ipv6-nonxt": 59, "ipv6-opts": 60, "ipv6-route": 43, "ospf": 89, "pgm": 113, "rsvp": 46, "sctp": 132, "tcp": 6,
    "udp": 17, "udplite": 136, "vrrp": 112,
}  # fmt: skip
_WITH_PORTS = {"tcp", "udp", "sctp", "dccp", "udplite"}

_NEIGHBOUR_OUT = "{ 130, 131, 132, 133, 135, 136, 143 }"
_NEIGHBOUR_IN = "{ 130, 131, 132, 134, 135, 136, 143 }"
"""ICMPv6 that neighbour discovery and multicast listeners need; router advertisements only come in (RFC 4890)."""


def ruleset(topology: Topology) -> str:
    """All of the switch's rules; loading it replaces the former ones in one transaction."""
    guarded = tuple(port for port in topology.ports if port.port_security)
    lines = ["table inet pb", "delete table inet pb", "table bridge pb", "delete table bridge pb"]
    lines += ["table inet pb {", *_tracking(topology.networks), "}"]
    lines += ["table bridge pb {", *_remote_sets(topology)]
    for group in topology.security_groups:
        lines += _group_chains(group)
    for port in guarded:
        lines += [*_spoof_chains(port), *_port_chains(port)]
    lines += [*_base_chains(guarded), "}"]
    return "\n".join(lines) + "\n"


def forgets(before: Topology, after: Topology) -> bool:
    """Whether a port that stays may do less than before: then connections in progress must be judged anew."""
    rules_before = {group.id: set(group.rules) for group in before.security_groups}
    rules_after = {group.id: set(group.rules) for group in after.security_groups}
    if any(rules_before[group] - rules_after[group] for group in rules_before.keys() & rules_after.keys()):
        return True
    ports = {port.id: port for port in before.ports}
    return any(_is_narrower(port, than=ports[port.id]) for port in after.ports if port.id in ports)


def _is_narrower(port: Port, *, than: Port) -> bool:
    return port.port_security and (
        not than.port_security
        or bool(set(than.security_groups) - set(port.security_groups))
        or bool(set(than.address_pairs) - set(port.address_pairs))
    )


def _tracking(networks: Iterable[Network]) -> Iterator[str]:
    yield "chain zones { type filter hook prerouting priority -300; policy accept;"
    for network in networks:
        yield f'iifname "{naming.bridge(network.id)}" ct zone set {naming.zone(network.id)}'
    yield "}"
    yield "chain state { type filter hook prerouting priority -150; policy accept;"
    yield f"ct state established,related meta mark set {_ESTABLISHED}"
    yield f"ct state invalid meta mark set {_INVALID}"
    yield "}"


def _base_chains(guarded: tuple[Port, ...]) -> Iterator[str]:
    def jumps(verb: str, chain: str) -> str:
        pairs = ", ".join(f'"{naming.tap(port.id)}" : {verb} {chain}_{naming.digest(port.id)}' for port in guarded)
        return f"vmap {{ {pairs} }}"

    yield "chain from_port { type filter hook prerouting priority -200; policy accept;"
    if guarded:
        yield f"iifname {jumps('goto', 'spoof')}"
    yield "}"
    # `accept` ends one base chain only: what egress lets through is still judged by the receiver's ingress.
    for name, priority, link, chain in (("egress", 10, "iifname", "out"), ("ingress", 20, "oifname", "in")):
        yield f"chain {name} {{ type filter hook forward priority {priority}; policy accept;"
        yield "ether type arp accept"
        yield f"meta mark {_ESTABLISHED} accept"
        if guarded:
            yield f"{link} {jumps('goto', chain)}"
        yield "}"


def _spoof_chains(port: Port) -> Iterator[str]:
    by_mac: defaultdict[str, list[str]] = defaultdict(list)
    by_mac[port.mac.lower()] += port.ips
    for pair in port.address_pairs:
        by_mac[(pair.mac or port.mac).lower()].append(pair.cidr)
    name = f"spoof_{naming.digest(port.id)}"
    for number, addresses in enumerate(by_mac.values()):
        yield f"chain {name}_{number} {{"
        yield from _sender_rules(tuple(by_mac)[number], addresses)
        yield "}"
    yield f"chain {name} {{"
    for number, mac in enumerate(by_mac):
        yield f"ether saddr {mac} goto {name}_{number}"
    yield "drop"
    yield "}"


def _sender_rules(mac: str, addresses: list[str]) -> Iterator[str]:
    v4, v6 = _collapse(addresses)
    # A server is no DHCP server and no IPv6 router, whatever its security groups say.
    yield "ether type ip udp sport 67 udp dport 68 drop"
    yield "ether type ip6 udp sport 547 udp dport 546 drop"
    yield "ether type ip6 icmpv6 type nd-router-advert drop"
    yield "ether type vlan drop"
    yield "ether type ip ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept"
    yield f"ether type arp arp saddr ether != {mac} drop"
    if not v4:
        yield "ether type { arp, ip } drop"
    elif "0.0.0.0/0" not in v4:
        yield f"ether type arp arp saddr ip != {{ {', '.join(v4)} }} drop"
        yield f"ether type ip ip saddr != {{ {', '.join(v4)} }} drop"
    if "::/0" not in v6:
        yield f"ether type ip6 ip6 saddr != {{ {', '.join(['::', 'fe80::/10', *v6])} }} drop"


def _port_chains(port: Port) -> Iterator[str]:
    digest = naming.digest(port.id)
    yield f"chain out_{digest} {{"
    yield "ether type ip udp sport 68 udp dport 67 accept"
    yield "ether type ip6 udp sport 546 udp dport 547 accept"
    yield f"ether type ip6 icmpv6 type {_NEIGHBOUR_OUT} accept"
    yield f"meta mark {_INVALID} drop"
    yield from (f"jump eg_{naming.digest(group)}" for group in port.security_groups)
    yield "drop"
    yield "}"
    yield f"chain in_{digest} {{"
    yield f'iifname "{naming.service_tap(port.network_id)}" ether type ip udp sport 67 udp dport 68 accept'
    yield f"ether type ip6 icmpv6 type {_NEIGHBOUR_IN} accept"
    yield f"meta mark {_INVALID} drop"
    yield from (f"jump ing_{naming.digest(group)}" for group in port.security_groups)
    yield "drop"
    yield "}"


def _group_chains(group: SecurityGroup) -> Iterator[str]:
    for direction, chain in (("egress", "eg"), ("ingress", "ing")):
        yield f"chain {chain}_{naming.digest(group.id)} {{"
        yield from (match(rule) for rule in group.rules if rule.direction == direction)
        yield "}"


def match(rule: Rule) -> str:
    """One rule of a security group."""
    is_v4 = rule.ethertype == "IPv4"
    words = ["ether type ip" if is_v4 else "ether type ip6"]
    address = f"{'ip' if is_v4 else 'ip6'} {'saddr' if rule.direction == 'ingress' else 'daddr'}"
    if rule.remote_group is not None:
        words.append(f"{address} @grp{'4' if is_v4 else '6'}_{naming.digest(rule.remote_group)}")
    elif rule.remote_cidr is not None and ip_network(rule.remote_cidr, strict=False).prefixlen:
        words.append(f"{address} {ip_network(rule.remote_cidr, strict=False)}")
    return " ".join([*words, *_protocol(rule, is_v4=is_v4), "accept"])


def _protocol(rule: Rule, *, is_v4: bool) -> Iterator[str]:
    name = (rule.protocol or "any").lower()
    if name in {"any", "-1", "0"}:
        return
    if name in {"icmp", "1", "icmpv6", "ipv6-icmp", "58"}:
        word = "icmp" if is_v4 else "icmpv6"
        yield f"meta l4proto {'icmp' if is_v4 else 'ipv6-icmp'}"
        if rule.port_min is not None:
            yield f"{word} type {rule.port_min}"
        if rule.port_max is not None:
            yield f"{word} code {rule.port_max}"
        return
    number = int(name) if name.isdecimal() else _NUMBERS[name]
    known = next((word for word, value in _NUMBERS.items() if value == number), name)
    if known in _WITH_PORTS and rule.port_min is not None:
        yield f"{known} dport {rule.port_min}-{rule.port_max if rule.port_max is not None else rule.port_min}"
    else:
        yield f"meta l4proto {number}"


def _remote_sets(topology: Topology) -> Iterator[str]:
    """For each security group the addresses of its ports, as sources or destinations of rules that name the group."""
    for group in topology.security_groups:
        members = [port for port in topology.ports if group.id in port.security_groups]
        addresses = [ip for port in members for ip in (*port.ips, *(pair.cidr for pair in port.address_pairs))]
        for kind, text, elements in zip(("ipv4_addr", "ipv6_addr"), "46", _collapse(addresses), strict=True):
            yield f"set grp{text}_{naming.digest(group.id)} {{ type {kind}; flags interval;"
            if elements:
                yield f"elements = {{ {', '.join(elements)} }}"
            yield "}"


def _collapse(addresses: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The IPv4 and IPv6 ranges, without overlaps: nft takes none in a set."""
    networks = [ip_network(address, strict=False) for address in addresses]
    v4 = collapse_addresses(network for network in networks if isinstance(network, IPv4Network))
    v6 = collapse_addresses(network for network in networks if isinstance(network, IPv6Network))
    return tuple(map(_short, v4)), tuple(map(_short, v6))


def _short(network: IPv4Network | IPv6Network) -> str:
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
