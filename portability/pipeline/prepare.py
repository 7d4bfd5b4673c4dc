"""Before anything is made: check both clouds, plan, and open the run directory."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from portability import __version__
from portability.behaviours.catalogue import catalogue
from portability.cloud.ledger import Ledger, Ledgered
from portability.cloud.session import open_cloud
from portability.deploy.census import count_everything
from portability.deploy.key import make_key
from portability.errors import Interrupted
from portability.history.store import RunDir, create_run_dir, new_run_id
from portability.judge.expectations import check_expectations
from portability.lines import cannot_write
from portability.model.behaviour import Behaviour
from portability.model.event import Note
from portability.model.plan import Plan
from portability.model.run import RunInfo, Stage
from portability.model.units import CloudLabel
from portability.model.workload import Workload
from portability.observe.journal import Journal
from portability.pipeline.recorder import Recorder
from portability.pipeline.request import Request, labels
from portability.pipeline.scope import check_names, check_observer, in_scope
from portability.pipeline.side import Done, Failed, Side, in_parallel
from portability.pipeline.stop import StopSwitch, stoppable_cloud
from portability.pipeline.work import Work
from portability.plan.load import load_overrides, load_workload
from portability.plan.match import make_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    workload: Workload
    behaviours: tuple[Behaviour, ...]
    """Those that the run looks at."""
    plan: Plan
    sides: tuple[Side, Side]

    def close(self) -> None:
        for side in self.sides:
            side.cloud.close()


def check_and_plan(request: Request, recorder: Recorder, switch: StopSwitch) -> Prepared:
    """Reads the workload and both clouds, and chooses.

    Raises:
        PortabilityError: with what to do about it; where both clouds have a problem, both are told.
        Interrupted: somebody asked to stop. Nothing was made.
    """
    workload = load_workload(request.workload)
    check_expectations(workload, catalogue())
    behaviours = in_scope(catalogue(), only=request.only, without=request.without)
    check_observer(request.observer_cidr)
    baseline, candidate = labels(request.clouds)
    overrides = load_overrides(request.bindings)
    check_names(overrides, request.clouds)
    sides = _check_both(
        {
            baseline: partial(_check, request.clouds[0], baseline, "a", recorder),
            candidate: partial(_check, request.clouds[1], candidate, "b", recorder),
        },
        switch,
    )
    with recorder.stage(Stage.PLAN):
        plan = make_plan(
            workload,
            (sides[0].offer, sides[1].offer),
            overrides.renamed({baseline: request.clouds[0], candidate: request.clouds[1]}),
            repetitions=request.repetitions,
            seed=random.SystemRandom().randrange(2**31) if request.seed is None else request.seed,
            is_same_project=request.clouds[0] == request.clouds[1],
        )
    for side, binding in zip(sides, plan.bindings, strict=True):
        side.binding = binding
    return Prepared(workload=workload, behaviours=behaviours, plan=plan, sides=sides)


def _check_both(checks: dict[CloudLabel, Callable[[], Side]], switch: StopSwitch) -> tuple[Side, Side]:
    outcomes = in_parallel(checks, switch, patience=1)
    if switch.is_on:
        raise Interrupted("interrupted before anything was made")
    sides, errors = [], []
    for label in checks:
        match outcomes[label]:
            case Done(value=side):
                sides.append(side)
            case Failed(error=error):
                errors.append(error)
    if errors:
        first, *others = errors
        for other in others:
            if str(other) != str(first):
                first.add_note(f"and: {other}")
        raise first
    return sides[0], sides[1]


def _check(name: str, label: str, letter: str, recorder: Recorder) -> Side:
    with recorder.stage(Stage.CHECK, label):
        cloud = open_cloud(name, label=label, on_remark=_remarks(recorder, label))
        with ThreadPoolExecutor(1) as pool:
            before = pool.submit(count_everything, cloud)
            offer = cloud.offer()
        return Side(name=name, label=label, letter=letter, cloud=cloud, offer=offer, before=before.result())


def _remarks(recorder: Recorder, label: str) -> Callable[[str], None]:
    return lambda text: recorder.remark(label, text)


def open_run(request: Request, prepared: Prepared, recorder: Recorder, switch: StopSwitch) -> Work:
    """The run directory with all that is known so far, its key and its ledger.

    Raises:
        CannotWrite: nothing was made yet.
    """
    info = RunInfo(
        id=new_run_id(),
        workload=prepared.workload.name,
        clouds=prepared.plan.clouds,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=prepared.plan.seed,
        repetitions=request.repetitions,
        version=__version__,
        command=request.command,
        behaviours=tuple(behaviour.id for behaviour in prepared.behaviours),
    )
    directory = create_run_dir(request.runs.resolve(), info.id)
    try:
        return _begin(request, prepared, recorder, switch, info=info, directory=directory)
    except OSError as error:
        raise cannot_write(directory.path, error) from error


def _begin(
    request: Request, prepared: Prepared, recorder: Recorder, switch: StopSwitch, *, info: RunInfo, directory: RunDir
) -> Work:
    directory.write_info(info)
    directory.write_workload(prepared.workload)
    directory.write_offers(tuple(side.offer for side in prepared.sides))
    directory.write_plan(prepared.plan)
    journal = Journal(directory.journal)
    recorder.open(journal.write)
    for warning in prepared.plan.warnings:
        recorder.tell(Note(cloud=None, text=warning))
    ledger = Ledger(directory.ledger)
    for side in prepared.sides:
        side.made_with = stoppable_cloud(Ledgered(side.cloud, ledger), switch)
        side.known_hosts = directory.path / f"known_hosts-{side.letter}"
    return Work(
        request=request,
        info=info,
        workload=prepared.workload,
        behaviours=prepared.behaviours,
        plan=prepared.plan,
        sides=prepared.sides,
        directory=directory,
        journal=journal,
        ledger=ledger,
        key=make_key(directory.private_key),
        recorder=recorder,
        switch=switch,
    )
