"""Neutron: what is remembered of networks, ports, routers, floating IPs and security groups, and who may see what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from portability.lab.settings import Quotas
from portability.lab.state.faults import Fault, conflict, not_found
from portability.lab.state.identity import now
from portability.lab.state.store import R, Store

DHCP_OWNER = "network:dhcp"
GATEWAY_OWNER = "network:router_gateway"
INTERFACE_OWNER = "network:router_interface"
FLOATING_OWNER = "network:floatingip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    id: str
    project_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 1
    tags: tuple[str, ...] = ()
    mtu: int
    is_shared: bool = False
    is_external: bool = False
    observer_ip: str | None = None
    admin_up: bool = True
    port_security: bool = True
    zone_hints: tuple[str, ...] = ()
    dns_domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRoute:
    destination: str
    nexthop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    id: str
    project_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 0
    tags: tuple[str, ...] = ()
    network_id: str
    cidr: str
    gateway_ip: str | None
    pools: tuple[Pool, ...]
    dns_servers: tuple[str, ...] = ()
    host_routes: tuple[HostRoute, ...] = ()
    dhcp: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedIP:
    subnet_id: str
    ip_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPair:
    ip_address: str
    mac_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    id: str
    project_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 1
    tags: tuple[str, ...] = ()
    network_id: str
    mac: str
    fixed_ips: tuple[FixedIP, ...] = ()
    device_id: str = ""
    device_owner: str = ""
    security_groups: tuple[str, ...] = ()
    port_security: bool = True
    address_pairs: tuple[AddressPair, ...] = ()
    admin_up: bool = True
    status: str = "DOWN"
    dns_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    id: str
    project_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 1
    tags: tuple[str, ...] = ()
    gateway_network_id: str | None = None
    snat: bool = True
    routes: tuple[HostRoute, ...] = ()
    admin_up: bool = True
    zone_hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatingIP:
    id: str
    project_id: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 0
    tags: tuple[str, ...] = ()
    address: str
    network_id: str
    own_port_id: str
    """The hidden port that holds the address on the external network."""
    port_id: str | None = None
    fixed_ip: str | None = None
    router_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    id: str
    project_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 1
    tags: tuple[str, ...] = ()
    stateful: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    project_id: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 0
    tags: tuple[str, ...] = ()
    group_id: str
    direction: str
    ethertype: str
    protocol: str | None = None
    port_min: int | None = None
    port_max: int | None = None
    remote_cidr: str | None = None
    remote_group: str | None = None


KINDS = (Network, Subnet, Port, Router, FloatingIP, SecurityGroup, Rule)

_WORDS: dict[type[Any], tuple[str, str]] = {
    Network: ("NetworkNotFound", "Network {} could not be found."),
    Subnet: ("SubnetNotFound", "Subnet {} could not be found."),
    Port: ("PortNotFound", "Port {} could not be found."),
    Router: ("RouterNotFound", "Router {} could not be found"),
    FloatingIP: ("FloatingIPNotFound", "Floating IP {} could not be found"),
    SecurityGroup: ("SecurityGroupNotFound", "Security group {} does not exist"),
    Rule: ("SecurityGroupRuleNotFound", "Security group rule {} does not exist"),
}


def missing(kind: type[Any], record_id: str | None) -> Fault:
    name, words = _WORDS[kind]
    return not_found(words.format(record_id), kind=name)


def is_visible(store: Store, record: Any, project_id: str | None) -> bool:
    """Own things, shared and external networks, and the subnets of shared ones."""
    if record.project_id == project_id:
        return True
    if isinstance(record, Network):
        return record.is_shared or record.is_external
    if isinstance(record, Subnet):
        network = store.get(Network, record.network_id)
        return network is not None and network.is_shared
    return False


def visible(store: Store, kind: type[R], project_id: str | None) -> tuple[R, ...]:
    return tuple(record for record in store.all(kind) if is_visible(store, record, project_id))


def get(store: Store, kind: type[R], project_id: str | None, record_id: str | None) -> R:
    """The record, if this project may see it.

    Raises:
        Fault: 404, also for what belongs to others.
    """
    record = store.get(kind, record_id)
    if record is None or not is_visible(store, record, project_id):
        raise missing(kind, record_id)
    return record


def own(store: Store, kind: type[R], project_id: str | None, record_id: str, action: str) -> R:
    """The record, if this project may change it."""
    record = get(store, kind, project_id, record_id)
    if record.project_id != project_id:  # type: ignore[attr-defined]  # every kind of this module has one
        raise Fault(403, f"(rule:{action}) is disallowed by policy", kind="PolicyNotAuthorized")
    return record


QUOTA_KINDS: dict[str, type[Any]] = {
    "network": Network,
    "subnet": Subnet,
    "port": Port,
    "router": Router,
    "floatingip": FloatingIP,
    "security_group": SecurityGroup,
    "security_group_rule": Rule,
}


def used(store: Store, resource: str, project_id: str | None) -> int:
    return sum(1 for record in store.all(QUOTA_KINDS[resource]) if record.project_id == project_id)


def check_quota(store: Store, quotas: Quotas, project_id: str, resource: str, count: int = 1) -> None:
    limit: int = getattr(quotas, resource)
    if limit >= 0 and used(store, resource, project_id) + count > limit:
        raise conflict(f"Quota exceeded for resources: ['{resource}'].", kind="OverQuota")


def subnets_on(store: Store, network_id: str) -> tuple[Subnet, ...]:
    return tuple(subnet for subnet in store.all(Subnet) if subnet.network_id == network_id)


def ports_on(store: Store, network_id: str) -> tuple[Port, ...]:
    return tuple(port for port in store.all(Port) if port.network_id == network_id)


def ports_of(store: Store, device_id: str) -> tuple[Port, ...]:
    """The ports of a server or router, in the order in which they were plugged."""
    return tuple(port for port in store.all(Port) if port.device_id == device_id)


class Stamp(TypedDict):
    created_at: datetime
    updated_at: datetime


def stamp() -> Stamp:
    """Both times of something made now."""
    moment = now()
    return {"created_at": moment, "updated_at": moment}
