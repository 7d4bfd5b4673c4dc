"""A cloud in memory that minds order as real ones do, can be slow, and can be told to fail."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portability.cloud.protocol import (
    Kind,
    PortStatus,
    Resource,
    RuleSpec,
    ServerSpec,
    ServerStatus,
    VolumeStatus,
)
from portability.errors import CloudError, Refused
from portability.model.plan import Offer
from portability.model.units import GiB


@dataclass
class Thing:
    resource: Resource
    needs: set[str] = field(default_factory=set)
    """Ids that cannot go before it does."""
    status: str = "ACTIVE"
    attached_to: str | None = None
    looks_to_ready: int = 0
    looks_to_gone: int | None = None
    """Lists that still show it after its deletion was accepted; None: deletion was not asked for."""
    spec: ServerSpec | None = None
    fault: str = ""


class FakeCloud:
    """Implements `portability.cloud.protocol.Cloud`. Everything that was called is in `log`, in order."""

    def __init__(self, label: str = "fake", *, boot_looks: int = 0, delete_looks: int = 0) -> None:
        self.label = label
        self.things: dict[str, Thing] = {}
        self.log: list[tuple[str, str]] = []
        self.failures: dict[str, list[CloudError]] = {}
        """Method name to the errors that its next calls raise."""
        self.stubborn: set[str] = set()
        """Ids whose deletion is accepted and never happens."""
        self.broken_servers: set[str] = set()
        """Endings of the names of servers that end in ERROR."""
        self.rules: list[tuple[str, RuleSpec]] = []
        self.on_call: Callable[[str, str], None] = lambda _method, _name: None
        self._boot_looks = boot_looks
        self._delete_looks = delete_looks
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    # Making

    def create_key_pair(self, name: str, *, public_key: str) -> Resource:
        return self._add("create_key_pair", Kind.KEY_PAIR, name, needs=set())

    def create_network(self, name: str, *, description: str) -> Resource:
        return self._add("create_network", Kind.NETWORK, name, needs=set())

    def create_subnet(self, name: str, *, network_id: str, cidr: str, description: str) -> Resource:
        return self._add("create_subnet", Kind.SUBNET, name, needs={network_id})

    def create_router(self, name: str, *, external_network_id: str, description: str) -> Resource:
        return self._add("create_router", Kind.ROUTER, name, needs=set())

    def add_router_interface(self, router_id: str, *, subnet_id: str) -> None:
        with self._call("add_router_interface", router_id):
            self._get(router_id).needs.add(subnet_id)
            self._get(subnet_id)

    def create_security_group(self, name: str, *, description: str) -> Resource:
        return self._add("create_security_group", Kind.SECURITY_GROUP, name, needs=set())

    def add_rule(self, group_id: str, rule: RuleSpec) -> None:
        with self._call("add_rule", group_id):
            self._get(group_id)
            self.rules.append((group_id, rule))

    def create_port(self, name: str, *, network_id: str, group_ids: tuple[str, ...], description: str) -> PortStatus:
        with self._lock:
            subnets = {thing.resource.id for thing in self._kind(Kind.SUBNET) if network_id in thing.needs}
            if network_id in self.things and not subnets:
                raise Refused(self.label, "the network has no subnet: the port would have no address", status=400)
            made = self._add("create_port", Kind.PORT, name, needs={network_id, *subnets, *group_ids})
            return PortStatus(id=made.id, name=name, fixed_ip=f"10.0.0.{len(self.things)}", mac="fa:16:3e:00:00:01")

    def create_floating_ip(self, *, external_network_id: str, port_id: str | None, description: str) -> Resource:
        with self._lock:
            if port_id and not any(self._get(port_id).needs & router.needs for router in self._kind(Kind.ROUTER)):
                raise Refused(self.label, "external network is not reachable from the port's subnet", status=404)
            needs = {port_id} if port_id else set()
            made = self._add("create_floating_ip", Kind.FLOATING_IP, description, needs=needs)
            return replace(made, name=f"198.51.100.{len(self.things)}")

    def assign_floating_ip(self, floating_ip_id: str, *, port_id: str | None) -> None:
        with self._call("assign_floating_ip", floating_ip_id):
            self._get(floating_ip_id).needs = {port_id} if port_id else set()

    def create_volume(
        self, name: str, *, size_gib: GiB, volume_type: str | None, zone: str | None, description: str
    ) -> Resource:
        made = self._add("create_volume", Kind.VOLUME, name, needs=set())
        self._get(made.id).status = "creating"
        return made

    def create_server(self, spec: ServerSpec) -> Resource:
        with self._lock:
            pairs = {thing.resource.name for thing in self._kind(Kind.KEY_PAIR)}
            if spec.key_pair not in pairs:
                raise Refused(self.label, f"Invalid key_name {spec.key_pair!r} provided.", status=400)
            self._get(spec.port_id)
            made = self._add("create_server", Kind.SERVER, spec.name, needs={spec.port_id})
            server = self._get(made.id)
            server.spec, server.status, server.looks_to_ready = spec, "BUILD", self._boot_looks
            if spec.boot_volume_gib:
                volume = self._add("", Kind.VOLUME, "", needs=set())
                self._get(volume.id).status, self._get(volume.id).attached_to = "in-use", made.id
            return made

    # Looking

    def offer(self) -> Offer:
        raise NotImplementedError

    def servers(self, name_prefix: str) -> tuple[ServerStatus, ...]:
        with self._call("servers", name_prefix):
            self._age(Kind.SERVER)
            return tuple(
                self._server_status(thing)
                for thing in self._kind(Kind.SERVER)
                if thing.resource.name.startswith(name_prefix)
            )

    def volumes(self, name_prefix: str) -> tuple[VolumeStatus, ...]:
        with self._call("volumes", name_prefix):
            self._age(Kind.VOLUME)
            return tuple(
                VolumeStatus(
                    id=thing.resource.id,
                    name=thing.resource.name,
                    status=thing.status,
                    attached_to=thing.attached_to,
                    device="/dev/vda" if not thing.resource.name else "/dev/vdb",
                )
                for thing in self._kind(Kind.VOLUME)
                if thing.resource.name.startswith(name_prefix)
            )

    def server(self, server_id: str) -> ServerStatus | None:
        with self._call("server", server_id):
            thing = self.things.get(server_id)
            return self._server_status(thing) if thing else None

    def console_log(self, server_id: str, *, lines: int | None = None) -> str:
        with self._call("console_log", server_id):
            return "iPXE\nno bootable device\n"

    def find(self, kind: Kind, name_prefix: str) -> tuple[Resource, ...]:
        with self._call("find", kind.value):
            self._age(kind)
            return tuple(thing.resource for thing in self._kind(kind) if thing.resource.name.startswith(name_prefix))

    def count(self, kind: Kind) -> int:
        return len(self.find(kind, ""))

    def api_calls(self) -> tuple[tuple[tuple[str, int], ...], int]:
        return tuple(sorted(Counter(method for method, _ in self.log).items())), 0

    # Changing

    def attach_volume(self, server_id: str, *, volume_id: str) -> str | None:
        with self._call("attach_volume", volume_id):
            server, volume = self._get(server_id), self._get(volume_id)
            if server.status != "ACTIVE" or volume.status != "available":
                raise Refused(self.label, f"server {server.status}, volume {volume.status}", status=409)
            volume.status, volume.attached_to = "in-use", server_id
            return "/dev/vdb"

    def detach_volume(self, server_id: str, *, volume_id: str) -> None:
        with self._call("detach_volume", volume_id):
            volume = self._get(volume_id)
            volume.status, volume.attached_to = "available", None

    def stop_server(self, server_id: str) -> None:
        with self._call("stop_server", server_id):
            self._get(server_id).status = "SHUTOFF"

    def start_server(self, server_id: str) -> None:
        with self._call("start_server", server_id):
            self._get(server_id).status = "ACTIVE"

    def reboot_server(self, server_id: str, *, hard: bool) -> None:
        with self._call("reboot_server", server_id):
            self._get(server_id)

    def delete(self, resource: Resource) -> None:
        with self._call("delete", resource.name):
            thing = self.things.get(resource.id)
            if thing is None:
                return
            if resource.kind is Kind.VOLUME and thing.status not in ("available", "error"):
                raise Refused(self.label, "Volume status must be available or error", status=400)
            if resource.kind is Kind.ROUTER:
                thing.needs.clear()
            holders = [other for other in self.things.values() if resource.id in other.needs]
            if holders and resource.kind not in (Kind.PORT,):
                raise Refused(self.label, f"{resource.name} is in use", status=409)
            if thing.looks_to_gone is None:
                thing.looks_to_gone = self._delete_looks
            self._age(resource.kind)

    def close(self) -> None:
        pass

    # Below

    def plant(
        self,
        kind: Kind,
        name: str,
        *,
        status: str = "ACTIVE",
        attached_to: str | None = None,
        needs: tuple[str, ...] = (),
    ) -> Resource:
        """Something that somebody else made, or an earlier run."""
        made = self._add("", kind, name, needs=set(needs))
        self._get(made.id).status, self._get(made.id).attached_to = status, attached_to
        return made

    def names(self, kind: Kind) -> list[str]:
        return sorted(thing.resource.name for thing in self._kind(kind))

    def calls(self, method: str) -> list[str]:
        return [name for called, name in self.log if called == method]

    def _add(self, method: str, kind: Kind, name: str, *, needs: set[str]) -> Resource:
        with self._call(method, name):
            for needed in needs:
                if needed.startswith("id-"):
                    self._get(needed)
            resource = Resource(kind=kind, id=f"id-{next(self._numbers)}", name=name)
            self.things[resource.id] = Thing(resource, needs)
            return resource

    def _call(self, method: str, name: str) -> threading.RLock:
        """The lock to hold while the call lasts; the call is in the log and may have to fail."""
        if method:
            self.on_call(method, name)
            with self._lock:
                self.log.append((method, name))
                if self.failures.get(method):
                    raise self.failures[method].pop(0)
        return self._lock

    def _get(self, identity: str) -> Thing:
        if identity not in self.things:
            raise Refused(self.label, f"{identity} could not be found", status=404)
        return self.things[identity]

    def _kind(self, kind: Kind) -> list[Thing]:
        return [thing for thing in self.things.values() if thing.resource.kind is kind]

    def _server_status(self, thing: Thing) -> ServerStatus:
        return ServerStatus(
            id=thing.resource.id,
            name=thing.resource.name,
            status=thing.status,
            task=None,
            fault=thing.fault,
            zone="nova",
        )

    def _age(self, kind: Kind) -> None:
        """A look is a unit of time: what is building gets ready, what is going goes."""
        for thing in self._kind(kind):
            if thing.looks_to_gone is not None and thing.resource.id not in self.stubborn:
                if thing.looks_to_gone == 0:
                    self._drop(thing)
                else:
                    thing.looks_to_gone -= 1
            elif thing.status in ("BUILD", "creating"):
                self._grow(thing)

    def _grow(self, thing: Thing) -> None:
        if thing.looks_to_ready > 0:
            thing.looks_to_ready -= 1
        elif any(thing.resource.name.endswith(ending) for ending in self.broken_servers):
            thing.status, thing.fault = "ERROR", "No valid host was found."
        else:
            thing.status = "ACTIVE" if thing.resource.kind is Kind.SERVER else "available"

    def _drop(self, thing: Thing) -> None:
        del self.things[thing.resource.id]
        for other in tuple(self.things.values()):
            other.needs.discard(thing.resource.id)
            if other.attached_to == thing.resource.id:
                other.attached_to, other.status = None, "available"
                if not other.resource.name:
                    del self.things[other.resource.id]
