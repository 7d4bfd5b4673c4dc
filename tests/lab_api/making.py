"""Short ways to make what a test needs."""

from typing import Any

from portability.lab.settings import DEFAULT_FILE, LabSettings, load

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBO5RTuDiuyfxhJozWg+GcjGE8EFUuglHRO3Lv1fODX2 test"
SOON = 0.01
"""Seconds between two looks of the client's own waiting."""


def shipped() -> LabSettings:
    return load(DEFAULT_FILE)


def network(cloud: Any, name: str, cidr: str = "192.168.7.0/24", **subnet: Any) -> tuple[Any, Any]:
    made = cloud.network.create_network(name=name)
    return made, cloud.network.create_subnet(name=name, network_id=made.id, ip_version=4, cidr=cidr, **subnet)


def external(cloud: Any) -> Any:
    return next(iter(cloud.network.networks(is_router_external=True)))


def routed(cloud: Any, name: str, cidr: str = "192.168.7.0/24") -> tuple[Any, Any, Any]:
    """A network with a subnet behind a router with a gateway."""
    made, subnet = network(cloud, name, cidr)
    router = cloud.network.create_router(name=name, external_gateway_info={"network_id": external(cloud).id})
    cloud.network.add_interface_to_router(router, subnet_id=subnet.id)
    return made, subnet, router


def server(cloud: Any, name: str, networks: Any, *, wait: bool = True, **fields: Any) -> Any:
    flavor = next(flavor for flavor in cloud.compute.flavors() if flavor.disk)
    image = next(iter(cloud.image.images()))
    made = cloud.compute.create_server(
        name=name, image_id=image.id, flavor_id=fields.pop("flavor_id", flavor.id), networks=networks, **fields
    )
    return cloud.compute.wait_for_server(made, interval=SOON, wait=10) if wait else made


def volume(cloud: Any, name: str, size: int = 1, **fields: Any) -> Any:
    made = cloud.block_storage.create_volume(name=name, size=size, **fields)
    return wait_volume(cloud, made, "available")


def wait_volume(cloud: Any, made: Any, status: str) -> Any:
    return cloud.block_storage.wait_for_status(made, status, interval=SOON, wait=10)


def gone(cloud: Any, made: Any) -> None:
    cloud.compute.delete_server(made)
    cloud.compute.wait_for_delete(made, interval=SOON, wait=10)
