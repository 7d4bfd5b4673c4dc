"""Making what a workload needs on one cloud, at once wherever nothing has to wait: read `provision` first."""

import getpass
import os
import socket
from collections.abc import Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from portability import clock
from portability.cloud import vantage
from portability.cloud.names import description, run_prefix
from portability.cloud.protocol import Cloud, PortStatus, ServerStatus
from portability.deploy.boot import Booted, Requested, Waiting, wait_for_servers, wait_for_volumes
from portability.deploy.crew import crew, finish, results
from portability.deploy.key import RunKey
from portability.deploy.site import Site, Slot
from portability.model.deployment import AttachedVolume, Deployment, ServerInfo
from portability.model.event import Listener
from portability.model.plan import Binding
from portability.model.workload import Tier, Workload

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

THREADS = 12
KEPT_FOR = timedelta(hours=6)
"""After that a resource that is still there is left over for sure."""


def provision(
    cloud: Cloud,
    *,
    workload: Workload,
    binding: Binding,
    run_id: str,
    side: str,
    key: RunKey,
    observer_cidr: str | None,
    listener: Listener,
    deadline_factor: float = 1.0,
) -> Deployment:
    """Everything made, servers ACTIVE, volumes attached; nobody has logged in yet.

    `observer_cidr` None: it is worked out from the route to the entry; where addresses are translated on the way, that
    cannot tell it, and SSH is open to all.

    Raises:
        CloudError: something was refused or did not come in time. What was made is left: tear down.
    """
    site = Site(
        cloud=cloud,
        workload=workload,
        binding=binding,
        prefix=run_prefix(run_id, side),
        note=note(run_id),
        listener=listener,
    )
    with crew(THREADS, name=f"deploy-{cloud.label}") as workers:
        start = workers.start
        waiting = Waiting(cloud=cloud, prefix=site.prefix, factor=deadline_factor, check=workers.check)

        # What waits for nothing.
        key_pair = start(site.make_key_pair, key)
        network = start(site.make_network)
        router = start(site.make_router)
        groups = {tier.name: start(site.make_group, tier) for tier in workload.tiers}
        volumes = {slot: start(site.make_volume, slot) for slot in site.volume_slots()}

        # Ports need a network with its subnet and their security groups.
        site.tell("network and security groups")
        group_ids = dict(zip(groups, (group.id for group in results(groups.values())), strict=True))
        place = network.result()
        interface = start(site.connect_router, router, place)
        ports = {role: start(site.make_port, role, place, group_ids[tier.name]) for role, tier in site.roles()}

        # The entry gets its address before it boots, which tells where the observer is seen to come from. Rules may
        # name any group. Servers start when key, port, rules and way out are there.
        volume_ids = {slot: volume.id for slot, volume in _settled(volumes).items()}
        volumes_ready = start(wait_for_volumes, waiting, frozenset(volume_ids.values()), "available")
        finish(key_pair, interface)
        port_of = _settled(ports)
        access = start(site.give_address, port_of[site.entry])
        observer = observer_cidr or vantage.observer_cidr(access.result())
        finish(*(start(site.make_rule, group_ids, rule) for rule in site.rules(observer)))
        site.tell("servers", done=0, total=len(port_of))
        requested = _settled(
            {role: start(site.make_server, role, tier, port_of[role], access) for role, tier in site.roles()}
        )

        # Each volume goes to its server as soon as both are ready.
        attached: dict[Slot, Future[AttachedVolume]] = {}
        active: list[str] = []

        def on_active(role: str, status: ServerStatus) -> None:
            active.append(role)
            site.tell("servers", done=len(active), total=len(requested))
            for slot in site.volume_slots():
                if slot.role == role:
                    attached[slot] = start(site.attach, slot, status.id, volume_ids[slot], volumes_ready)

        booted = wait_for_servers(waiting, requested, on_active=on_active)
        site.tell("volumes")
        volume_of = _settled(attached)
        wait_for_volumes(waiting, frozenset(volume_ids.values()), "in-use")
        made = _Made(ports=port_of, requested=requested, booted=booted, volumes=volume_of)
        return Deployment(
            cloud=cloud.label,
            servers=tuple(made.server(site, role, tier, access.result()) for role, tier in site.roles()),
            entry=site.entry,
            application_url=f"http://{access.result()}:{workload.application.port}",
            user=binding.user,
            private_key=str(key.private_key),
            network_id=place.network_id,
            security_groups=tuple(group_ids.items()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What became of each role."""

    ports: Mapping[str, PortStatus]
    requested: Mapping[str, Requested]
    booted: Mapping[str, Booted]
    volumes: Mapping[Slot, AttachedVolume]

    def server(self, site: Site, role: str, tier: Tier, access: str) -> ServerInfo:
        direct = None if site.is_floating else self.ports[role].fixed_ip
        return ServerInfo(
            id=self.requested[role].resource.id,
            name=site.name(role),
            role=role,
            tier=tier.name,
            fixed_ip=self.ports[role].fixed_ip,
            access_ip=access if role == site.entry else direct,
            port_id=self.ports[role].id,
            flavor=site.binding.flavor(tier.name).name,
            volumes=tuple(volume for slot, volume in self.volumes.items() if slot.role == role),
            boot=self.booted[role].timeline,
            zone=self.booted[role].zone,
        )


def _settled(futures: Mapping[K, Future[V]]) -> dict[K, V]:
    """What each gives, by the same keys, or the first error."""
    return dict(zip(futures, results(futures.values()), strict=True))


def note(run_id: str) -> str:
    """What the descriptions of a run's resources say: whose they are, and from when they are left over for sure."""
    expires = datetime.fromisoformat(clock.now()) + KEPT_FOR
    return description(run_id, owner=_owner(), expires=expires.isoformat(timespec="minutes"))


def _owner() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # containers may run under a number that has no name
        user = f"uid {os.getuid()}"
    return f"{user}@{socket.gethostname()}"
