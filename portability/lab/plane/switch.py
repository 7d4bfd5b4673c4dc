"""The switch's links: which there must be, and the `ip` commands from those that are there to those."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from portability.lab.plane import naming
from portability.lab.plane.routers import legs
from portability.lab.topology import Network, Port, Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A bridge (no master) or the switch's end of a veth pair."""

    name: str
    mtu: int
    master: str = ""
    is_up: bool = True
    peer: str = ""
    peer_namespace: str = ""
    """A name, or the pid of a process in it."""
    peer_mac: str = ""

    @classmethod
    def of_port(cls, port: Port, network: Network, *, peer_namespace: str, peer: str) -> Self:
        return cls(
            name=naming.tap(port.id),
            mtu=network.mtu,
            master=naming.bridge(network.id),
            is_up=port.is_up,
            peer=peer,
            peer_namespace=peer_namespace,
            peer_mac=port.mac,
        )

    def create(self) -> Iterator[str]:
        if not self.master:
            # No snooping: without a querier it would swallow multicast such as VRRP's.
            yield f"link add {self.name} mtu {self.mtu} type bridge forward_delay 0 stp_state 0 mcast_snooping 0"
            return
        mac = f" address {self.peer_mac}" if self.peer_mac else ""
        yield (
            f"link add {self.name} mtu {self.mtu} type veth"
            f" peer name {self.peer}{mac} mtu {self.mtu} netns {self.peer_namespace}"
        )

    def adjust(self) -> Iterator[str]:
        master = f" master {self.master}" if self.master else ""
        yield f"link set {self.name} mtu {self.mtu}{master} {'up' if self.is_up else 'down'}"

    def is_as(self, shown: dict[str, Any]) -> bool:
        """Whether the link that `ip -j link` shows is as this one."""
        return (
            shown["mtu"] == self.mtu
            and shown.get("master", "") == self.master
            and ("UP" in shown["flags"]) == self.is_up
        )


def wanted_links(topology: Topology, names: naming.Names, *, plugged: Collection[str], host: int) -> tuple[Link, ...]:
    """All links of the switch, bridges first. `plugged`: ids of the ports that servers have; `host`: a pid of ours."""
    networks = {network.id: network for network in topology.networks}
    links = [Link(name=naming.bridge(network.id), mtu=network.mtu) for network in topology.networks]
    for network in topology.networks:
        links.append(_leg(naming.service_tap(network.id), network, names.service(network.id), naming.SERVICE_LINK))
        if network.observer_ip is not None:
            link = names.observer_link(network.id)
            links.append(_leg(naming.observer_tap(network.id), network, str(host), link))
    for router in topology.routers:
        for leg in legs(router):
            peer = naming.GATEWAY_LINK if leg == router.gateway else naming.router_link(leg)
            tap = naming.router_tap(router.id, leg)
            links.append(_leg(tap, networks[leg.network_id], names.router(router.id), peer, mac=leg.mac))
    # Servers' cards are plugged by `join`; here they are only kept, moved and switched.
    links.extend(
        Link.of_port(port, networks[port.network_id], peer_namespace="", peer="")
        for port in topology.ports
        if port.id in plugged
    )
    return tuple(links)


def changes(present: Iterable[dict[str, Any]], wanted: Iterable[Link]) -> Iterator[tuple[list[str], bool]]:
    """Batches of `ip` commands, each with whether failures of single lines are no matter."""
    by_name = {link.name: link for link in wanted}
    shown = {link["ifname"]: link for link in present if link["ifname"] != "lo"}
    # A peer may have gone already with its namespace.
    yield [f"link del {name}" for name in shown if name not in by_name], True
    lines: list[str] = []
    for name, link in by_name.items():
        is_there = name in shown
        if not is_there and link.master and not link.peer_namespace:
            continue  # a server's card that `join` will plug
        if not is_there:
            lines += link.create()
        if not is_there or not link.is_as(shown[name]):
            lines += link.adjust()
    yield lines, False


def _leg(tap: str, network: Network, namespace: str, peer: str, *, mac: str = "") -> Link:
    return Link(
        name=tap,
        mtu=network.mtu,
        master=naming.bridge(network.id),
        peer=peer,
        peer_namespace=namespace,
        peer_mac=mac or naming.mac(tap, peer),
    )
