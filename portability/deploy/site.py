"""One side of a run on its cloud, with one method for each thing to make."""

import math
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from portability.cloud.names import resource_name
from portability.cloud.protocol import Cloud, PortStatus, Resource, RuleSpec, ServerSpec
from portability.deploy.boot import Requested
from portability.deploy.key import RunKey
from portability.deploy.rules import TierRule, tier_rules
from portability.model.deployment import AttachedVolume
from portability.model.event import Listener, Progress
from portability.model.plan import AccessModel, Binding
from portability.model.run import Stage
from portability.model.units import GiB
from portability.model.workload import Tier, Workload

USER_DATA = b'#cloud-config\nfinal_message: "portability: cloud-init is done, $UPTIME s after power on"\n'
"""The workload needs nothing of it: lost user data must be seen by a probe, not by a failing application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A volume of one server, as `data` of `db-0`."""

    role: str
    volume: str
    size_gib: GiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the ports go."""

    network_id: str
    subnet_id: str | None
    """None: somebody else's network, nothing to connect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    cloud: Cloud
    workload: Workload
    binding: Binding
    prefix: str
    note: str
    listener: Listener

    @property
    def entry(self) -> str:
        return self.workload.tier(self.workload.application.entry).server_names[0]

    @property
    def is_floating(self) -> bool:
        return self.binding.access is AccessModel.FLOATING

    def roles(self) -> tuple[tuple[str, Tier], ...]:
        return tuple((role, tier) for tier in self.workload.tiers for role in tier.server_names)

    def volume_slots(self) -> tuple[Slot, ...]:
        return tuple(
            Slot(role=role, volume=volume.name, size_gib=volume.size_gib)
            for role, tier in self.roles()
            for volume in tier.volumes
        )

    def rules(self, observer_cidr: str | None) -> tuple[TierRule, ...]:
        return tier_rules(self.workload, access=self.binding.access, observer_cidr=observer_cidr)

    def tell(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        self.listener(Progress(cloud=self.cloud.label, stage=Stage.DEPLOY, text=text, done=done, total=total))

    def name(self, role: str) -> str:
        return resource_name(self.prefix, role)

    def make_key_pair(self, key: RunKey) -> Resource:
        return self.cloud.create_key_pair(self.name("key"), public_key=key.public_key)

    def make_network(self) -> Place:
        if not self.is_floating:
            return Place(network_id=self.binding.network.id, subnet_id=None)
        network = self.cloud.create_network(self.name("net"), description=self.note)
        subnet = self.cloud.create_subnet(
            self.name("subnet"), network_id=network.id, cidr=self.binding.cidr or "", description=self.note
        )
        return Place(network_id=network.id, subnet_id=subnet.id)

    def make_router(self) -> Resource | None:
        if not self.is_floating:
            return None
        return self.cloud.create_router(
            self.name("router"), external_network_id=self.binding.network.id, description=self.note
        )

    def connect_router(self, router: Future[Resource | None], place: Place) -> None:
        made = router.result()
        if made is not None and place.subnet_id is not None:
            self.cloud.add_router_interface(made.id, subnet_id=place.subnet_id)

    def make_group(self, tier: Tier) -> Resource:
        return self.cloud.create_security_group(self.name(f"{tier.name}-group"), description=self.note)

    def make_rule(self, group_ids: Mapping[str, str], rule: TierRule) -> None:
        source = group_ids[rule.source] if rule.source else None
        spec = RuleSpec(protocol=rule.protocol, port=rule.port, cidr=rule.cidr, group_id=source)
        self.cloud.add_rule(group_ids[rule.tier], spec)

    def make_port(self, role: str, place: Place, group_id: str) -> PortStatus:
        return self.cloud.create_port(
            self.name(f"{role}-port"), network_id=place.network_id, group_ids=(group_id,), description=self.note
        )

    def make_volume(self, slot: Slot) -> Resource:
        kind = self.binding.volume_type
        return self.cloud.create_volume(
            self.name(f"{slot.role}-{slot.volume}"),
            size_gib=slot.size_gib,
            volume_type=kind.name if kind else None,
            zone=self.binding.volume_zone,
            description=self.note,
        )

    def give_address(self, port: PortStatus) -> str:
        """The address that the observer reaches the entry at."""
        if not self.is_floating:
            return port.fixed_ip
        made = self.cloud.create_floating_ip(
            external_network_id=self.binding.network.id,
            port_id=port.id,
            description=f"{self.name(f'{self.entry}-address')} {self.note}",
        )
        return made.name

    def make_server(self, role: str, tier: Tier, port: PortStatus, access: Future[str]) -> Requested:
        if role == self.entry:
            access.result()
        spec = self.server_spec(role, tier, port)
        at = time.monotonic()
        made = self.cloud.create_server(spec)
        return Requested(resource=made, at=at, accepted=time.monotonic() - at)

    def server_spec(self, role: str, tier: Tier, port: PortStatus) -> ServerSpec:
        binding = self.binding
        boot_volume = _root_size(tier, binding) if tier.name in binding.boot_from_volume else None
        return ServerSpec(
            name=self.name(role),
            flavor_id=binding.flavor(tier.name).id,
            image_id=binding.image.id,
            port_id=port.id,
            key_pair=self.name("key"),
            config_drive=binding.config_drive,
            user_data=USER_DATA,
            zone=binding.compute_zone,
            boot_volume_gib=boot_volume,
            boot_volume_type=binding.volume_type.name if boot_volume and binding.volume_type else None,
            metadata={"portability": self.note[:255]},
        )

    def attach(self, slot: Slot, server_id: str, volume_id: str, volumes_ready: Future[None]) -> AttachedVolume:
        volumes_ready.result()
        device = self.cloud.attach_volume(server_id, volume_id=volume_id)
        return AttachedVolume(name=slot.volume, volume_id=volume_id, api_device=device)


def _root_size(tier: Tier, binding: Binding) -> GiB:
    image_gib = math.ceil((binding.image.size or 0) / 2**30)
    return max(tier.needs.disk_gib, binding.image.min_disk_gib, image_gib, 1)
