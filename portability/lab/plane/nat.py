"""Address translation of one router as nft text: floating IPs both ways, and source NAT to its gateway address."""

from collections.abc import Iterable, Iterator

from portability.lab.plane.naming import GATEWAY_LINK
from portability.lab.topology import FloatingIP, Router

_FROM_OUTSIDE = 2


def ruleset(router: Router, floating_ips: Iterable[FloatingIP]) -> str:
    """The same decisions as Neutron's L3 agent takes with iptables; loading replaces the former ones at once."""
    lines = ["table ip pb", "delete table ip pb"]
    if router.gateway is None:
        return "\n".join(lines) + "\n"
    pairs = sorted((floating.address, floating.fixed_ip) for floating in floating_ips)
    lines += ["table ip pb {"]
    lines += _map("floating_to_fixed", pairs)
    lines += _map("fixed_to_floating", [(fixed, floating) for floating, fixed in pairs])
    lines += _chains(router, router.gateway.ip)
    return "\n".join([*lines, "}"]) + "\n"


def _map(name: str, pairs: list[tuple[str, str]]) -> Iterator[str]:
    yield f"map {name} {{ type ipv4_addr : ipv4_addr;"
    if pairs:
        yield f"elements = {{ {', '.join(f'{key} : {value}' for key, value in pairs)} }}"
    yield "}"


def _chains(router: Router, gateway: str) -> Iterator[str]:
    yield "chain origin { type filter hook prerouting priority -150; policy accept;"
    yield f'iifname "{GATEWAY_LINK}" meta mark set {_FROM_OUTSIDE}'
    yield "}"
    yield "chain inbound { type nat hook prerouting priority -100; policy accept;"
    yield "dnat to ip daddr map @floating_to_fixed"
    yield "}"
    # A server without a floating IP that calls one of its neighbours': the answer must come back through here.
    yield "chain outward {"
    yield "snat to ip saddr map @fixed_to_floating"
    if router.snat:
        yield f"meta mark != {_FROM_OUTSIDE} snat to {gateway}"
    yield "}"
    yield "chain hairpin {"
    yield "snat to ip saddr map @fixed_to_floating"
    yield f"meta mark != {_FROM_OUTSIDE} snat to {gateway}"
    yield "}"
    yield "chain outbound { type nat hook postrouting priority 100; policy accept;"
    yield f'oifname "{GATEWAY_LINK}" goto outward'
    yield "ct status dnat goto hairpin"
    yield "}"
