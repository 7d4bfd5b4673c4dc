"""What the network of one lab cloud must look like: the value that the API side hands to the data plane."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    id: str
    cidr: str
    gateway_ip: str | None
    dhcp: bool
    dns_servers: tuple[str, ...] = ()
    host_routes: tuple[tuple[str, str], ...] = ()
    """Pairs of destination CIDR and next hop, sent with DHCP option 121."""
    dhcp_ip: str | None = None
    """The address of the network's DHCP (and DNS and metadata) port on this subnet; None without DHCP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    id: str
    name: str
    mtu: int
    subnets: tuple[Subnet, ...]
    is_external: bool = False
    """Carries floating IPs and router gateways, and is where the host (the observer) stands."""
    observer_ip: str | None = None
    """The host's own address on this network, where the observer stands on it (external and shared networks)."""
    has_metadata: bool = True
    """169.254.169.254 answers here."""
    dns_domain: str = "openstacklocal"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPair:
    cidr: str
    mac: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A NIC of a server. Ports of routers and DHCP are not listed: they follow from the routers and the subnets."""

    id: str
    network_id: str
    mac: str
    ips: tuple[str, ...]
    hostname: str | None = None
    """The name that internal DNS gives for it."""
    security_groups: tuple[str, ...] = ()
    port_security: bool = True
    address_pairs: tuple[AddressPair, ...] = ()
    is_up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterInterface:
    network_id: str
    ip: str
    prefix: int
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    id: str
    gateway: RouterInterface | None
    """The leg on the external network; None: not connected."""
    snat: bool
    interfaces: tuple[RouterInterface, ...]
    routes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatingIP:
    id: str
    address: str
    fixed_ip: str
    router_id: str
    """Only associated floating IPs are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    direction: str
    """ingress or egress"""
    ethertype: str
    """IPv4 or IPv6"""
    protocol: str | None = None
    """tcp, udp, icmp, icmpv6 or an IP protocol number as text; None: any."""
    port_min: int | None = None
    """First port, or the ICMP type."""
    port_max: int | None = None
    """Last port, or the ICMP code."""
    remote_cidr: str | None = None
    remote_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    id: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    networks: tuple[Network, ...] = ()
    routers: tuple[Router, ...] = ()
    floating_ips: tuple[FloatingIP, ...] = ()
    ports: tuple[Port, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
