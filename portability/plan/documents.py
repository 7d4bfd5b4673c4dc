"""The files that people write, as pydantic reads them; each turns into a value of the model."""

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from portability.model.plan import AccessModel
from portability.model.workload import (
    Application,
    Exercise,
    Expectation,
    Flow,
    IPProtocol,
    Needs,
    OperatingSystem,
    Tier,
    VolumeNeed,
    Workload,
)
from portability.plan.overrides import CloudOverrides, Overrides

# Names end up in host names, where RFC 1123 (2.1) rules: lower-case letters, digits and hyphens.
Name = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$")]
HttpPath = Annotated[str, Field(pattern=r"^/[!-~]*$")]


def _version(value: Any) -> Any:
    """YAML reads 12 and 24.04 as numbers, and 24.10 would become 24.1: only whole ones are surely meant."""
    if isinstance(value, float):
        raise ValueError('a version must be quoted, as in "24.04"')
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


class SystemDocument(_Document):
    distro: str
    version: Annotated[str, BeforeValidator(_version)]
    user: Name

    def value(self) -> OperatingSystem:
        return OperatingSystem(distro=self.distro.lower(), version=self.version, user=self.user)


class NeedsDocument(_Document):
    vcpus: int = Field(ge=1)
    ram_mib: int = Field(ge=64)
    disk_gib: int = Field(ge=1)

    def value(self) -> Needs:
        return Needs(vcpus=self.vcpus, ram_mib=self.ram_mib, disk_gib=self.disk_gib)


class VolumeDocument(_Document):
    size_gib: int = Field(ge=1)


class TierDocument(_Document):
    count: int = Field(ge=1, le=100)
    needs: NeedsDocument
    roles: list[str] = Field(min_length=1)
    volumes: dict[Name, VolumeDocument] = Field(default_factory=dict)

    def value(self, name: str) -> Tier:
        volumes = tuple(VolumeNeed(name=volume, size_gib=need.size_gib) for volume, need in self.volumes.items())
        return Tier(name=name, count=self.count, needs=self.needs.value(), roles=tuple(self.roles), volumes=volumes)


class FlowDocument(_Document):
    source: str = Field(alias="from")
    target: str = Field(alias="to")
    port: str
    """`tcp/80`"""
    why: str = ""

    @field_validator("port")
    @classmethod
    def _check_port(cls, text: str) -> str:
        protocol, _, number = text.partition("/")
        if protocol not in (IPProtocol.TCP, IPProtocol.UDP) or not number.isdecimal() or not 0 < int(number) < 65536:
            raise ValueError("must be tcp or udp, a slash and a port from 1 to 65535, as in tcp/80")
        return text

    def value(self) -> Flow:
        protocol, _, number = self.port.partition("/")
        return Flow(
            source=self.source, target=self.target, protocol=IPProtocol(protocol), port=int(number), why=self.why
        )


class ApplicationDocument(_Document):
    entry: str
    port: int = Field(ge=1, le=65535)
    page_path: HttpPath
    health_path: HttpPath
    write_path: HttpPath
    truth_path: HttpPath

    def value(self) -> Application:
        return Application(**self.model_dump())


class ExerciseDocument(_Document):
    scenario: Literal["kill_server"]
    tier: str
    rate: float = Field(gt=0, le=1000, strict=False)
    before_seconds: float = Field(gt=0, le=3600, strict=False)
    after_seconds: float = Field(gt=0, le=3600, strict=False)

    def value(self) -> Exercise:
        return Exercise(**self.model_dump())


class ExpectationDocument(_Document):
    behaviour: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")
    condition: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    def value(self) -> Expectation:
        return Expectation(**self.model_dump())


class WorkloadDocument(_Document):
    schema_version: Literal[1] = Field(alias="schema")
    name: Name
    title: str
    system: SystemDocument
    tiers: dict[Name, TierDocument] = Field(min_length=1)
    flows: list[FlowDocument] = Field(min_length=1)
    application: ApplicationDocument
    exercises: list[ExerciseDocument] = Field(default_factory=list)
    expects: list[ExpectationDocument] = Field(default_factory=list)

    def value(self, *, source: str, digest: str) -> Workload:
        return Workload(
            name=self.name,
            title=self.title,
            system=self.system.value(),
            tiers=tuple(tier.value(name) for name, tier in self.tiers.items()),
            flows=tuple(flow.value() for flow in self.flows),
            application=self.application.value(),
            exercises=tuple(exercise.value() for exercise in self.exercises),
            expects=tuple(expectation.value() for expectation in self.expects),
            source=source,
            digest=digest,
        )


class ZonesDocument(_Document):
    compute: str | None = None
    volume: str | None = None


class CloudDocument(_Document):
    image: str | None = None
    flavors: dict[Name, str] = Field(default_factory=dict)
    access: Literal["floating", "direct"] | None = None
    network: str | None = None
    volume_type: str | None = None
    zones: ZonesDocument = ZonesDocument()
    user: str | None = Field(default=None, pattern=r"^[a-z_][a-z0-9_-]{0,31}$")
    config_drive: bool | None = None
    cidr: str | None = None

    @field_validator("cidr")
    @classmethod
    def _check_range(cls, text: str | None) -> str | None:
        if text is None:
            return None
        network = ipaddress.ip_network(text)
        if network.version != 4 or network.prefixlen > 28:
            raise ValueError("must be an IPv4 range of /28 or larger, as in 10.20.30.0/24")
        return str(network)

    def value(self) -> CloudOverrides:
        return CloudOverrides(
            image=self.image,
            flavors=tuple(self.flavors.items()),
            access=None if self.access is None else AccessModel(self.access),
            network=self.network,
            volume_type=self.volume_type,
            compute_zone=self.zones.compute,
            volume_zone=self.zones.volume,
            user=self.user,
            config_drive=self.config_drive,
            cidr=self.cidr,
        )


class OverridesDocument(_Document):
    schema_version: Literal[1] = Field(default=1, alias="schema")
    clouds: dict[str, CloudDocument] = Field(default_factory=dict)

    def value(self, *, source: str) -> Overrides:
        return Overrides(clouds=tuple((name, cloud.value()) for name, cloud in self.clouds.items()), source=source)
