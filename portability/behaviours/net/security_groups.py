"""What security groups let pass."""

import json
from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud, of_traffic
from portability.behaviours.views import CloudView, SourceView, Target
from portability.guest.python import run_python
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale
from portability.model.plan import SecurityRule

ALLOWED = Behaviour(
    id="net.sg.allowed",
    means="Whether the traffic that the application needs passes between its servers.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Neutron API, security group rules with a remote group; Tempest, test_security_groups_basic_ops",
    breaks="The application does not work: its parts cannot reach each other.",
    remedy="Give addresses instead of groups: openstack security group rule create --remote-ip CIDR --dst-port PORT "
    "GROUP",
    cost=Cost.SEVERAL,
    impact=Impact.BLOCKER,
    accepted=("true",),
)
FORBIDDEN = Behaviour(
    id="net.sg.forbidden",
    means="Whether traffic that nobody allowed is kept from the servers.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Neutron API: a security group lets nothing in that no rule allows; SCS-0115",
    breaks="The database is open to servers, or to the world, that have no business with it.",
    remedy="Filter in the servers as well: nft add rule inet filter input tcp dport PORT ip saddr != ALLOWED drop",
    cost=Cost.SEVERAL,
    impact=Impact.BLOCKER,
    accepted=("blocked",),
)
DEFAULT_RULES = Behaviour(
    id="net.sg.default_rules",
    means="What the security group lets pass that servers get when none is named.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Neutron: egress open, ingress from the group itself; SCS-0115",
    breaks="Servers without a group of their own are open on one cloud and closed on the other.",
    remedy="Name a group with explicit rules for every server: openstack server create --security-group GROUP",
    cost=Cost.NO_SERVER,
)

_WAIT = 2.0
"""For what must not pass: one retransmission after a second (RFC 6298) is waited for, all sources at once."""
_WAIT_ALLOWED = 10.0


@of_traffic(ALLOWED, FORBIDDEN)
def traffic(view: SourceView) -> Iterator[Reading]:
    """All connections of one source at once."""
    asked = {"connect": [[t.host, t.port, _WAIT_ALLOWED if t.flow else _WAIT] for t in view.targets]}
    told = run_python(view.shell, "tcp.py", json.dumps(asked), timeout=60.0)["connect"] if view.targets else []
    for target, seen in zip(view.targets, told, strict=True):
        subject = f"{view.name}->{target.name}"
        if target.flow is not None:
            yield measured(ALLOWED, seen == "open", subject=subject, detail=f"{seen}; {target.flow.why}".rstrip("; "))
        else:
            yield measured(FORBIDDEN, "passes" if passes(seen, target) else "blocked", subject=subject, detail=seen)
    for target in view.unreachable:
        detail = "its address does not exist outside"
        yield measured(FORBIDDEN, "blocked", subject=f"{view.name}->{target.name}", detail=detail)


def passes(seen: str, target: Target) -> bool:
    """Whether the packet reached the server: it answered, or refused where nothing listens."""
    return seen == "open" or (seen == "refused" and not target.has_listener)


@of_cloud(DEFAULT_RULES)
def default_rules(view: CloudView) -> Iterator[Reading]:
    yield measured(DEFAULT_RULES, tuple(sorted({_rule(rule) for rule in view.offer.default_group_rules})))


def _rule(rule: SecurityRule) -> str:
    ports = "" if rule.port_min is None else f" {rule.port_min}-{rule.port_max}"
    way = "from" if rule.direction == "ingress" else "to"
    return f"{rule.direction} {rule.ethertype} {rule.protocol or 'any'}{ports} {way} {rule.remote or 'anywhere'}"
