"""What is known of one cloud when probes begin, and the views of it that they are given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portability.behaviours.views import (
    ApplicationView,
    CanaryRun,
    CanaryView,
    CloudView,
    PairView,
    Place,
    ScratchView,
    ServerFacts,
    ServerView,
)
from portability.cloud.protocol import Cloud
from portability.guest.access import Guests
from portability.guest.facts import Facts
from portability.guest.shell import Shell
from portability.model.deployment import Deployment, ServerInfo
from portability.model.plan import Binding, Offer
from portability.model.units import CloudLabel, Seconds
from portability.model.workload import OUTSIDE, Flow, IPProtocol, Workload
from portability.observe.doorstep import PUBLIC_TARGETS
from portability.observe.evidence import Evidence

_ANSWER: Seconds = 5.0
"""For a page of the application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserveContext:
    label: CloudLabel
    cloud: Cloud
    offer: Offer
    binding: Binding
    deployment: Deployment
    guests: Guests
    workload: Workload
    prefix: str
    """What the names of things made on the way begin with."""
    description: str = ""
    canaries: tuple[CanaryRun, ...] = ()
    evidence: Evidence | None = None
    patience: float = 1.0
    """Deadlines are multiplied by it."""
    egress_targets: tuple[tuple[str, int], ...] = PUBLIC_TARGETS
    """Hosts and ports outside, one of which a server reaches if it has a way out."""

    @property
    def inner_flows(self) -> tuple[Flow, ...]:
        """Between tiers, by TCP."""
        return tuple(f for f in self.workload.flows if f.source != OUTSIDE and f.protocol is IPProtocol.TCP)


@dataclass(slots=True, kw_only=True)
class Met:
    """A server that one can log in to."""

    server: ServerInfo
    shell: Shell
    facts: Facts


def cloud_views(context: ObserveContext) -> Iterator[CloudView]:
    yield CloudView(
        cloud=context.cloud,
        offer=context.offer,
        binding=context.binding,
        workload=context.workload,
        deployment=context.deployment,
    )


def canary_views(context: ObserveContext) -> Iterator[CanaryView]:
    if context.canaries:
        yield CanaryView(runs=context.canaries, binding=context.binding)


def application_views(context: ObserveContext) -> Iterator[ApplicationView]:
    yield ApplicationView(
        url=context.deployment.application_url, workload=context.workload, timeout=_ANSWER * context.patience
    )


def server_facts(context: ObserveContext, met: Met) -> ServerFacts:
    listed = {network.id: network.mtu for network in context.offer.networks}
    return ServerFacts(
        server=met.server,
        facts=met.facts,
        flavor=context.binding.flavor(met.server.tier),
        binding=context.binding,
        network_mtu=listed.get(context.deployment.network_id),
    )


def server_view(context: ObserveContext, met: Met) -> ServerView:
    # A peer of another tier first: the ones that really have to find each other.
    others = [server for server in context.deployment.servers if server.role != met.server.role]
    others.sort(key=lambda server: (server.tier == met.server.tier, server.role))
    return ServerView(
        told=server_facts(context, met),
        shell=met.shell,
        peers=tuple(others),
        egress_targets=context.egress_targets,
        is_sample=met.server.role == context.deployment.entry,
    )


def pair_views(context: ObserveContext, met: Mapping[str, Met]) -> Iterator[PairView]:
    flows = context.inner_flows
    for flow in flows:
        source, target = (_first(context, met, tier) for tier in (flow.source, flow.target))
        if source is not None and target is not None:
            yield PairView(
                flow=flow,
                source=source.server,
                source_shell=source.shell,
                target=target.server,
                target_shell=target.shell,
                cloud=context.cloud,
                deployment=context.deployment,
                is_sample=flow is flows[-1],
            )


def scratch_views(context: ObserveContext, met: Mapping[str, Met]) -> Iterator[ScratchView]:
    """On the server with the application's own volume, and on one of another tier."""
    order = sorted(met.values(), key=lambda m: (not m.server.volumes, m.server.role))
    if not order:
        return
    first = order[0]
    others = sorted(order[1:], key=lambda m: (m.server.tier == first.server.tier, m.server.role))
    yield ScratchView(
        cloud=context.cloud,
        binding=context.binding,
        deployment=context.deployment,
        prefix=context.prefix,
        description=context.description,
        places=tuple(Place(told=server_facts(context, m), shell=m.shell) for m in (first, *others[:1])),
    )


def _first(context: ObserveContext, met: Mapping[str, Met], tier: str) -> Met | None:
    return next((met[server.role] for server in context.deployment.tier(tier) if server.role in met), None)
