"""Each stage that touches the clouds: what it is given, and what is kept of its result."""

from contextlib import ExitStack

from portability.cloud.ledger import read_ledger
from portability.cloud.names import run_prefix
from portability.configure.playbook import configure as run_playbook
from portability.deploy.census import take_census
from portability.deploy.provision import provision
from portability.deploy.ready import wait_until_ready
from portability.deploy.teardown import tear_down as tear_down_cloud
from portability.errors import Interrupted, LeftBehind
from portability.exercise.scenarios import Target, run_exercise
from portability.guest.access import Guests
from portability.guest.local import LocalShell
from portability.model.journal import ApiCalls, Census
from portability.model.run import Stage
from portability.model.workload import OUTSIDE
from portability.observe.canaries import boot_canaries as boot_all_canaries
from portability.observe.doorstep import targets
from portability.observe.runner import observe as observe_all
from portability.pipeline.request import Left
from portability.pipeline.side import Side
from portability.pipeline.stop import stoppable_guests, stoppable_shell
from portability.pipeline.views import canary_cloud, observe_context
from portability.pipeline.work import Work


def boot_canaries(work: Work) -> None:
    """Servers that do nothing, one at a time, now here, now there: how the clouds boot."""

    def boot(sides: tuple[Side, ...]) -> None:
        clouds = {side.label: canary_cloud(work, side) for side in sides}
        order = tuple(label for label in work.plan.canaries if label in clouds)
        boots = boot_all_canaries(clouds, order, journal=work.journal, listener=work.recorder.tell)
        for side in sides:
            side.canaries = boots[side.label]

    work.on_both(Stage.CANARIES, boot)


def deploy(work: Work) -> None:
    """The workload's servers, networks, volumes and rules, until one can log in everywhere."""

    def make(side: Side) -> None:
        deployment = provision(
            side.maker,
            workload=work.workload,
            binding=side.chosen,
            run_id=work.info.id,
            side=side.letter,
            key=work.key,
            observer_cidr=work.request.observer_cidr,
            listener=work.recorder.tell,
            deadline_factor=work.request.patience,
        )
        side.guests = Guests(deployment, side.known_hosts, patience=work.request.patience)
        side.deployment = wait_until_ready(
            deployment,
            side.guests,
            listener=work.recorder.tell,
            deadline_factor=work.request.patience,
            check=work.switch.check,
        )
        work.journal.write(side.deployment)

    work.on_each(Stage.DEPLOY, make)


def configure(work: Work) -> None:
    """The application on the servers, by one Ansible process a cloud."""

    def run(side: Side) -> None:
        tasks = run_playbook(
            side.deployed,
            work.workload,
            run_dir=work.path,
            known_hosts=side.known_hosts,
            listener=work.recorder.tell,
            is_cancelled=lambda: work.is_over,
        )
        for task in tasks:
            work.journal.write(task)

    work.on_each(Stage.CONFIGURE, run)


def observe(work: Work) -> None:
    """Behaviours: facts on both clouds at once, quantities on one cloud at a time."""

    def look(sides: tuple[Side, ...]) -> None:
        with ExitStack() as doors:
            outside = [doors.enter_context(targets(side.entry_address)) for side in sides]
            observe_all(
                tuple(observe_context(work, side, outside=way) for side, way in zip(sides, outside, strict=True)),
                journal=work.journal,
                listener=work.recorder.tell,
                seed=work.plan.seed,
                only=tuple(behaviour.id for behaviour in work.behaviours),
                outside=stoppable_shell(LocalShell(OUTSIDE), work.switch),
            )

    work.on_both(Stage.OBSERVE, look)


def exercise(work: Work) -> None:
    """Something is broken on purpose while the application is under load."""
    if not (work.request.exercise and work.workload.exercises):
        return

    def run(side: Side) -> None:
        target = Target(
            cloud=side.maker,
            deployment=side.deployed,
            workload=work.workload,
            guests=stoppable_guests(side.logins, work.switch),
            pause=work.switch.sleep,
            listener=work.recorder.tell,
        )
        for exercise in work.workload.exercises:
            work.journal.write(run_exercise(exercise, target))

    work.on_each(Stage.EXERCISE, run)


def tear_down(work: Work) -> tuple[Left, ...]:
    """What could not be removed. Runs on both clouds, whatever happened before."""
    if work.request.keep:
        work.recorder.remark(
            None, f"everything was kept: portability sweep CLOUD --run {work.info.id} --yes removes it"
        )
        return ()
    left: list[Left] = []

    def remove(side: Side) -> None:
        if side.guests is not None:
            side.guests.close()
        prefix = run_prefix(work.info.id, side.letter)
        remaining = tear_down_cloud(
            side.cloud,
            prefix=prefix,
            listener=work.recorder.tell,
            ledger=read_ledger(work.directory.ledger),
            deadline_factor=work.request.patience,
        )
        left.extend(Left(cloud=side.label, cloud_name=side.name, resource=resource) for resource in remaining)
        lines = take_census(side.cloud, before=side.before, prefix=prefix)
        work.recorder.write(Census(cloud=side.label, lines=lines))
        calls, retries = side.cloud.api_calls()
        work.recorder.write(ApiCalls(cloud=side.label, calls=calls, retries=retries))
        if remaining:
            names = ", ".join(f"{resource.kind} {resource.name}" for resource in remaining)
            raise LeftBehind(f"{side.label}: {len(remaining)} could not be removed: {names}")

    work.on_all(Stage.TEAR_DOWN, remove)
    if work.switch.presses >= 3:
        sweeps = "; ".join(f"portability sweep {name} --run {work.info.id} --yes" for name in _names(work))
        raise Interrupted("stopped while cleaning up: servers may still run, and cost money", way_out=sweeps)
    return tuple(left)


def _names(work: Work) -> tuple[str, ...]:
    """As in clouds.yaml, each once."""
    return tuple(dict.fromkeys(side.name for side in work.sides))
