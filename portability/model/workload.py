"""What an application needs, with no word about any cloud."""

from dataclasses import dataclass
from enum import StrEnum

from portability.model.units import GiB, MiB

OUTSIDE = "outside"
"""The source of flows that come from the users of the application."""


class IPProtocol(StrEnum):
    TCP = "tcp"
    UDP = "udp"
    ICMP = "icmp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The least that a server of a tier must have."""

    vcpus: int
    ram_mib: MiB
    disk_gib: GiB


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingSystem:
    distro: str
    """As in Glance's `os_distro`: debian, ubuntu, …"""
    version: str
    """As in Glance's `os_version`: 12, 24.04, …"""
    user: str
    """The login user of the distribution's cloud images, unless the image says otherwise (`os_admin_user`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeNeed:
    name: str
    size_gib: GiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    name: str
    count: int
    needs: Needs
    roles: tuple[str, ...]
    """Ansible roles in playbooks/roles, in order."""
    volumes: tuple[VolumeNeed, ...] = ()

    @property
    def server_names(self) -> tuple[str, ...]:
        """`app-0`, `app-1`, …: what the servers are called in reports and inventories, the same on every cloud."""
        return tuple(f"{self.name}-{index}" for index in range(self.count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Traffic that the application needs. All other traffic between its servers must not pass."""

    source: str
    """A tier, or `outside`."""
    target: str
    protocol: IPProtocol
    port: int
    why: str = ""

    @property
    def name(self) -> str:
        return f"{self.source}->{self.target} {self.protocol}/{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """How users reach the application, and how its truth is checked. Paths are of HTTP requests to the entry."""

    entry: str
    """The tier whose first server users talk to; it also is the way in for administration."""
    port: int
    page_path: str
    """GET: a page with content from the database."""
    health_path: str
    """GET: 200 when the whole chain works."""
    write_path: str
    """POST a JSON object {"id": text}: 201 once the write is durable; a repeated id answers 200."""
    truth_path: str
    """GET: a JSON object {"ids": [text, …]} of every write that the database has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """A disruptive scenario under load."""

    scenario: str
    """`kill_server`: one server is stopped through the API under load."""
    tier: str
    rate: float
    """Writes a second."""
    before_seconds: float
    after_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the application can live with: a difference inside it is harmless to it."""

    behaviour: str
    condition: str
    """`any`, or comparisons joined with `and`: `>= 1280`, `== true`, `in [a, b]`."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    name: str
    title: str
    system: OperatingSystem
    tiers: tuple[Tier, ...]
    flows: tuple[Flow, ...]
    application: Application
    exercises: tuple[Exercise, ...] = ()
    expects: tuple[Expectation, ...] = ()
    source: str = ""
    """The file it was read from."""
    digest: str = ""
    """SHA-256 of that file, to tell whether two runs ran the same."""

    def tier(self, name: str) -> Tier:
        return next(tier for tier in self.tiers if tier.name == name)

    @property
    def server_count(self) -> int:
        return sum(tier.count for tier in self.tiers)
