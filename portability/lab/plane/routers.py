"""Routers: a namespace each, with a leg on every network it connects."""

import contextlib
import socket
import struct
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network

from portability.lab.plane import namespaces, naming, nat
from portability.lab.plane.dhcp import METADATA
from portability.lab.plane.namespaces import PlaneError
from portability.lab.topology import FloatingIP, Network, Router, RouterInterface, Topology

_SETTINGS = {
    "ipv4/ip_forward": "1",
    "ipv6/conf/all/forwarding": "1",
    # Answers may leave by another leg than the questions came: metadata does.
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
}


class Routers:
    """All routers of a plane; remembers what it set, so that an unchanged router costs nothing."""

    def __init__(self, names: naming.Names) -> None:
        self._names = names
        self._done: dict[str, object] = {}

    def prepare(self, router_id: str) -> None:
        """A new namespace's settings."""
        self._done.pop(router_id, None)
        namespaces.sysctl(self._names.router(router_id), _SETTINGS)

    def update(self, router: Router, topology: Topology) -> None:
        """Make addresses, routes and translation as wanted; established connections stay unless their address goes."""
        networks = {network.id: network for network in topology.networks}
        floating = tuple(fip for fip in topology.floating_ips if fip.router_id == router.id)
        touching = tuple(networks[leg.network_id] for leg in legs(router))
        wanted = (router, floating, touching)
        if self._done.get(router.id) == wanted:
            return
        self._done.pop(router.id, None)
        self._raise_links(router, networks)
        self._set_addresses(router, floating)
        self._set_routes(router, networks)
        namespaces.nft(self._names.router(router.id), nat.ruleset(router, floating))
        self._done[router.id] = wanted

    def forget(self, router_id: str) -> None:
        self._done.pop(router_id, None)

    def _raise_links(self, router: Router, networks: Mapping[str, Network]) -> None:
        links = {naming.router_link(leg): leg for leg in router.interfaces}
        if router.gateway is not None:
            links[naming.GATEWAY_LINK] = router.gateway
        lines = [f"link set {link} mtu {networks[leg.network_id].mtu} up" for link, leg in links.items()]
        namespaces.batch(self._names.router(router.id), lines)

    def _set_addresses(self, router: Router, floating: Iterable[FloatingIP]) -> None:
        name = self._names.router(router.id)
        wanted = {naming.router_link(leg): {f"{leg.ip}/{leg.prefix}"} for leg in router.interfaces}
        if router.gateway is not None:
            own = f"{router.gateway.ip}/{router.gateway.prefix}"
            wanted[naming.GATEWAY_LINK] = {own, *(f"{fip.address}/32" for fip in floating)}
        present = namespaces.addresses(name)
        lines, gone, new = [], [], []
        for link, addresses in wanted.items():
            extra = present.get(link, set()) - addresses
            lines += [f"addr del {address} dev {link}" for address in sorted(extra)]
            # The router's own address first: the first one is the source of what the router itself sends.
            missing = sorted(addresses - present.get(link, set()), key=lambda text: text.endswith("/32"))
            lines += [f"addr add {address} dev {link}" for address in missing]
            gone += [address.split("/")[0] for address in extra]
            new += [address.split("/")[0] for address in missing if link == naming.GATEWAY_LINK]
        namespaces.batch(name, lines)
        forget_connections(name, gone)
        if router.gateway is not None:
            announce(name, naming.GATEWAY_LINK, mac=router.gateway.mac, addresses=new)

    def _set_routes(self, router: Router, networks: Mapping[str, Network]) -> None:
        name = self._names.router(router.id)
        routes = dict(router.routes)
        default = default_hop(router, networks)
        if default is not None:
            routes["default"] = default
        stale = {
            route["dst"]
            for route in namespaces.show(name, "route", "show", "proto", "static")
            if route["dst"] not in routes and route["dst"].removesuffix("/32") not in routes
        }
        lines = [f"route del {destination} proto static" for destination in sorted(stale)]
        lines += [f"route replace {destination} via {hop} proto static" for destination, hop in sorted(routes.items())]
        namespaces.batch(name, [*lines, *self._metadata_routes(router, networks)])

    def _metadata_routes(self, router: Router, networks: Mapping[str, Network]) -> list[str]:
        """A server that has no route of its own to the metadata address sends to its router, which knows the way."""
        rules = {rule["table"] for rule in namespaces.show(self._names.router(router.id), "rule", "show")}
        lines = []
        for leg in router.interfaces:
            network = networks[leg.network_id]
            hop = next((subnet.dhcp_ip for subnet in network.subnets if subnet.dhcp_ip), None)
            table = naming.table(leg)
            if network.has_metadata and hop is not None:
                lines.append(
                    f"route replace {METADATA}/32 via {hop} dev {naming.router_link(leg)} table {table} proto static"
                )
                if str(table) not in rules:
                    link = naming.router_link(leg)
                    lines.append(f"rule add iif {link} to {METADATA}/32 lookup {table} priority {table}")
        return lines


def legs(router: Router) -> tuple[RouterInterface, ...]:
    return (*((router.gateway,) if router.gateway is not None else ()), *router.interfaces)


def default_hop(router: Router, networks: Mapping[str, Network]) -> str | None:
    """The external network's own gateway, where the router's leg can reach it."""
    if router.gateway is None:
        return None
    for subnet in networks[router.gateway.network_id].subnets:
        if subnet.gateway_ip is not None and ip_address(router.gateway.ip) in ip_network(subnet.cidr):
            return subnet.gateway_ip
    return None


def forget_connections(namespace: str, addresses: Iterable[str]) -> None:
    """End the translation of connections that are in progress through these addresses, as Neutron's agent does."""
    for address in addresses:
        for side in ("--orig-dst", "--reply-dst"):
            # It fails when there are none to delete.
            with contextlib.suppress(PlaneError):
                namespaces.command(*namespaces.inside(namespace), "conntrack", "-D", side, address)


def announce(namespace: str, link: str, *, mac: str, addresses: Iterable[str]) -> None:
    """Gratuitous ARP (RFC 5944, 4.6): a neighbour may still remember who had a floating IP before."""
    wanted = [address for address in addresses if ip_address(address).version == 4]
    if not wanted:
        return
    hardware = bytes.fromhex(mac.replace(":", ""))

    def send() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind((link, 0))
            for address in wanted:
                own = socket.inet_aton(address)
                ethernet = b"\xff" * 6 + hardware + struct.pack("!H", 0x0806)
                request = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
                raw.send(ethernet + request + hardware + own + b"\0" * 6 + own)

    namespaces.within(namespace, send)
