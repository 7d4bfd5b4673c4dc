"""What probes are given to look at."""

from dataclasses import dataclass, field
from typing import Any

from portability.cloud.protocol import Cloud
from portability.guest.facts import Facts
from portability.guest.shell import Shell
from portability.model.deployment import BootTimeline, Deployment, ServerInfo
from portability.model.plan import Binding, Flavor, Offer
from portability.model.units import Bytes, Seconds
from portability.model.workload import Flow, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudView:
    """A cloud from outside."""

    cloud: Cloud
    offer: Offer
    binding: Binding
    workload: Workload
    deployment: Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What one server told about itself, and what the cloud promised of it."""

    server: ServerInfo
    facts: Facts
    flavor: Flavor
    binding: Binding
    network_mtu: int | None
    """Of its network, as far as the offer lists that network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """One server, to run commands in."""

    told: ServerFacts
    shell: Shell
    peers: tuple[ServerInfo, ...]
    """The other servers of the application."""
    egress_targets: tuple[tuple[str, int], ...]
    """Addresses in the world that answer, to see whether there is a way out."""
    is_sample: bool
    """The one server on which quantities are read that are of the cloud and not of the server."""
    seen: dict[str, Any] = field(default_factory=dict)
    """What was already looked at, for the next probe; a view belongs to one thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A port of a server that a source may or must not reach."""

    server: ServerInfo
    host: str
    """Its address, as seen from the source."""
    port: int
    flow: Flow | None
    """The flow that allows it; None: it must not pass."""
    has_listener: bool
    """Something is known to listen there, so that a refusal comes from a filter and not from the server."""
    mtu: int | None
    """Of the target's interface, as it tells."""

    @property
    def name(self) -> str:
        return f"{self.server.role} tcp/{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """All that one source may and must not reach."""

    name: str
    """A role, or `outside`."""
    shell: Shell
    """Of `outside`: on the observer's machine."""
    told: ServerFacts | None
    """None: of `outside` nothing is asked."""
    targets: tuple[Target, ...]
    unreachable: tuple[Target, ...] = ()
    """Targets that have no address which the source could use: nothing can pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """Two servers and the flow between them."""

    flow: Flow
    source: ServerInfo
    source_shell: Shell
    target: ServerInfo
    target_shell: Shell
    cloud: Cloud
    deployment: Deployment
    is_sample: bool
    """The one pair on which costly quantities are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server to try something on."""

    told: ServerFacts
    shell: Shell

    @property
    def server(self) -> ServerInfo:
        return self.told.server


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchView:
    """Leave to make something for trying it: the probe makes and deletes it."""

    cloud: Cloud
    binding: Binding
    deployment: Deployment
    prefix: str
    """What the names of things made begin with."""
    description: str
    places: tuple[Place, ...]
    """Two, or one where the application has no more; the first has the application's own volume, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryRun:
    """One canary's boot, and what was seen of it before it was deleted."""

    repetition: int
    """0: the warm-up, the first of its image on this cloud in this run."""
    timeline: BootTimeline
    facts: Facts | None
    console: str | None
    """None: not read."""
    console_problem: str
    """The API's refusal; empty: none."""
    user_data_size: Bytes
    """What it was given."""
    user_data_sha256: str
    user_data_refusal: str = ""
    """What the API said to a larger one."""
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryView:
    runs: tuple[CanaryRun, ...]
    """In the order of starting, the warm-up first."""
    binding: Binding

    @property
    def counted(self) -> tuple[CanaryRun, ...]:
        """Without the warm-up."""
        return tuple(run for run in self.runs if run.repetition > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    url: str
    workload: Workload
    timeout: Seconds = 5.0
