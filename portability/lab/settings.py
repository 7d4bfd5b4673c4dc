"""`lab.yaml`: which clouds a lab has and what each of them offers."""

import ipaddress
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from portability.errors import BadFile
from portability.lab.machine.protocol import DiskBus

DEFAULT_FILE = Path(__file__).with_name("default.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageSettings(_Part):
    name: str
    min_disk_gib: int = 0
    min_ram_mib: int = 0
    disk_format: str = "qcow2"
    properties: dict[str, str] = Field(default_factory=dict)


class FlavorSettings(_Part):
    name: str
    vcpus: int = Field(ge=1)
    ram_mib: int = Field(ge=64)
    disk_gib: int = Field(ge=0)
    extra_specs: dict[str, str] = Field(default_factory=dict)


class VolumeTypeSettings(_Part):
    name: str
    description: str | None = None
    is_default: bool = False


class ExternalNetworkSettings(_Part):
    """The network on which the host stands."""

    name: str
    cidr: str
    is_external: bool
    """Shown with `router:external`; floating IPs and router gateways come from it."""
    is_shared: bool
    """Members may plug servers straight into it."""

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        network = ipaddress.ip_network(self.cidr)
        if network.prefixlen > 28 or network.version != 4:
            raise ValueError(f"{self.cidr}: an IPv4 range of /28 or larger is needed")
        return self

    @property
    def gateway(self) -> str:
        """The host's own address there."""
        return str(ipaddress.ip_network(self.cidr)[1])


class Quotas(_Part):
    """The services' own names and defaults."""

    instances: int = 10
    cores: int = 20
    ram: int = 51200
    key_pairs: int = 100
    metadata_items: int = 128
    server_groups: int = 10
    server_group_members: int = 10
    network: int = 100
    subnet: int = 100
    port: int = 500
    router: int = 10
    floatingip: int = 50
    security_group: int = 10
    security_group_rule: int = 100
    volumes: int = 10
    snapshots: int = 10
    gigabytes: int = 1000


class CloudSettings(_Part):
    region: str = "RegionOne"
    tenant_networks: bool = True
    """Members may make networks, subnets and routers."""
    floating_ips: bool = True
    metadata_service: bool = True
    mtu: int = Field(default=1500, ge=576, le=9000)
    disk_bus: DiskBus = DiskBus.VIRTIO
    external_network: ExternalNetworkSettings
    dns_servers: tuple[str, ...] = ()
    compute_zones: tuple[str, ...] = ("nova",)
    volume_zones: tuple[str, ...] = ("nova",)
    images: tuple[ImageSettings, ...] = Field(min_length=1)
    flavors: tuple[FlavorSettings, ...] = Field(min_length=1)
    volume_types: tuple[VolumeTypeSettings, ...] = Field(min_length=1)
    quotas: Quotas = Quotas()
    projects: tuple[str, ...] = Field(default=("portability",), min_length=1)
    port: int = Field(default=0, ge=0, le=65535)
    """Of the APIs on the loopback address; 0: a free one, kept as long as the lab is up."""


class LabSettings(_Part):
    schema_version: Literal[1] = Field(default=1, alias="schema")
    clouds: dict[str, CloudSettings] = Field(min_length=1)


def load(file: Path) -> LabSettings:
    """The lab that a file describes.

    Raises:
        BadFile: with file, line where known, key and what is allowed.
    """
    try:
        data = yaml.safe_load(file.read_text())
    except OSError as error:
        raise BadFile(str(file), f"cannot be read: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise BadFile(str(file), f"is not YAML: {error.problem}", line=line) from error
    try:
        return LabSettings.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        found = repr(first.get("input"))[:80]
        raise BadFile(str(file), f"{first['msg']}; found {found}", key=key) from error
