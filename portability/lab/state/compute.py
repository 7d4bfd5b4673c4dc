"""Nova: flavors, key pairs, server groups and servers as they are remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portability.lab.settings import Quotas
from portability.lab.state.faults import Fault, not_found
from portability.lab.state.store import Store


class VmState(StrEnum):
    BUILDING = "building"
    ACTIVE = "active"
    STOPPED = "stopped"
    PAUSED = "paused"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    id: str
    name: str
    vcpus: int
    ram: int
    disk: int
    extra_specs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypair:
    id: str
    """User id and name: names are unique only for one user."""
    user_id: str
    name: str
    public_key: str
    fingerprint: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerGroup:
    id: str
    project_id: str
    user_id: str
    name: str
    policy: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFault:
    code: int
    message: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """What the client asked for, until the build has turned it into a port."""

    port_id: str | None = None
    network_id: str | None = None
    fixed_ip: str | None = None
    is_ours: bool = False
    """The port was made by the build and goes with the server."""


_REBOOTING = {
    "rebooting": "REBOOT",
    "reboot_started": "REBOOT",
    "rebooting_hard": "HARD_REBOOT",
    "reboot_started_hard": "HARD_REBOOT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    id: str
    project_id: str
    user_id: str
    name: str
    description: str | None
    hostname: str
    flavor: Flavor
    image_id: str
    image_name: str
    key_name: str | None
    public_key: str | None
    zone: str
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None = None
    vm_state: VmState = VmState.BUILDING
    task_state: str | None = "scheduling"
    power_state: int = 0
    fault: BuildFault | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    user_data: str | None = None
    """As sent: base64."""
    config_drive: bool = False
    security_groups: tuple[str, ...] = ()
    nics: tuple[Nic, ...] = ()
    admin_pass: str = ""
    locked: bool = False
    reservation_id: str = ""
    launch_index: int = 0

    @property
    def status(self) -> str:
        """Nova's word, from its vm_state and task_state table."""
        if self.vm_state is VmState.ACTIVE:
            return _REBOOTING.get(self.task_state or "", "ACTIVE")
        return {
            VmState.BUILDING: "BUILD",
            VmState.STOPPED: "SHUTOFF",
            VmState.PAUSED: "PAUSED",
            VmState.ERROR: "ERROR",
        }[self.vm_state]


KINDS = (Flavor, Keypair, ServerGroup, Server)


def get_flavor(store: Store, flavor_id: str) -> Flavor:
    flavor = store.get(Flavor, flavor_id)
    if flavor is None:
        raise not_found(f"Flavor {flavor_id} could not be found.")
    return flavor


def get_server(store: Store, project_id: str | None, server_id: str) -> Server:
    server = store.get(Server, server_id)
    if server is None or server.project_id != project_id:
        raise not_found(f"Instance {server_id} could not be found.")
    return server


def servers_of(store: Store, project_id: str | None) -> tuple[Server, ...]:
    return tuple(server for server in store.all(Server) if server.project_id == project_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    instances: int
    cores: int
    ram: int


def usage(store: Store, project_id: str | None) -> Usage:
    servers = servers_of(store, project_id)
    return Usage(
        instances=len(servers),
        cores=sum(server.flavor.vcpus for server in servers),
        ram=sum(server.flavor.ram for server in servers),
    )


def check_quota(store: Store, quotas: Quotas, project_id: str, flavor: Flavor, count: int) -> None:
    """Nothing, when `count` more servers of the flavor fit.

    Raises:
        Fault: 403 in Nova's words, naming every quota that is too small.
    """
    used = usage(store, project_id)
    asked = Usage(instances=count, cores=flavor.vcpus * count, ram=flavor.ram * count)
    over = [
        name
        for name in ("cores", "instances", "ram")
        if getattr(used, name) + getattr(asked, name) > getattr(quotas, name)
    ]
    if over:
        raise Fault(
            403,
            f"Quota exceeded for {', '.join(over)}: Requested {', '.join(str(getattr(asked, n)) for n in over)}, but "
            f"already used {', '.join(str(getattr(used, n)) for n in over)} of "
            f"{', '.join(str(getattr(quotas, n)) for n in over)} {', '.join(over)}",
        )
