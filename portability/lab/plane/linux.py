"""The network of one cloud, made of what Linux has: bridges, veth pairs, namespaces, nftables, dnsmasq.

    PREFIX.sw           the switch: a bridge for each network, a tap for each port; security groups and anti-spoofing
    PREFIX.n.<network>  the network's own services: DHCP, DNS, metadata; on provider networks also their gateway
    PREFIX.r.<router>   a router
    PREFIX.s.<server>   a server: its network cards are the only links in it

The host stands on external and shared networks with a link of its own; nothing else of the host's network is touched.
The truth is in the kernel: what is there is looked up at each change, so a new process goes on where another ended.
"""

import contextlib
import json
import logging
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

from portability.lab.plane import dhcp, firewall, namespaces, naming
from portability.lab.plane.namespaces import PlaneError
from portability.lab.plane.routers import Routers
from portability.lab.plane.switch import Link, changes, wanted_links
from portability.lab.process import CommandError
from portability.lab.topology import Network, Port, Topology

log = logging.getLogger(__name__)

__all__ = ["LinuxPlane", "PlaneError"]

_SWITCH_SETTINGS = {
    # The switch has no addresses of its own and must not get any.
    "ipv6/conf/all/disable_ipv6": "1",
    "ipv6/conf/default/disable_ipv6": "1",
    "bridge/bridge-nf-call-iptables": "1",
    "bridge/bridge-nf-call-ip6tables": "1",
    "bridge/bridge-nf-call-arptables": "0",
}
_SERVICE_SETTINGS = {
    # A provider's gateway that leads nowhere says "unreachable" at once instead of letting servers wait.
    "ipv4/ip_forward": "1",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv4/conf/all/send_redirects": "0",
    "ipv4/conf/default/send_redirects": "0",
    "ipv4/ip_unprivileged_port_start": "0",
}


class LinuxPlane:
    """The network of one cloud."""

    def __init__(self, prefix: str, run_dir: Path) -> None:
        self._names = naming.Names(prefix)
        self._run_dir = run_dir
        self._lock = threading.RLock()
        self._topology = Topology()
        self._routers = Routers(self._names)
        self._rules = ""
        self._services: dict[str, object] = {}
        run_dir.mkdir(parents=True, exist_ok=True)

    def apply(self, topology: Topology) -> None:
        with self._lock:
            self._make_namespaces(topology)
            # Rules come before links: a new port is never open for a moment.
            self._load_rules(topology)
            self._change_links(topology)
            for network in topology.networks:
                self._serve(network, tuple(port for port in topology.ports if port.network_id == network.id))
            for router in topology.routers:
                self._routers.update(router, topology)
            self._remove_extra(topology)
            self._topology = topology

    def port_namespace(self, port_id: str) -> Path | None:
        for file in self._joined.glob("*.json"):
            if port_id in _cards(file):
                return namespaces.path(self._names.server(file.stem))
        return None

    def join(self, server_id: str, port_ids: tuple[str, ...]) -> Path | None:
        with self._lock:
            name = self._names.server(server_id)
            file = self._joined / f"{server_id}.json"
            if name not in namespaces.names():
                namespaces.add([name])
                file.unlink(missing_ok=True)
            cards = {port: card for port, card in _cards(file).items() if port in port_ids}
            for port_id in _cards(file).keys() - cards.keys():
                self._unplug(port_id)
            present = {link["ifname"] for link in namespaces.links(name)}
            for position, port_id in enumerate(port_ids):
                if cards.get(port_id) not in present:
                    cards[port_id] = _free_card(position, {*present, *cards.values()})
                    self._plug(port_id, name, cards[port_id])
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(cards))
            return namespaces.path(name)

    def leave(self, server_id: str) -> None:
        with self._lock:
            file = self._joined / f"{server_id}.json"
            for port_id in _cards(file):
                self._unplug(port_id)
            namespaces.remove(self._names.server(server_id))
            file.unlink(missing_ok=True)

    def metadata_socket(self, network_id: str) -> socket.socket | None:
        with self._lock:
            network = next((found for found in self._topology.networks if found.id == network_id), None)
            if network is None or not network.has_metadata:
                return None

            def listen() -> socket.socket:
                listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((dhcp.METADATA, 80))
                listener.listen(128)
                return listener

            return namespaces.within(self._names.service(network_id), listen)

    def tear_down(self) -> None:
        with self._lock:
            failures: list[Exception] = []
            for folder in self._run_dir.glob("network-*"):
                dhcp.Server("", "", folder).stop()
            for name in namespaces.names():
                if not self._names.is_ours(name):
                    continue
                try:
                    namespaces.remove(name)
                except (PlaneError, OSError) as error:
                    failures.append(error)
            self._topology, self._rules = Topology(), ""
            self._routers, self._services = Routers(self._names), {}
            if failures:
                raise ExceptionGroup(f"{self._names.prefix}: {len(failures)} namespaces could not be removed", failures)
            shutil.rmtree(self._run_dir, ignore_errors=True)

    # Inside

    @property
    def _joined(self) -> Path:
        return self._run_dir / "joined"

    def _make_namespaces(self, topology: Topology) -> None:
        present = set(namespaces.names())
        networks = {self._names.service(network.id): network.id for network in topology.networks}
        routers = {self._names.router(router.id): router.id for router in topology.routers}
        missing = [name for name in (self._names.switch, *networks, *routers) if name not in present]
        namespaces.add(missing)
        for name in missing:
            if name in networks:
                self._services.pop(networks[name], None)
                namespaces.sysctl(name, _SERVICE_SETTINGS)
            elif name in routers:
                self._routers.prepare(routers[name])
            else:
                self._rules = ""
                _need_bridge_filter(name)
                namespaces.sysctl(name, _SWITCH_SETTINGS)

    def _load_rules(self, topology: Topology) -> None:
        rules = firewall.ruleset(topology)
        if rules == self._rules:
            return
        namespaces.nft(self._names.switch, rules)
        if firewall.forgets(self._topology, topology):
            with contextlib.suppress(PlaneError):
                namespaces.command(*namespaces.inside(self._names.switch), "conntrack", "-F")
        self._rules = rules

    def _change_links(self, topology: Topology) -> None:
        plugged = {port for file in self._joined.glob("*.json") for port in _cards(file)}
        wanted = wanted_links(topology, self._names, plugged=plugged, host=os.getpid())
        for lines, force in changes(namespaces.links(self._names.switch), wanted):
            namespaces.batch(self._names.switch, lines, force=force)

    def _serve(self, network: Network, ports: tuple[Port, ...]) -> None:
        wanted = (network, ports)
        if self._services.get(network.id) == wanted:
            return
        self._services.pop(network.id, None)
        name = self._names.service(network.id)
        present = namespaces.addresses(name).get(naming.SERVICE_LINK, set())
        needed = set(_service_addresses(network))
        lines = [f"link set {naming.SERVICE_LINK} mtu {network.mtu} up"]
        lines += [f"addr del {address} dev {naming.SERVICE_LINK}" for address in sorted(present - needed)]
        lines += [f"addr add {address} dev {naming.SERVICE_LINK}" for address in sorted(needed - present)]
        namespaces.batch(name, [*lines, "route replace unreachable default"])
        server = dhcp.Server(network.id, name, self._network_folder(network.id))
        if dhcp.served(network):
            server.update(network, ports)
        else:
            server.stop()
        self._observe(network)
        self._services[network.id] = wanted

    def _observe(self, network: Network) -> None:
        """Give the host its address on the network."""
        if network.observer_ip is None:
            return
        link = self._names.observer_link(network.id)
        namespaces.command("ip", "link", "set", link, "mtu", str(network.mtu), "up")
        for subnet in network.subnets:
            cidr = ip_network(subnet.cidr)
            if ip_address(network.observer_ip) in cidr:
                namespaces.command("ip", "addr", "replace", f"{network.observer_ip}/{cidr.prefixlen}", "dev", link)

    def _remove_extra(self, topology: Topology) -> None:
        networks = {network.id for network in topology.networks}
        keep = {self._names.switch, *map(self._names.service, networks)}
        keep |= {self._names.router(router.id) for router in topology.routers}
        for name in namespaces.names():
            if not self._names.is_ours(name) or self._names.is_server(name) or name in keep:
                continue
            network_id = name.removeprefix(self._names.service(""))
            if network_id != name:
                dhcp.Server(network_id, name, self._network_folder(network_id)).stop()
                shutil.rmtree(self._network_folder(network_id), ignore_errors=True)
                self._services.pop(network_id, None)
            else:
                self._routers.forget(name.removeprefix(self._names.router("")))
            namespaces.remove(name)

    def _network_folder(self, network_id: str) -> Path:
        return self._run_dir / f"network-{network_id}"

    def _plug(self, port_id: str, namespace: str, card: str) -> None:
        port = next((found for found in self._topology.ports if found.id == port_id), None)
        if port is None:
            raise PlaneError(f"port {port_id} is not in the network that was applied last")
        network = next(found for found in self._topology.networks if found.id == port.network_id)
        link = Link.of_port(port, network, peer_namespace=namespace, peer=card)
        namespaces.batch(self._names.switch, [*link.create(), *link.adjust()])
        namespaces.batch(namespace, [f"link set {card} up"])

    def _unplug(self, port_id: str) -> None:
        with contextlib.suppress(PlaneError, CommandError):
            namespaces.batch(self._names.switch, [f"link del {naming.tap(port_id)}"])


def _service_addresses(network: Network) -> Iterator[str]:
    if network.has_metadata:
        yield f"{dhcp.METADATA}/32"
    for subnet in network.subnets:
        prefix = ip_network(subnet.cidr).prefixlen
        if subnet.dhcp_ip is not None:
            yield f"{subnet.dhcp_ip}/{prefix}"
        # On a provider's network the gateway is the provider's, so it is ours; elsewhere it is a router's or nobody's.
        is_provider = network.is_external or network.observer_ip is not None
        if is_provider and subnet.gateway_ip not in {None, network.observer_ip, subnet.dhcp_ip}:
            yield f"{subnet.gateway_ip}/{prefix}"


def _cards(file: Path) -> dict[str, str]:
    """Port id to the name of the network card that it is in the server."""
    try:
        cards: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return cards


def _free_card(position: int, taken: set[str]) -> str:
    numbers = [position, *range(32)]
    return next(card for number in numbers if (card := f"eth{number}") not in taken)


def _need_bridge_filter(switch: str) -> None:
    """Security groups need br_netfilter; it is a module on many kernels.

    Raises:
        PlaneError: the kernel has none.
    """
    if not namespaces.within(switch, lambda: Path("/proc/sys/net/bridge").exists()):
        with contextlib.suppress(PlaneError):
            namespaces.command("modprobe", "br_netfilter")
        # Loading it switches it on for the host's own bridges, which so far went without.
        for setting in Path("/proc/sys/net/bridge").glob("bridge-nf-call-*"):
            setting.write_text("0")
    if not namespaces.within(switch, lambda: Path("/proc/sys/net/bridge").exists()):
        raise PlaneError("this kernel has no br_netfilter, which security groups need: modprobe br_netfilter")
