"""Who may and who must not reach whom. Pure, from the workload and the deployment."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from portability.behaviours.views import SourceView, Target
from portability.guest.shell import Shell
from portability.model.deployment import Deployment, ServerInfo
from portability.model.workload import OUTSIDE, Flow, IPProtocol, Workload
from portability.observe.context import Met, ObserveContext, server_facts

CLOSED_PORT = 9
"""discard (RFC 863): nothing listens there, so that a refusal proves that the packet came through."""


def source_views(context: ObserveContext, met: Mapping[str, Met], *, outside: Shell) -> Iterator[SourceView]:
    """Each server towards all others, and the world outside towards all."""
    mtus = {role: m.facts.nic.mtu for role, m in met.items() if m.facts.nic}
    for m in met.values():
        pairs = _pairs(context.workload, context.deployment, source=m.server)
        yield SourceView(
            name=m.server.role,
            shell=m.shell,
            told=server_facts(context, m),
            targets=tuple(_target(s, s.fixed_ip, port, flow, mtus) for s, port, flow in pairs),
        )
    entry = urlsplit(context.deployment.application_url).hostname or ""
    reachable: list[Target] = []
    unreachable: list[Target] = []
    for server, port, flow in _pairs(context.workload, context.deployment, source=None):
        host = entry if server.role == context.deployment.entry else server.access_ip
        target = _target(server, host or "", port, flow, mtus)
        (reachable if host else unreachable).append(target)
    yield SourceView(name=OUTSIDE, shell=outside, told=None, targets=tuple(reachable), unreachable=tuple(unreachable))


def _pairs(
    workload: Workload, deployment: Deployment, *, source: ServerInfo | None
) -> Iterator[tuple[ServerInfo, int, Flow | None]]:
    """Server, port and the flow that allows it. Left out is what rules for the outside may allow as a side effect."""
    flows = [flow for flow in workload.flows if flow.protocol is IPProtocol.TCP]
    from_tier = source.tier if source else OUTSIDE
    for server in deployment.servers:
        if source is not None and server.role == source.role:
            continue
        # A tier that talks to the outside only still has its own port: others must not reach it by any.
        for port in (*dict.fromkeys(flow.port for flow in flows if flow.target == server.tier), CLOSED_PORT):
            fitting = [flow for flow in flows if (flow.target, flow.port) == (server.tier, port)]
            allowed = next((flow for flow in fitting if flow.source == from_tier), None)
            is_open_to_all = any(flow.source == OUTSIDE for flow in fitting)
            if allowed is not None or not is_open_to_all:
                yield server, port, allowed


def _target(server: ServerInfo, host: str, port: int, flow: Flow | None, mtus: Mapping[str, int]) -> Target:
    return Target(
        server=server,
        host=host,
        port=port,
        flow=flow,
        has_listener=port != CLOSED_PORT,
        mtu=mtus.get(server.role),
    )
