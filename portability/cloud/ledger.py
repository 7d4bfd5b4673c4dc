"""The ledger: what is about to be made on a cloud is on disk before the cloud is asked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self, TypeVar

from portability import clock
from portability.cloud.protocol import (
    Cloud,
    Kind,
    PortStatus,
    Resource,
    RuleSpec,
    ServerSpec,
    ServerStatus,
    VolumeStatus,
)
from portability.errors import BadFile, Refused
from portability.lines import Lines
from portability.model.plan import Offer
from portability.model.units import CloudLabel, GiB

Made = TypeVar("Made", Resource, PortStatus)


class Step(StrEnum):
    CREATING = "creating"
    CREATED = "created"
    REFUSED = "refused"
    """The API said no: nothing was made."""
    DELETED = "deleted"
    """Deletion was asked for; whether it is gone, only the cloud knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    at: str
    cloud: CloudLabel
    step: Step
    kind: Kind
    name: str
    id: str = ""


class Ledger:
    """An append-only file of entries, one JSON object a line, each on disk when the call returns. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = Lines(path)

    def write(self, cloud: CloudLabel, step: Step, kind: Kind, name: str, resource_id: str = "") -> None:
        entry = {"at": clock.now(), "cloud": cloud, "step": step, "kind": kind, "name": name, "id": resource_id}
        self._lines.append(json.dumps(entry, ensure_ascii=False), to_disk=True)

    def making(self, cloud: CloudLabel, kind: Kind, name: str, create: Callable[[], Made]) -> Made:
        """What `create` gives, with a line before and a line after."""
        self.write(cloud, Step.CREATING, kind, name)
        try:
            made = create()
        except Refused:
            self.write(cloud, Step.REFUSED, kind, name)
            raise
        self.write(cloud, Step.CREATED, kind, name, made.id)
        return made

    def close(self) -> None:
        self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_ledger(path: Path) -> tuple[Entry, ...]:
    """The entries of a ledger, in the order of writing. A torn last line, as a crash leaves it, is left out.

    Raises:
        BadFile: another line is no entry.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            entries.append(_entry(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):  # a whole line would be followed by an empty one
                break
            raise BadFile(str(path), f"no ledger entry: {line:.80}", line=number) from error
    return tuple(entries)


def _entry(fields: dict[str, str]) -> Entry:
    return Entry(
        at=fields["at"],
        cloud=fields["cloud"],
        step=Step(fields["step"]),
        kind=Kind(fields["kind"]),
        name=fields["name"],
        id=fields["id"],
    )


def open_entries(entries: tuple[Entry, ...], cloud: CloudLabel) -> tuple[Entry, ...]:
    """What may still exist on a cloud: the last entry of each thing whose making began and whose deletion did not.

    A thing that was being created when the program died has no id: it must be looked for by its name.
    """
    alive: dict[tuple[Kind, str], Entry] = {}
    for entry in entries:
        if entry.cloud != cloud:
            continue
        if entry.step in (Step.CREATING, Step.CREATED):
            alive[entry.kind, entry.name] = entry
        else:  # by the id as well: a floating IP goes by its description when it is made, and may by its address later
            alive.pop((entry.kind, entry.name), None)
            alive = {key: other for key, other in alive.items() if not entry.id or other.id != entry.id}
    return tuple(alive.values())


class Ledgered:
    """A cloud whose every create goes through the ledger, so that no caller can forget it. Rules, router interfaces
    and attachments go with what holds them and have no lines.
    """

    def __init__(self, cloud: Cloud, ledger: Ledger) -> None:
        self._cloud = cloud
        self._ledger = ledger

    @property
    def label(self) -> CloudLabel:
        return self._cloud.label

    def offer(self) -> Offer:
        return self._cloud.offer()

    def create_key_pair(self, name: str, *, public_key: str) -> Resource:
        return self._ledger.making(
            self.label, Kind.KEY_PAIR, name, lambda: self._cloud.create_key_pair(name, public_key=public_key)
        )

    def create_network(self, name: str, *, description: str) -> Resource:
        return self._ledger.making(
            self.label, Kind.NETWORK, name, lambda: self._cloud.create_network(name, description=description)
        )

    def create_subnet(self, name: str, *, network_id: str, cidr: str, description: str) -> Resource:
        def create() -> Resource:
            return self._cloud.create_subnet(name, network_id=network_id, cidr=cidr, description=description)

        return self._ledger.making(self.label, Kind.SUBNET, name, create)

    def create_router(self, name: str, *, external_network_id: str, description: str) -> Resource:
        def create() -> Resource:
            return self._cloud.create_router(name, external_network_id=external_network_id, description=description)

        return self._ledger.making(self.label, Kind.ROUTER, name, create)

    def add_router_interface(self, router_id: str, *, subnet_id: str) -> None:
        self._cloud.add_router_interface(router_id, subnet_id=subnet_id)

    def create_security_group(self, name: str, *, description: str) -> Resource:
        def create() -> Resource:
            return self._cloud.create_security_group(name, description=description)

        return self._ledger.making(self.label, Kind.SECURITY_GROUP, name, create)

    def add_rule(self, group_id: str, rule: RuleSpec) -> None:
        self._cloud.add_rule(group_id, rule)

    def create_port(self, name: str, *, network_id: str, group_ids: tuple[str, ...], description: str) -> PortStatus:
        def create() -> PortStatus:
            return self._cloud.create_port(name, network_id=network_id, group_ids=group_ids, description=description)

        return self._ledger.making(self.label, Kind.PORT, name, create)

    def create_floating_ip(self, *, external_network_id: str, port_id: str | None, description: str) -> Resource:
        def create() -> Resource:
            return self._cloud.create_floating_ip(
                external_network_id=external_network_id, port_id=port_id, description=description
            )

        return self._ledger.making(self.label, Kind.FLOATING_IP, description, create)

    def assign_floating_ip(self, floating_ip_id: str, *, port_id: str | None) -> None:
        self._cloud.assign_floating_ip(floating_ip_id, port_id=port_id)

    def create_volume(
        self, name: str, *, size_gib: GiB, volume_type: str | None, zone: str | None, description: str
    ) -> Resource:
        def create() -> Resource:
            return self._cloud.create_volume(
                name, size_gib=size_gib, volume_type=volume_type, zone=zone, description=description
            )

        return self._ledger.making(self.label, Kind.VOLUME, name, create)

    def create_server(self, spec: ServerSpec) -> Resource:
        return self._ledger.making(self.label, Kind.SERVER, spec.name, lambda: self._cloud.create_server(spec))

    def servers(self, name_prefix: str) -> tuple[ServerStatus, ...]:
        return self._cloud.servers(name_prefix)

    def volumes(self, name_prefix: str) -> tuple[VolumeStatus, ...]:
        return self._cloud.volumes(name_prefix)

    def server(self, server_id: str) -> ServerStatus | None:
        return self._cloud.server(server_id)

    def attach_volume(self, server_id: str, *, volume_id: str) -> str | None:
        return self._cloud.attach_volume(server_id, volume_id=volume_id)

    def detach_volume(self, server_id: str, *, volume_id: str) -> None:
        self._cloud.detach_volume(server_id, volume_id=volume_id)

    def stop_server(self, server_id: str) -> None:
        self._cloud.stop_server(server_id)

    def start_server(self, server_id: str) -> None:
        self._cloud.start_server(server_id)

    def reboot_server(self, server_id: str, *, hard: bool) -> None:
        self._cloud.reboot_server(server_id, hard=hard)

    def console_log(self, server_id: str, *, lines: int | None = None) -> str:
        return self._cloud.console_log(server_id, lines=lines)

    def delete(self, resource: Resource) -> None:
        self._cloud.delete(resource)
        self._ledger.write(self.label, Step.DELETED, resource.kind, resource.name, resource.id)

    def find(self, kind: Kind, name_prefix: str) -> tuple[Resource, ...]:
        return self._cloud.find(kind, name_prefix)

    def count(self, kind: Kind) -> int:
        return self._cloud.count(kind)

    def api_calls(self) -> tuple[tuple[tuple[str, int], ...], int]:
        return self._cloud.api_calls()

    def close(self) -> None:
        self._cloud.close()
