"""Which traffic each tier's security group lets in: the workload's flows, the way in for SSH, and nothing else."""

from dataclasses import dataclass

from portability.model.plan import AccessModel
from portability.model.workload import OUTSIDE, IPProtocol, Workload

ANYWHERE = "0.0.0.0/0"
SSH_PORT = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """Ingress to a tier, from a CIDR or from another tier; one of the two is given."""

    tier: str
    protocol: IPProtocol
    port: int
    cidr: str | None = None
    source: str | None = None


def tier_rules(workload: Workload, *, access: AccessModel, observer_cidr: str | None) -> tuple[TierRule, ...]:
    """The rules of all tiers, no two the same. `observer_cidr` None: the observer's address is not known from here."""
    observer = observer_cidr or ANYWHERE
    entry = workload.application.entry
    wanted = [
        TierRule(tier=flow.target, protocol=flow.protocol, port=flow.port, **_source(flow.source, observer))
        for flow in workload.flows
    ]
    for tier in workload.tiers:
        is_reached_directly = access is AccessModel.DIRECT or tier.name == entry
        source = OUTSIDE if is_reached_directly else entry
        wanted.append(TierRule(tier=tier.name, protocol=IPProtocol.TCP, port=SSH_PORT, **_source(source, observer)))
    return tuple(dict.fromkeys(wanted))


def _source(source: str, observer: str) -> dict[str, str]:
    return {"cidr": observer} if source == OUTSIDE else {"source": source}
