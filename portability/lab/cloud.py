"""One cloud of a lab: what it offers, what it remembers, and the agents that make it true."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

from portability.lab import metadata, wiring
from portability.lab.compute_agent import ComputeAgent
from portability.lab.machine.protocol import Machines
from portability.lab.metadata_service import MetadataService
from portability.lab.network_agent import NetworkAgent
from portability.lab.plane.protocol import Plane
from portability.lab.settings import CloudSettings
from portability.lab.state import compute, identity, image, network, volume
from portability.lab.state.addresses import add_subnet, default_pools
from portability.lab.state.security import add_default_group
from portability.lab.state.store import Store
from portability.lab.volume_agent import VolumeAgent

KINDS = identity.KINDS + image.KINDS + compute.KINDS + network.KINDS + volume.KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An ordinary member of one project."""

    project: str
    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RootImage:
    """What all images of a cloud are made of."""

    path: Path
    size_bytes: int
    checksum: str


class Cloud:
    """One cloud, ready to serve after `start`."""

    def __init__(
        self,
        name: str,
        settings: CloudSettings,
        folder: Path,
        *,
        machines: Machines,
        plane: Plane,
        root_image: RootImage,
        accounts: tuple[Account, ...],
    ) -> None:
        self.name = name
        self.settings = settings
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = Store(folder / "state.sqlite", KINDS)
        self._seed = str(folder)
        self._workers = ThreadPoolExecutor(max_workers=16, thread_name_prefix=f"work-{name}")
        self._machines = machines
        self._plane = plane
        _furnish(self.store, settings, root_image, accounts)
        self.network = NetworkAgent(
            name, plane, lambda: wiring.wanted(self.store, settings), MetadataService(plane, self._metadata)
        )
        self.volumes = VolumeAgent(self.store, folder / "volumes", self._workers)
        self.compute = ComputeAgent(
            store=self.store,
            settings=settings,
            machines=machines,
            plane=plane,
            network=self.network,
            volumes=self.volumes,
            image_path=root_image.path,
            workers=self._workers,
        )

    def stable_id(self, what: str) -> UUID:
        """An id that this cloud always has for this thing, and no other cloud has."""
        return uuid5(NAMESPACE_OID, f"{self._seed}/{what}")

    def start(self) -> None:
        self.network.start()
        self.volumes.resume()
        self.compute.resume()

    def stop(self) -> None:
        """Let go of everything; servers run on."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self.network.stop()
        self.store.close()

    def _metadata(self, network_id: str, address: str, path: str) -> bytes | None:
        found = metadata.asking_server(self.store, network_id, address)
        if found is None:
            return None
        server, ports = found
        return metadata.answer(self.store, server, ports, path)


def _furnish(store: Store, settings: CloudSettings, root: RootImage, accounts: tuple[Account, ...]) -> None:
    """Put in what the operator of a cloud makes, once."""
    if store.all(compute.Flavor):
        return
    with store.change():
        operator = identity.add_project(store, "admin", "admin-without-password", identity.new_id())
        for account in accounts:
            project = identity.add_project(store, account.project, account.user, account.password)
            add_default_group(store, project.id)
        _furnish_images(store, settings, root, operator.id)
        for flavor in settings.flavors:
            store.put(
                compute.Flavor(
                    id=identity.new_id(),
                    name=flavor.name,
                    vcpus=flavor.vcpus,
                    ram=flavor.ram_mib,
                    disk=flavor.disk_gib,
                    extra_specs=flavor.extra_specs,
                )
            )
        for kind in settings.volume_types:
            store.put(
                volume.VolumeType(
                    id=identity.new_id(), name=kind.name, description=kind.description, is_default=kind.is_default
                )
            )
        _furnish_network(store, settings, operator.id)


def _furnish_images(store: Store, settings: CloudSettings, root: RootImage, owner: str) -> None:
    for offered in settings.images:
        store.put(
            image.Image(
                id=identity.new_id(),
                owner=owner,
                name=offered.name,
                created_at=identity.now(),
                size=root.size_bytes,
                checksum=root.checksum,
                disk_format=offered.disk_format,
                min_disk=offered.min_disk_gib,
                min_ram=offered.min_ram_mib,
                properties=offered.properties,
            )
        )


def _furnish_network(store: Store, settings: CloudSettings, owner: str) -> None:
    outside = settings.external_network
    external = store.put(
        network.Network(
            id=identity.new_id(),
            project_id=owner,
            name=outside.name,
            mtu=settings.mtu,
            is_shared=outside.is_shared,
            is_external=outside.is_external,
            observer_ip=outside.gateway,
            **network.stamp(),
        )
    )
    add_subnet(
        store,
        network.Subnet(
            id=identity.new_id(),
            project_id=owner,
            name=f"{outside.name}-v4",
            network_id=external.id,
            cidr=outside.cidr,
            gateway_ip=outside.gateway,
            pools=default_pools(outside.cidr, outside.gateway),
            dns_servers=settings.dns_servers,
            dhcp=outside.is_shared,
            **network.stamp(),
        ),
    )
