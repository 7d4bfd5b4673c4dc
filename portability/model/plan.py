"""What a cloud offers, what was chosen of it, and what a run is going to do."""

from dataclasses import dataclass
from enum import StrEnum

from portability.model.units import Bytes, CloudLabel, GiB, MiB, Seconds

UNLIMITED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    id: str
    name: str
    vcpus: int
    ram_mib: MiB
    disk_gib: GiB
    """0: no root disk of its own, the server must boot from a volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    id: str
    name: str
    distro: str | None
    version: str | None
    architecture: str | None
    min_disk_gib: GiB
    min_ram_mib: MiB
    size: Bytes | None
    checksum: str | None
    user: str | None
    """Login user, from `os_admin_user` or `image_original_user`."""
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    id: str
    cidr: str
    ip_version: int
    has_dhcp: bool
    dns_servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    id: str
    name: str
    is_external: bool
    """`router:external`: a source of floating IPs."""
    is_shared: bool
    is_own: bool
    """Belongs to our project."""
    mtu: int | None
    subnets: tuple[Subnet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeType:
    id: str
    name: str
    is_default: bool
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One limit of the project. Names are ours, the same for every cloud: `instances`, `cores`, `ram_mib`, `volumes`,
    `volume_gib`, `ports`, `networks`, `subnets`, `routers`, `floating_ips`, `security_groups`, `security_group_rules`,
    `key_pairs`, `server_groups`.
    """

    name: str
    limit: int
    """UNLIMITED (-1): none."""
    used: int | None
    """None: the cloud does not tell."""

    @property
    def free(self) -> int | None:
        """None: unknown; UNLIMITED: no limit."""
        if self.limit == UNLIMITED:
            return UNLIMITED
        return None if self.used is None else max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    type: str
    """As in the service types authority: compute, network, image, block-storage, object-store, load-balancer, …"""
    answers: bool
    detail: str = ""
    """Version or failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Something with our name prefix that an earlier run left."""

    kind: str
    id: str
    name: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRule:
    direction: str
    ethertype: str
    protocol: str | None
    port_min: int | None
    port_max: int | None
    remote: str | None
    """A CIDR, `group:self`, `group:other`, or None for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one cloud has for us, read once."""

    cloud: CloudLabel
    services: tuple[Service, ...]
    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    networks: tuple[Network, ...]
    volume_types: tuple[VolumeType, ...]
    compute_zones: tuple[str, ...]
    volume_zones: tuple[str, ...]
    quotas: tuple[Quota, ...]
    network_extensions: tuple[str, ...]
    compute_microversion: str | None
    leftovers: tuple[Leftover, ...] = ()
    default_group_rules: tuple[SecurityRule, ...] = ()
    region: str | None = None
    auth_url: str = ""

    def quota(self, name: str) -> Quota | None:
        return next((quota for quota in self.quotas if quota.name == name), None)


class AccessModel(StrEnum):
    FLOATING = "floating"
    """Own network and router; the entry server gets a floating IP, the others are reached through it."""
    DIRECT = "direct"
    """Servers directly on a routable network of the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What was chosen on one cloud to satisfy the needs of a workload."""

    cloud: CloudLabel
    image: Image
    flavors: tuple[tuple[str, Flavor], ...]
    """Tier name to flavor, in the order of the workload's tiers."""
    access: AccessModel
    network: Network
    """FLOATING: the external network. DIRECT: the network that the servers join."""
    cidr: str | None
    """FLOATING: the range of the network to make."""
    user: str
    """Login user."""
    config_drive: bool
    boot_from_volume: tuple[str, ...]
    """Tiers whose servers boot from a volume, because their flavor has no disk."""
    volume_type: VolumeType | None
    """None: the cloud's default."""
    compute_zone: str | None
    volume_zone: str | None
    reasons: tuple[tuple[str, str], ...] = ()
    """Aspect to why: `image`: "the only active debian 12 for x86_64"."""

    def flavor(self, tier: str) -> Flavor:
        return next(flavor for name, flavor in self.flavors if name == tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingDifference:
    """One line of the migration to-do list."""

    aspect: str
    """`image`, `flavor of db`, `access`, `network`, `volume type`, `zone`, …"""
    baseline: str
    candidate: str
    what_to_do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaFit:
    quota: str
    needed: int
    free: int | None
    fits: bool | None
    """None: the cloud does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    duration: Seconds
    server_hours: tuple[tuple[CloudLabel, float], ...]
    servers_at_once: tuple[tuple[CloudLabel, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    workload: str
    clouds: tuple[CloudLabel, CloudLabel]
    """Baseline, candidate."""
    bindings: tuple[Binding, Binding]
    differences: tuple[BindingDifference, ...]
    quotas: tuple[tuple[CloudLabel, tuple[QuotaFit, ...]], ...]
    estimate: Estimate
    canaries: tuple[CloudLabel, ...]
    """The order in which boot canaries are started."""
    seed: int
    repetitions: int
    warnings: tuple[str, ...] = ()
    schema_version: int = 1

    def binding(self, cloud: CloudLabel) -> Binding:
        return next(binding for binding in self.bindings if binding.cloud == cloud)
