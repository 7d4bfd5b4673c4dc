"""What the stages ask of a cloud: values in, values out, openstacksdk nowhere in sight."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from portability.model.plan import Offer
from portability.model.units import CloudLabel, GiB
from portability.model.workload import IPProtocol


class Kind(StrEnum):
    """What can be made on a cloud, in an order in which it can be deleted."""

    FLOATING_IP = "floating ip"
    SERVER = "server"
    VOLUME = "volume"
    PORT = "port"
    ROUTER = "router"
    SUBNET = "subnet"
    NETWORK = "network"
    SECURITY_GROUP = "security group"
    KEY_PAIR = "key pair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something that exists on a cloud."""

    kind: Kind
    id: str
    name: str
    """Floating IPs have none: their description stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    name: str
    flavor_id: str
    image_id: str
    port_id: str
    key_pair: str
    config_drive: bool
    user_data: bytes | None = None
    zone: str | None = None
    boot_volume_gib: GiB | None = None
    """Boot from a new volume of this size, deleted with the server; None: from the image."""
    boot_volume_type: str | None = None
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    id: str
    name: str
    status: str
    """Nova's: BUILD, ACTIVE, SHUTOFF, ERROR, …"""
    task: str | None
    fault: str
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeStatus:
    id: str
    name: str
    status: str
    attached_to: str | None
    device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortStatus:
    id: str
    name: str
    fixed_ip: str
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """An ingress rule for IPv4. One of cidr and group_id is given."""

    protocol: IPProtocol
    port: int | None
    cidr: str | None = None
    group_id: str | None = None


class Cloud(Protocol):
    """One project on one cloud. Thread-safe. Creates return at once (the resource may still be building); each waits
    for the rate limit, repeats what is safe to repeat, and looks by name whether a create that ended in a fault
    succeeded all the same. Deletes treat 404 as success.

    Raises:
        Refused: the API said no, with its message and status.
        CannotConnect, NotReached, CloudError: it could not be asked, or did not do it.
    """

    @property
    def label(self) -> CloudLabel: ...

    def offer(self) -> Offer: ...

    def create_key_pair(self, name: str, *, public_key: str) -> Resource: ...
    def create_network(self, name: str, *, description: str) -> Resource: ...
    def create_subnet(self, name: str, *, network_id: str, cidr: str, description: str) -> Resource: ...
    def create_router(self, name: str, *, external_network_id: str, description: str) -> Resource: ...
    def add_router_interface(self, router_id: str, *, subnet_id: str) -> None: ...
    def create_security_group(self, name: str, *, description: str) -> Resource: ...
    def add_rule(self, group_id: str, rule: RuleSpec) -> None: ...
    def create_port(
        self, name: str, *, network_id: str, group_ids: tuple[str, ...], description: str
    ) -> PortStatus: ...
    def create_floating_ip(self, *, external_network_id: str, port_id: str | None, description: str) -> Resource:
        """The resource's name is the address."""

    def assign_floating_ip(self, floating_ip_id: str, *, port_id: str | None) -> None: ...
    def create_volume(
        self, name: str, *, size_gib: GiB, volume_type: str | None, zone: str | None, description: str
    ) -> Resource: ...
    def create_server(self, spec: ServerSpec) -> Resource: ...

    def servers(self, name_prefix: str) -> tuple[ServerStatus, ...]:
        """One list call for all of them."""

    def volumes(self, name_prefix: str) -> tuple[VolumeStatus, ...]:
        """One list call for all of them."""

    def server(self, server_id: str) -> ServerStatus | None:
        """None: there is none (any more)."""

    def attach_volume(self, server_id: str, *, volume_id: str) -> str | None:
        """The device that the API answers, as /dev/vdb; None: it does not say."""

    def detach_volume(self, server_id: str, *, volume_id: str) -> None: ...
    def stop_server(self, server_id: str) -> None: ...
    def start_server(self, server_id: str) -> None: ...
    def reboot_server(self, server_id: str, *, hard: bool) -> None: ...
    def console_log(self, server_id: str, *, lines: int | None = None) -> str: ...

    def delete(self, resource: Resource) -> None:
        """Ask for deletion (routers: with their interfaces); returns when asked, not when gone."""

    def find(self, kind: Kind, name_prefix: str) -> tuple[Resource, ...]:
        """What exists of this kind with names (floating IPs: descriptions) that begin so: one list call."""

    def count(self, kind: Kind) -> int:
        """How many the project has of this kind, ours or not."""

    def api_calls(self) -> tuple[tuple[tuple[str, int], ...], int]:
        """Calls by name and count since the session began, and retries."""

    def close(self) -> None: ...
