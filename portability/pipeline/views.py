"""What the observe stage is given of each cloud."""

from portability.cloud.names import run_prefix
from portability.deploy.provision import note
from portability.observe.canaries import CanaryCloud
from portability.observe.context import ObserveContext
from portability.observe.evidence import Evidence
from portability.pipeline.side import Side
from portability.pipeline.stop import stoppable_guests
from portability.pipeline.work import Work


def canary_cloud(work: Work, side: Side) -> CanaryCloud:
    return CanaryCloud(
        label=side.label,
        cloud=side.maker,
        binding=side.chosen,
        prefix=_prefix(work, side),
        description=_description(work),
        public_key=work.key.public_key,
        private_key=str(work.key.private_key),
        known_hosts=work.path / f"known_hosts-{side.letter}-canaries",
        observer_cidr=work.request.observer_cidr,
        patience=work.request.patience,
        check=work.switch.check,
    )


def observe_context(work: Work, side: Side, *, outside: tuple[tuple[str, int], ...]) -> ObserveContext:
    return ObserveContext(
        label=side.label,
        cloud=side.maker,
        offer=side.offer,
        binding=side.chosen,
        deployment=side.deployed,
        guests=stoppable_guests(side.logins, work.switch),
        workload=work.workload,
        prefix=_prefix(work, side),
        description=_description(work),
        canaries=side.canaries,
        evidence=Evidence(work.directory.evidence),
        egress_targets=outside,
        patience=work.request.patience,
    )


def _prefix(work: Work, side: Side) -> str:
    return run_prefix(work.info.id, side.letter)


def _description(work: Work) -> str:
    return note(work.info.id)
