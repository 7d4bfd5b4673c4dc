"""From what Neutron remembers to the topology that the data plane has to make true."""

import ipaddress

from portability.lab import topology
from portability.lab.settings import CloudSettings
from portability.lab.state.compute import Server
from portability.lab.state.network import (
    DHCP_OWNER,
    FloatingIP,
    Network,
    Port,
    Router,
    Rule,
    SecurityGroup,
    Subnet,
    ports_on,
    subnets_on,
)
from portability.lab.state.routers import gateway_port, interface_ports
from portability.lab.state.store import Store


def wanted(store: Store, settings: CloudSettings) -> topology.Topology:
    """The network of the cloud as it should be now."""
    with store.change():
        return topology.Topology(
            networks=tuple(_network(store, settings, network) for network in store.all(Network)),
            routers=tuple(_router(store, router) for router in store.all(Router)),
            floating_ips=tuple(_floating_ips(store)),
            ports=tuple(_port(store, port) for port in store.all(Port) if port.device_owner.startswith("compute:")),
            security_groups=tuple(_group(store, group) for group in store.all(SecurityGroup)),
        )


def _network(store: Store, settings: CloudSettings, network: Network) -> topology.Network:
    return topology.Network(
        id=network.id,
        name=network.name,
        mtu=network.mtu,
        subnets=tuple(_subnet(store, subnet) for subnet in subnets_on(store, network.id)),
        is_external=network.is_external,
        observer_ip=network.observer_ip,
        has_metadata=settings.metadata_service and not network.is_external,
        dns_domain=network.dns_domain.rstrip(".") or "openstacklocal",
    )


def _subnet(store: Store, subnet: Subnet) -> topology.Subnet:
    return topology.Subnet(
        id=subnet.id,
        cidr=subnet.cidr,
        gateway_ip=subnet.gateway_ip,
        dhcp=subnet.dhcp,
        dns_servers=subnet.dns_servers,
        host_routes=tuple((route.destination, route.nexthop) for route in subnet.host_routes),
        dhcp_ip=dhcp_address(store, subnet),
    )


def dhcp_address(store: Store, subnet: Subnet) -> str | None:
    """Where the network's DHCP, DNS and metadata answer on this subnet."""
    for port in ports_on(store, subnet.network_id):
        if port.device_owner == DHCP_OWNER:
            for ip in port.fixed_ips:
                if ip.subnet_id == subnet.id:
                    return ip.ip_address
    return None


def _router(store: Store, router: Router) -> topology.Router:
    gateway = gateway_port(store, router)
    return topology.Router(
        id=router.id,
        gateway=_leg(store, gateway) if gateway and router.admin_up else None,
        snat=router.snat,
        interfaces=tuple(_leg(store, port) for port in interface_ports(store, router)) if router.admin_up else (),
        routes=tuple((route.destination, route.nexthop) for route in router.routes),
    )


def _leg(store: Store, port: Port) -> topology.RouterInterface:
    ip = port.fixed_ips[0]
    subnet = store.get(Subnet, ip.subnet_id)
    prefix = ipaddress.ip_network(subnet.cidr).prefixlen if subnet else 32
    return topology.RouterInterface(network_id=port.network_id, ip=ip.ip_address, prefix=prefix, mac=port.mac)


def _floating_ips(store: Store) -> list[topology.FloatingIP]:
    return [
        topology.FloatingIP(
            id=floating.id, address=floating.address, fixed_ip=floating.fixed_ip, router_id=floating.router_id
        )
        for floating in store.all(FloatingIP)
        if floating.fixed_ip and floating.router_id
    ]


def _port(store: Store, port: Port) -> topology.Port:
    server = store.get(Server, port.device_id)
    return topology.Port(
        id=port.id,
        network_id=port.network_id,
        mac=port.mac,
        ips=tuple(ip.ip_address for ip in port.fixed_ips),
        hostname=port.dns_name or (server.hostname if server else None),
        security_groups=port.security_groups,
        port_security=port.port_security,
        address_pairs=tuple(
            topology.AddressPair(cidr=pair.ip_address, mac=pair.mac_address) for pair in port.address_pairs
        ),
        is_up=port.admin_up,
    )


def _group(store: Store, group: SecurityGroup) -> topology.SecurityGroup:
    return topology.SecurityGroup(
        id=group.id, rules=tuple(_rule(rule) for rule in store.all(Rule) if rule.group_id == group.id)
    )


def _rule(rule: Rule) -> topology.Rule:
    return topology.Rule(
        direction=rule.direction,
        ethertype=rule.ethertype,
        protocol=rule.protocol,
        port_min=rule.port_min,
        port_max=rule.port_max,
        remote_cidr=rule.remote_cidr,
        remote_group=rule.remote_group,
    )
