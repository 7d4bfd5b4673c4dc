"""Runs to judge, made of the fewest records."""

from dataclasses import replace

from portability.compare.compare import compare
from portability.judge.judge import judge
from portability.model.behaviour import Behaviour, Better, Cost, Impact, Level, Margin, Scale
from portability.model.deployment import Deployment
from portability.model.journal import Record, Run
from portability.model.observation import Measured, Observation, Outcome, Refused, Unknown, Value
from portability.model.plan import AccessModel, Binding, BindingDifference, Estimate, Flavor, Image, Network, Plan
from portability.model.run import ExerciseResult, RunInfo, Stage, StageTime
from portability.model.verdict import Failure, Finding, Verdict
from portability.model.workload import (
    Application,
    Exercise,
    Expectation,
    Needs,
    OperatingSystem,
    Tier,
    Workload,
)

A, B = "onprem", "public"


def behaviour(
    name: str = "net.mtu",
    *,
    scale: Scale = Scale.FACT,
    level: Level = Level.RECOMMENDED,
    impact: Impact = Impact.CHANGE,
    accepted: tuple[str, ...] = (),
    absorbed_by: str | None = None,
    better: Better = Better.LOWER,
) -> Behaviour:
    return Behaviour(
        id=name,
        means="Something is as it is.",
        scale=scale,
        level=level,
        unit="s" if scale is Scale.QUANTITY else "",
        authority="this test",
        breaks="Large packets are lost.",
        remedy="ip link set mtu 1400",
        cost=Cost.NO_SERVER,
        better=better,
        margin=Margin(relative=0.1, absolute=1.0, reason="whole seconds") if scale is Scale.QUANTITY else None,
        impact=impact,
        absorbed_by=absorbed_by,
        accepted=accepted,
    )


def expects(condition: str, *, of: str = "net.mtu") -> Expectation:
    return Expectation(behaviour=of, condition=condition, reason="it copes")


def workload(*expectations: Expectation, exercises: tuple[Exercise, ...] = ()) -> Workload:
    return Workload(
        name="shop",
        title="A shop",
        system=OperatingSystem(distro="debian", version="12", user="debian"),
        tiers=(Tier(name="app", count=1, needs=Needs(vcpus=1, ram_mib=512, disk_gib=5), roles=()),),
        flows=(),
        application=Application(
            entry="app", port=80, page_path="/", health_path="/health", write_path="/write", truth_path="/truth"
        ),
        exercises=exercises,
        expects=expectations,
        source="shop/workload.yaml",
    )


def binding(cloud: str, *, config_drive: bool = True) -> Binding:
    return Binding(
        cloud=cloud,
        image=Image(
            id="1", name="debian", distro="debian", version="12", architecture=None, min_disk_gib=0, min_ram_mib=0,
            size=None, checksum=None, user=None,
        ),
        flavors=(("app", Flavor(id="1", name="small", vcpus=1, ram_mib=512, disk_gib=5)),),
        access=AccessModel.DIRECT,
        network=Network(id="1", name="net", is_external=False, is_shared=True, is_own=False, mtu=1500),
        cidr=None,
        user="debian",
        config_drive=config_drive,
        boot_from_volume=(),
        volume_type=None,
        compute_zone=None,
        volume_zone=None,
    )  # fmt: skip


def plan(*differences: BindingDifference, config_drive: tuple[bool, bool] = (True, True)) -> Plan:
    return Plan(
        workload="shop",
        clouds=(A, B),
        bindings=(binding(A, config_drive=config_drive[0]), binding(B, config_drive=config_drive[1])),
        differences=differences,
        quotas=(),
        estimate=Estimate(duration=60.0, server_hours=(), servers_at_once=()),
        canaries=(),
        seed=1,
        repetitions=2,
    )


def ran_on(cloud: str) -> tuple[Record, ...]:
    """What the journal holds once the workload was deployed and configured on the cloud."""
    deployment = Deployment(
        cloud=cloud, servers=(), entry="app-0", application_url="http://192.0.2.1", user="debian", private_key="key",
        network_id="1", security_groups=(),
    )  # fmt: skip
    return deployment, StageTime(cloud=cloud, stage=Stage.CONFIGURE, start=10.0, seconds=5.0)


def failure(cloud: str, stage: Stage, kind: str) -> Failure:
    return Failure(cloud=cloud, stage=stage.value, message="it did not work", kind=kind)


def exercise(cloud: str, *, lost: int = 0, acknowledged: int = 100, restored: float | None = 3.0) -> ExerciseResult:
    return ExerciseResult(
        cloud=cloud, scenario="kill_server", victim="app-0", requests=100, failed=0, acknowledged=acknowledged,
        lost=lost, phantom=0, duplicate=0, longest_outage=0.0, redundancy_restored=restored, latency_ms=(),
    )  # fmt: skip


def run(*records: Record, of: Workload | None = None, planned: Plan | None = None) -> Run:
    """A run with exactly these records."""
    return Run(
        info=RunInfo(
            id="r1",
            workload="shop",
            clouds=(A, B),
            started="2026-11-22T12:00:00+00:00",
            seed=1,
            repetitions=2,
            version="0.1.0",
            command="portability compare shop onprem public",
        ),
        workload=of or workload(),
        offers=(),
        plan=planned or plan(),
        records=records,
    )


def complete(*records: Record, of: Workload | None = None, planned: Plan | None = None) -> Run:
    """A run in which the workload ran on both clouds."""
    return run(*ran_on(A), *ran_on(B), *records, of=of, planned=planned)


def observed(of: Behaviour, baseline: object, candidate: object) -> tuple[Observation, ...]:
    """One or many readings of a behaviour on both clouds; lists are many, None is no reading."""
    return tuple(
        Observation(cloud=cloud, behaviour=of.id, subject="", outcome=_outcome(value), at="2026-11-22T12:00:00+00:00")
        for cloud, values in ((A, baseline), (B, candidate))
        for value in (values if isinstance(values, list) else [values])
        if value is not None
    )


def judged(run: Run, *behaviours: Behaviour) -> Verdict:
    return judge(run, compare(run.of(Observation), behaviours, run.info.clouds), behaviours)


def finding(run: Run, of: Behaviour) -> Finding:
    (only,) = judged(run, of).findings
    return only


def without_plan(run: Run) -> Run:
    return replace(run, plan=None)


def _outcome(value: Value | Outcome) -> Outcome:
    return value if isinstance(value, Measured | Refused | Unknown) else Measured(value=value)
