"""What stands on one cloud after the deploy stage."""

from dataclasses import dataclass

from portability.model.units import CloudLabel, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class BootTimeline:
    """Seconds since the create request was sent, on the observer's clock; None: not seen."""

    accepted: Seconds | None = None
    active: Seconds | None = None
    port_open: Seconds | None = None
    ssh_login: Seconds | None = None
    cloud_init_done: Seconds | None = None
    service: Seconds | None = None
    requested_at: Seconds | None = None
    """When the create request was sent, on the monotonic clock of the process that sent it; of no use to another."""
    resolution: Seconds = 0.5
    """The polling interval: a time is late by at most this."""
    inside: tuple[tuple[str, Seconds, Seconds], ...] = ()
    """Spans that the guest tells: name, start and end in seconds since the create request (clock offset removed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedVolume:
    name: str
    """As in the workload: `data`."""
    volume_id: str
    api_device: str | None
    """What Nova says, as /dev/vdb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    id: str
    name: str
    """Its full name on the cloud, pb-…"""
    role: str
    """`db-0`, the same on every cloud."""
    tier: str
    fixed_ip: str
    access_ip: str | None
    """Where the observer reaches it; None: through the entry server."""
    port_id: str
    flavor: str
    volumes: tuple[AttachedVolume, ...] = ()
    boot: BootTimeline = BootTimeline()
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    cloud: CloudLabel
    servers: tuple[ServerInfo, ...]
    entry: str
    """Role of the server that users talk to, and through which the others are reached."""
    application_url: str
    """http://address:port without a path."""
    user: str
    private_key: str
    """Path of the run's key file, mode 0600."""
    network_id: str
    security_groups: tuple[tuple[str, str], ...]
    """Tier name to security group id."""

    def server(self, role: str) -> ServerInfo:
        return next(server for server in self.servers if server.role == role)

    def tier(self, name: str) -> tuple[ServerInfo, ...]:
        return tuple(server for server in self.servers if server.tier == name)
