"""Neutron: subnets and ports, and which address belongs to whom."""

import ipaddress
import random
import secrets
from dataclasses import replace

from portability.lab.state.faults import bad_request, conflict
from portability.lab.state.identity import new_id, now
from portability.lab.state.network import (
    DHCP_OWNER,
    FLOATING_OWNER,
    GATEWAY_OWNER,
    INTERFACE_OWNER,
    FixedIP,
    FloatingIP,
    Network,
    Pool,
    Port,
    Subnet,
    ports_on,
    stamp,
    subnets_on,
)
from portability.lab.state.store import Record, Store

_CHOICE = 64
"""New addresses are drawn from the first so many free ones: in no order that clients could count on."""


def default_pools(cidr: str, gateway_ip: str | None) -> tuple[Pool, ...]:
    """All of the range but network, broadcast and gateway address."""
    network = ipaddress.ip_network(cidr)
    first, last = network[1], network[-2]
    if gateway_ip is None or ipaddress.ip_address(gateway_ip) not in network:
        return (Pool(start=str(first), end=str(last)),)
    gateway = ipaddress.ip_address(gateway_ip)
    spans = ((first, gateway - 1), (gateway + 1, last))
    return tuple(Pool(start=str(start), end=str(end)) for start, end in spans if int(start) <= int(end))


def add_subnet(store: Store, subnet: Subnet) -> Subnet:
    """The subnet, checked against its neighbours; with DHCP it comes with the agent's port.

    Raises:
        Fault: 400 when it overlaps.
    """
    with store.change():
        for other in subnets_on(store, subnet.network_id):
            if ipaddress.ip_network(other.cidr).overlaps(ipaddress.ip_network(subnet.cidr)):
                raise bad_request(
                    f"Invalid input for operation: Requested subnet with cidr: {subnet.cidr} for network: "
                    f"{subnet.network_id} overlaps with another subnet.",
                    kind="InvalidInput",
                )
        store.put(subnet)
        if subnet.dhcp:
            _serve_dhcp(store, subnet)
    return subnet


def set_dhcp(store: Store, subnet: Subnet, *, enabled: bool) -> Subnet:
    with store.change():
        if enabled and not subnet.dhcp:
            _serve_dhcp(store, subnet)
        if subnet.dhcp and not enabled:
            _drop_dhcp(store, subnet)
        return store.put(replace(subnet, dhcp=enabled))


def _serve_dhcp(store: Store, subnet: Subnet) -> None:
    agents = [port for port in ports_on(store, subnet.network_id) if port.device_owner == DHCP_OWNER]
    address = free_address(store, subnet)
    fixed = FixedIP(subnet_id=subnet.id, ip_address=address)
    if agents:
        store.put(replace(agents[0], fixed_ips=(*agents[0].fixed_ips, fixed)))
        return
    network = store.get(Network, subnet.network_id)
    store.put(
        Port(
            id=new_id(),
            project_id=network.project_id if network else subnet.project_id,
            name="",
            network_id=subnet.network_id,
            mac=new_mac(),
            fixed_ips=(fixed,),
            device_id=f"dhcp{new_id()}-{subnet.network_id}",
            device_owner=DHCP_OWNER,
            port_security=False,
            status="ACTIVE",
            **stamp(),
        )
    )


def _drop_dhcp(store: Store, subnet: Subnet) -> None:
    for port in ports_on(store, subnet.network_id):
        if port.device_owner == DHCP_OWNER and any(ip.subnet_id == subnet.id for ip in port.fixed_ips):
            left = tuple(ip for ip in port.fixed_ips if ip.subnet_id != subnet.id)
            if left:
                store.put(replace(port, fixed_ips=left))
            else:
                store.remove(port)


def remove_subnet(store: Store, subnet: Subnet) -> None:
    """Gone, unless a port other than the DHCP agent's has an address from it (409)."""
    with store.change():
        for port in ports_on(store, subnet.network_id):
            if port.device_owner != DHCP_OWNER and any(ip.subnet_id == subnet.id for ip in port.fixed_ips):
                raise conflict(
                    f"Unable to complete operation on subnet {subnet.id}: One or more ports have an IP allocation "
                    "from this subnet.",
                    kind="SubnetInUse",
                )
        _drop_dhcp(store, subnet)
        store.remove(subnet)


def remove_network(store: Store, network: Network) -> None:
    """Gone with its subnets, unless a port other than the DHCP agent's is on it (409)."""
    with store.change():
        ports = ports_on(store, network.id)
        if any(port.device_owner != DHCP_OWNER for port in ports):
            raise conflict(
                f"Unable to complete operation on network {network.id}. There are one or more ports still in use on "
                "the network.",
                kind="NetworkInUse",
            )
        records: tuple[Record, ...] = (*ports, *subnets_on(store, network.id), network)
        for record in records:
            store.remove(record)


def new_mac() -> str:
    """A random address under Neutron's default prefix, fa:16:3e."""
    tail = secrets.token_bytes(3)
    return "fa:16:3e:" + ":".join(f"{byte:02x}" for byte in tail)


def taken(store: Store, subnet: Subnet) -> set[str]:
    found = {
        ip.ip_address
        for port in ports_on(store, subnet.network_id)
        for ip in port.fixed_ips
        if ip.subnet_id == subnet.id
    }
    network = store.get(Network, subnet.network_id)
    if network and network.observer_ip:
        found.add(network.observer_ip)
    return found


def free_address(store: Store, subnet: Subnet) -> str:
    """An address of the subnet's pools that nobody has.

    Raises:
        Fault: 409 when there is none.
    """
    busy = taken(store, subnet)
    candidates: list[str] = []
    for pool in subnet.pools:
        start, end = int(ipaddress.ip_address(pool.start)), int(ipaddress.ip_address(pool.end))
        for number in range(start, end + 1):
            address = str(ipaddress.ip_address(number))
            if address not in busy:
                candidates.append(address)
            if len(candidates) == _CHOICE:
                return random.choice(candidates)
    if not candidates:
        raise conflict(
            f"No more IP addresses available on network {subnet.network_id}.", kind="IpAddressGenerationFailure"
        )
    return random.choice(candidates)


def choose_addresses(
    store: Store, network: Network, asked: tuple[tuple[str | None, str | None], ...] | None
) -> tuple[FixedIP, ...]:
    """Addresses for a port: as asked (pairs of subnet id and address, either open), else one of the first subnet.

    Raises:
        Fault: 400 when an address fits no subnet, 409 when it is taken or none is left.
    """
    subnets = subnets_on(store, network.id)
    if asked is None:
        if not subnets:
            return ()
        return (FixedIP(subnet_id=subnets[0].id, ip_address=free_address(store, subnets[0])),)
    return tuple(_choose(store, network, subnets, subnet_id, address) for subnet_id, address in asked)


def _choose(
    store: Store, network: Network, subnets: tuple[Subnet, ...], subnet_id: str | None, address: str | None
) -> FixedIP:
    fitting = [
        subnet
        for subnet in subnets
        if subnet_id in (None, subnet.id)
        and (address is None or ipaddress.ip_address(address) in ipaddress.ip_network(subnet.cidr))
    ]
    if not fitting:
        if address is None:
            raise bad_request(
                f"Invalid input for operation: Failed to create port on network {network.id}, because fixed_ips "
                f"included invalid subnet {subnet_id}.",
                kind="InvalidInput",
            )
        raise bad_request(
            f"IP address {address} is not a valid IP for any of the subnets on the specified network.",
            kind="InvalidIpForNetwork",
        )
    subnet = fitting[0]
    if address is None:
        address = free_address(store, subnet)
    elif address in taken(store, subnet):
        raise conflict(
            f"IP address {address} already allocated in subnet {subnet.id}", kind="IpAddressAlreadyAllocated"
        )
    return FixedIP(subnet_id=subnet.id, ip_address=address)


def add_port(
    store: Store,
    network: Network,
    *,
    project_id: str,
    asked: tuple[tuple[str | None, str | None], ...] | None = None,
    **fields: object,
) -> Port:
    """A new port with its addresses; `fields` are those of `Port`."""
    with store.change():
        port = Port(
            id=new_id(),
            project_id=project_id,
            name=str(fields.pop("name", "")),
            network_id=network.id,
            mac=str(fields.pop("mac", None) or new_mac()),
            fixed_ips=choose_addresses(store, network, asked),
            **stamp(),
        )
        if any(other.mac == port.mac for other in ports_on(store, network.id)):
            raise conflict(
                f"Unable to complete operation for network {network.id}. The mac address {port.mac} is in use.",
                kind="MacAddressInUse",
            )
        return store.put(replace(port, **fields))  # type: ignore[arg-type]  # names are checked by replace


def remove_port(store: Store, port: Port) -> None:
    """Gone; a floating IP that pointed to it is free again. Ports of routers and floating IPs are refused (409)."""
    if port.device_owner in (INTERFACE_OWNER, GATEWAY_OWNER, FLOATING_OWNER):
        raise conflict(
            f"Port {port.id} cannot be deleted directly via the port API: has device owner {port.device_owner}.",
            kind="ServicePortInUse",
        )
    with store.change():
        release(store, port)
        store.remove(port)


def release(store: Store, port: Port) -> None:
    """The port has no floating IP any more."""
    for floating in store.all(FloatingIP):
        if floating.port_id == port.id:
            store.put(replace(floating, port_id=None, fixed_ip=None, router_id=None, updated_at=now()))
