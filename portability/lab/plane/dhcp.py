"""DHCP and internal DNS of one network: the arguments and files of its dnsmasq, and its process."""

import signal
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

from portability.lab.plane import namespaces, naming
from portability.lab.plane.namespaces import PlaneError
from portability.lab.process import Process, launch
from portability.lab.topology import Network, Port, Subnet

METADATA = "169.254.169.254"
_LEASE_SECONDS = 86400
"""Neutron's default (dhcp_lease_duration)."""


def served(network: Network) -> tuple[Subnet, ...]:
    """The subnets that get DHCP; IPv6 is not served."""
    return tuple(
        subnet
        for subnet in network.subnets
        if subnet.dhcp and subnet.dhcp_ip is not None and ip_network(subnet.cidr).version == 4
    )


def arguments(network: Network, folder: Path) -> tuple[str, ...]:
    """How dnsmasq is called: all that cannot change while it runs."""
    ranges = []
    for number, subnet in enumerate(served(network)):
        cidr = ip_network(subnet.cidr)
        ranges.append(f"--dhcp-range=set:s{number},{cidr.network_address},static,{cidr.netmask},{_LEASE_SECONDS}s")
    return (
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--no-poll",
        "--pid-file=", "--user=root", "--group=root", "--leasefile-ro", "--dhcp-authoritative",
        "--bind-interfaces", f"--interface={naming.SERVICE_LINK}", "--except-interface=lo",
        f"--domain={network.dns_domain}", f"--local=/{network.dns_domain}/",
        f"--dhcp-hostsfile={folder / 'hosts'}", f"--dhcp-optsfile={folder / 'options'}",
        f"--addn-hosts={folder / 'names'}", f"--log-facility={folder / 'dnsmasq.log'}",
        # Forced: not every client asks for it, and a client that does not know the MTU loses large packets.
        f"--dhcp-option-force=option:mtu,{network.mtu}",
        *ranges,
    )  # fmt: skip


def options(network: Network) -> str:
    """What clients are told, one line an option."""
    lines: list[str] = []
    for number, subnet in enumerate(served(network)):
        tag = f"tag:s{number}"
        servers = ",".join(subnet.dns_servers) or str(subnet.dhcp_ip)
        lines.append(f"{tag},option:dns-server,{servers}")
        # Without an address dnsmasq sends no router at all, where it would else name itself.
        lines.append(f"{tag},option:router" + (f",{subnet.gateway_ip}" if subnet.gateway_ip else ""))
        routes = ",".join(f"{destination},{hop}" for destination, hop in classless_routes(network, subnet))
        if routes:
            lines.append(f"{tag},option:classless-static-route,{routes}")
    return "".join(f"{line}\n" for line in lines)


def classless_routes(network: Network, subnet: Subnet) -> Iterator[tuple[str, str]]:
    """Option 121. Clients that take it ignore the router option, so the default route is in it (RFC 3442)."""
    if network.has_metadata and subnet.dhcp_ip:
        yield f"{METADATA}/32", subnet.dhcp_ip
    yield from subnet.host_routes
    if subnet.gateway_ip and (network.has_metadata or subnet.host_routes):
        yield "0.0.0.0/0", subnet.gateway_ip


def hosts(network: Network, ports: Iterable[Port]) -> str:
    """Who gets which address."""
    cidrs = [ip_network(subnet.cidr) for subnet in served(network)]
    return "".join(
        f"{port.mac.lower()},{_name(port, ip)},{ip},{_LEASE_SECONDS}s\n"
        for port in ports
        for ip in port.ips
        if any(ip_address(ip) in cidr for cidr in cidrs)
    )


def names(network: Network, ports: Iterable[Port]) -> str:
    """What internal DNS answers, in the format of /etc/hosts."""
    return "".join(
        f"{ip} {name}.{network.dns_domain} {name}\n" for port in ports for ip in port.ips if (name := _name(port, ip))
    )


def _name(port: Port, ip: str) -> str:
    return (port.hostname or f"host-{ip.replace('.', '-').replace(':', '-')}").split(".")[0]


class Server:
    """The dnsmasq of one network, found again by its recorded process after a crash of ours."""

    def __init__(self, network_id: str, namespace: str, folder: Path) -> None:
        self._network_id = network_id
        self._namespace = namespace
        self._folder = folder

    def update(self, network: Network, ports: Iterable[Port]) -> None:
        """Make it serve this. A lease that must be forgotten or an argument that changed needs a new process."""
        ports = tuple(ports)
        wanted = arguments(network, self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        former = self._read("hosts")
        changed = [
            self._write(name, text)
            for name, text in (
                ("hosts", hosts(network, ports)),
                ("names", names(network, ports)),
                ("options", options(network)),
            )
        ]
        process = Process.load(self._pid_file)
        forgets = bool(set(former.splitlines()) - set(self._read("hosts").splitlines()))
        if process is not None and (forgets or _arguments_of(process) != wanted):
            process.end()
            process = None
        if process is None:
            self._start(wanted)
        elif any(changed):
            process.signal(signal.SIGHUP)

    def stop(self) -> None:
        process = Process.load(self._pid_file)
        if process is not None:
            process.end()
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self._folder / "dnsmasq.process"

    def _start(self, wanted: tuple[str, ...]) -> None:
        output = self._folder / "output.log"
        process = launch(*namespaces.inside(self._namespace), *wanted, output=output)
        process.save(self._pid_file)
        # One that cannot bind or read says so and ends at once; silently absent it would break every later boot.
        if process.wait(0.05):
            raise PlaneError(f"dnsmasq of network {self._network_id} ended: {output.read_text()[-400:].strip()}")

    def _read(self, name: str) -> str:
        try:
            return (self._folder / name).read_text()
        except FileNotFoundError:
            return ""

    def _write(self, name: str, text: str) -> bool:
        """Whether it was different."""
        path = self._folder / name
        if path.exists() and path.read_text() == text:
            return False
        path.write_text(text)
        return True


def _arguments_of(process: Process) -> tuple[str, ...]:
    try:
        words = Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return ()
    return tuple(words)
