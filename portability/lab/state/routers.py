"""Neutron: routers with their legs, and floating IPs."""

from dataclasses import replace

from portability.lab.state.addresses import add_port
from portability.lab.state.faults import bad_request, conflict, not_found
from portability.lab.state.identity import new_id, now
from portability.lab.state.network import (
    FLOATING_OWNER,
    GATEWAY_OWNER,
    INTERFACE_OWNER,
    FloatingIP,
    Network,
    Port,
    Router,
    Subnet,
    get,
    missing,
    ports_of,
    ports_on,
    stamp,
)
from portability.lab.state.store import Store


def gateway_port(store: Store, router: Router) -> Port | None:
    return next((port for port in ports_of(store, router.id) if port.device_owner == GATEWAY_OWNER), None)


def interface_ports(store: Store, router: Router) -> tuple[Port, ...]:
    return tuple(port for port in ports_of(store, router.id) if port.device_owner == INTERFACE_OWNER)


def set_gateway(store: Store, router: Router, network: Network | None, *, snat: bool) -> Router:
    """The router with its leg on this external network, or with none.

    Raises:
        Fault: 400 when the network is not external, 409 when floating IPs need the leg that goes.
    """
    if network is not None and not network.is_external:
        raise bad_request(f"Bad router request: Network {network.id} is not an external network.", kind="BadRequest")
    with store.change():
        old = gateway_port(store, router)
        if old is not None and (network is None or network.id != old.network_id):
            if any(floating.router_id == router.id for floating in store.all(FloatingIP)):
                raise conflict(
                    f"Gateway cannot be updated for router {router.id}, since a gateway to external network "
                    f"{old.network_id} is required by one or more floating IPs.",
                    kind="RouterExternalGatewayInUseByFloatingIp",
                )
            store.remove(old)
            old = None
        if network is not None and old is None:
            # The gateway's port belongs to no project: members do not see it.
            add_port(
                store,
                network,
                project_id="",
                device_id=router.id,
                device_owner=GATEWAY_OWNER,
                port_security=False,
                status="ACTIVE",
            )
        return store.put(
            replace(
                router,
                gateway_network_id=network.id if network else None,
                snat=snat,
                updated_at=now(),
                revision=router.revision + 1,
            )
        )


def add_interface(store: Store, router: Router, subnet: Subnet, port: Port | None) -> Port:
    """The router's new leg on the subnet: at its gateway address, or the given port.

    Raises:
        Fault: 400 when it is already there, has no gateway address or overlaps; 409 when the port or address is used.
    """
    with store.change():
        for other in interface_ports(store, router):
            if any(ip.subnet_id == subnet.id for ip in other.fixed_ips):
                raise bad_request(
                    f"Bad router request: Router already has a port on subnet {subnet.id}.", kind="BadRequest"
                )
        if port is not None:
            if port.device_id:
                raise conflict(
                    f"Unable to complete operation on port {port.id} for network {port.network_id}. Port already has "
                    f"an attached device {port.device_id}.",
                    kind="PortInUse",
                )
            return store.put(
                replace(port, device_id=router.id, device_owner=INTERFACE_OWNER, status="ACTIVE", port_security=False)
            )
        if subnet.gateway_ip is None:
            raise bad_request(
                f"Bad router request: Subnet for router interface must have a gateway IP. Subnet: {subnet.id}",
                kind="BadRequest",
            )
        network = store.get(Network, subnet.network_id)
        if network is None:
            raise missing(Network, subnet.network_id)
        return add_port(
            store,
            network,
            project_id=router.project_id,
            asked=((subnet.id, subnet.gateway_ip),),
            device_id=router.id,
            device_owner=INTERFACE_OWNER,
            port_security=False,
            status="ACTIVE",
        )


def remove_interface(store: Store, router: Router, *, port_id: str | None, subnet_id: str | None) -> tuple[Port, str]:
    """The leg that was taken away, and its subnet.

    Raises:
        Fault: 404 when there is no such leg, 409 when a floating IP needs it.
    """
    with store.change():
        for port in interface_ports(store, router):
            subnets = [ip.subnet_id for ip in port.fixed_ips]
            if (port_id and port.id != port_id) or (subnet_id and subnet_id not in subnets):
                continue
            _check_unneeded(store, router, subnets[0])
            store.remove(port)
            return port, subnets[0]
    if subnet_id:
        raise not_found(
            f"Router {router.id} has no interface on subnet {subnet_id}", kind="RouterInterfaceNotFoundForSubnet"
        )
    raise not_found(f"Router {router.id} does not have an interface with id {port_id}", kind="RouterInterfaceNotFound")


def _check_unneeded(store: Store, router: Router, subnet_id: str) -> None:
    for floating in store.all(FloatingIP):
        port = store.get(Port, floating.port_id)
        if floating.router_id == router.id and port and any(ip.subnet_id == subnet_id for ip in port.fixed_ips):
            raise conflict(
                f"Router interface for subnet {subnet_id} on router {router.id} cannot be deleted, as it is required "
                "by one or more floating IPs.",
                kind="RouterInterfaceInUseByFloatingIP",
            )


def remove_router(store: Store, router: Router) -> None:
    """Gone with its gateway leg; 409 while it has legs inside."""
    if interface_ports(store, router):
        raise conflict(f"Router {router.id} still has ports", kind="RouterInUse")
    with store.change():
        for port in ports_of(store, router.id):
            store.remove(port)
        store.remove(router)


def add_floating_ip(
    store: Store, network: Network, *, project_id: str, address: str | None, subnet_id: str | None, description: str
) -> FloatingIP:
    """An address of the external network for this project, not yet pointing anywhere.

    Raises:
        Fault: 400 when the network is not external, 409 when the address or all addresses are taken.
    """
    if not network.is_external:
        raise bad_request(
            f"Bad floatingip request: Network {network.id} is not a valid external network.", kind="BadRequest"
        )
    with store.change():
        floating_id = new_id()
        asked = ((subnet_id, address),) if address or subnet_id else None
        port = add_port(
            store,
            network,
            project_id="",
            asked=asked,
            device_id=floating_id,
            device_owner=FLOATING_OWNER,
            port_security=False,
            status="N/A",
        )
        return store.put(
            FloatingIP(
                id=floating_id,
                project_id=project_id,
                address=port.fixed_ips[0].ip_address,
                network_id=network.id,
                own_port_id=port.id,
                description=description,
                **stamp(),
            )
        )


def associate(
    store: Store, floating: FloatingIP, project_id: str | None, port_id: str | None, fixed_ip: str | None
) -> FloatingIP:
    """The floating IP, pointing to the port's (first, or given) address; None as port: to nothing.

    Raises:
        Fault: 404 without a router between, 409 when that address already has one, 400 when the port has no address.
    """
    with store.change():
        if port_id is None:
            freed = replace(floating, port_id=None, fixed_ip=None, router_id=None)
            return store.put(replace(freed, updated_at=now(), revision=floating.revision + 1))
        port = get(store, Port, project_id, port_id)
        chosen = next((ip for ip in port.fixed_ips if fixed_ip in (None, ip.ip_address)), None)
        if chosen is None:
            lacking = f"Port {port.id} does not have fixed ip {fixed_ip}."
            if fixed_ip is None:
                lacking = f"Cannot add floating IP to port {port.id} that has no fixed IPv4 addresses."
            raise bad_request(f"Bad floatingip request: {lacking}", kind="BadRequest")
        for other in store.all(FloatingIP):
            if other.id != floating.id and other.port_id == port.id and other.fixed_ip == chosen.ip_address:
                raise conflict(
                    f"Cannot associate floating IP {floating.address} ({floating.id}) with port {port.id} using fixed "
                    f"IP {chosen.ip_address}, as that fixed IP already has a floating IP on external network "
                    f"{floating.network_id}.",
                    kind="FloatingIPPortAlreadyAssociated",
                )
        router = _router_between(store, chosen.subnet_id, floating.network_id)
        if router is None:
            raise not_found(
                f"External network {floating.network_id} is not reachable from subnet {chosen.subnet_id}.  Therefore, "
                f"cannot associate Port {port.id} with a Floating IP.",
                kind="ExternalGatewayForFloatingIPNotFound",
            )
        return store.put(
            replace(
                floating,
                port_id=port.id,
                fixed_ip=chosen.ip_address,
                router_id=router.id,
                updated_at=now(),
                revision=floating.revision + 1,
            )
        )


def _router_between(store: Store, subnet_id: str, external_id: str) -> Router | None:
    for router in store.all(Router):
        if router.gateway_network_id == external_id:
            for port in interface_ports(store, router):
                if any(ip.subnet_id == subnet_id for ip in port.fixed_ips):
                    return router
    return None


def remove_floating_ip(store: Store, floating: FloatingIP) -> None:
    with store.change():
        for port in ports_on(store, floating.network_id):
            if port.id == floating.own_port_id:
                store.remove(port)
        store.remove(floating)
