"""Everything static about one server, collected in one round trip."""

import secrets
import time
from dataclasses import dataclass

from portability.errors import GuestError
from portability.guest.boot import BootReport
from portability.guest.metadata import ServerMetadata
from portability.guest.scripts import script
from portability.guest.shell import Shell
from portability.model.units import Bytes, Seconds

TIMEOUT: Seconds = 60.0
CONTAINERS = frozenset({"systemd-nspawn", "lxc", "docker", "podman", "lxc-libvirt", "container-other"})
"""What systemd-detect-virt says of guests that share the kernel of their host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    name: str
    mac: str
    mtu: int
    driver: str
    addresses: tuple[str, ...]
    """With prefix length, IPv4 and IPv6, link-local ones left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    node: str
    size: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigDrive:
    node: str
    format: str
    """iso9660, vfat, …"""
    versions: tuple[str, ...]
    """Empty: it could not be mounted."""
    metadata: ServerMetadata | None
    link_mtus: tuple[tuple[str, int], ...]
    vendor_data: str
    """As `vendor_data_kind` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset:
    """How far the server's clock is ahead of the observer's: somewhere between the two."""

    low: Seconds
    high: Seconds

    @property
    def middle(self) -> Seconds:
        return (self.low + self.high) / 2

    @property
    def uncertainty(self) -> Seconds:
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Texts are empty and numbers None where the server did not tell."""

    hostname: str
    fqdn: str
    kernel: str
    machine: str
    distro: str
    """`debian 12`"""
    virtualisation: str
    """As systemd-detect-virt names it; `none`."""
    cpu_model: str
    cpu_flags: tuple[str, ...]
    cpus: int | None
    memory_kib: int | None
    swap_kib: int | None
    entropy: int | None
    hwrng: str
    clocksource: str
    time_sync: tuple[str, ...]
    """Active units."""
    interfaces: tuple[Interface, ...]
    """Without lo."""
    default_interface: str
    gateway: str
    resolvers: tuple[str, ...]
    offloads: tuple[str, ...]
    """Of the default interface, those that are on, sorted."""
    disks: tuple[Disk, ...]
    by_id: tuple[tuple[str, str], ...]
    """Link under /dev/disk/by-id and the node it leads to."""
    root_size: Bytes | None
    """Of the root file system."""
    users: tuple[str, ...]
    """Accounts of people (uid 1000 and above), sorted."""
    libc: str
    collation: tuple[tuple[str, str], ...]
    """Locale and a hash of how it sorts."""
    boot: BootReport
    clock: ClockOffset
    has_vendor_data: bool
    """cloud-init was given vendor data to act on."""
    user_data_sha256: str
    drive: ConfigDrive | None

    @property
    def nic(self) -> Interface | None:
        """The interface of the default route; else the only one there is."""
        named = [nic for nic in self.interfaces if nic.name == self.default_interface]
        chosen = named or (list(self.interfaces) if len(self.interfaces) == 1 else [])
        return chosen[0] if chosen else None

    @property
    def is_container(self) -> bool:
        return self.virtualisation in CONTAINERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    facts: Facts
    evidence: str
    """What the server printed, without documents that may hold secrets."""


def collect(shell: Shell) -> Collected:
    """The facts of a server: one round trip, about a quarter of a second.

    Raises:
        GuestError: it could not be reached, or printed something else.
    """
    from portability.guest.parse import parse_facts, without_secrets

    mark = f"@{secrets.token_hex(8)}"
    sent = time.time()
    result = shell.run(f"MARK={mark}\n{script('facts.sh')}", timeout=TIMEOUT)
    received = time.time()
    try:
        facts = parse_facts(result.stdout, mark=mark, sent=sent, received=received)
    except ValueError as error:
        raise GuestError(shell.name, f"its facts cannot be read: {error}; {result.stderr.strip()[-200:]}") from error
    return Collected(facts=facts, evidence=without_secrets(result.stdout, mark=mark))
