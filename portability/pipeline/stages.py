"""Each stage that touches the clouds: what it is given, and what is kept of its result."""

from functools import partial

from portability.cloud.names import run_prefix
from portability.cloud.protocol import Resource
from portability.configure.playbook import configure as run_playbook
from portability.deploy.census import take_census
from portability.deploy.provision import provision
from portability.deploy.ready import wait_until_ready
from portability.deploy.teardown import tear_down as tear_down_cloud
from portability.errors import LeftBehind
from portability.exercise.scenarios import run_exercise
from portability.guest.access import Guests
from portability.model.journal import ApiCalls, Census
from portability.model.run import Stage
from portability.model.units import CloudLabel
from portability.observe.canaries import CanaryCloud
from portability.observe.canaries import boot_canaries as boot_all_canaries
from portability.observe.runner import ObserveContext
from portability.observe.runner import observe as observe_all
from portability.pipeline.side import Side
from portability.pipeline.work import Work


def boot_canaries(work: Work) -> None:
    """Servers that do nothing, one at a time, now here, now there: how the clouds boot."""

    def boot(sides: tuple[Side, ...]) -> None:
        clouds = {side.label: _canary_cloud(work, side) for side in sides}
        order = tuple(label for label in work.plan.canaries if label in clouds)
        boot_all_canaries(clouds, order, journal=work.journal, listener=work.recorder.tell)

    work.on_both(Stage.CANARIES, boot)


def deploy(work: Work) -> None:
    """The workload's servers, networks, volumes and rules, until one can log in everywhere."""

    def make(side: Side) -> None:
        deployment = provision(
            side.made_with,
            workload=work.workload,
            binding=side.binding,
            run_id=work.info.id,
            side=side.letter,
            key=work.key,
            observer_cidr=work.request.observer_cidr,
            listener=work.recorder.tell,
            deadline_factor=work.request.patience,
        )
        side.guests = Guests(deployment, work.path / f"known_hosts-{side.letter}")
        side.deployment = wait_until_ready(
            deployment, side.guests, listener=work.recorder.tell, deadline_factor=work.request.patience
        )
        work.journal.write(side.deployment)

    work.on_each(Stage.DEPLOY, make)


def configure(work: Work) -> None:
    """The application on the servers, by one Ansible process a cloud."""

    def run(side: Side) -> None:
        tasks = run_playbook(
            side.deployment,
            work.workload,
            run_dir=work.path,
            known_hosts=work.path / f"known_hosts-{side.letter}",
            listener=work.recorder.tell,
            cancelled=lambda: work.switch.is_on,
        )
        for task in tasks:
            work.journal.write(task)

    work.on_each(Stage.CONFIGURE, run)


def observe(work: Work) -> None:
    """Behaviours: facts on both clouds at once, quantities on one cloud at a time."""

    def look(sides: tuple[Side, ...]) -> None:
        observe_all(
            tuple(_observe_context(work, side) for side in sides),
            journal=work.journal,
            listener=work.recorder.tell,
            seed=work.plan.seed,
            only=work.request.only,
            without=work.request.without,
        )

    work.on_both(Stage.OBSERVE, look)


def exercise(work: Work) -> None:
    """Something is broken on purpose while the application is under load."""
    if not (work.request.exercise and work.workload.exercises):
        return

    def run(side: Side) -> None:
        for result in run_exercise(
            side.made_with, side.deployment, work.workload, side.guests, listener=work.recorder.tell
        ):
            work.journal.write(result)

    work.on_each(Stage.EXERCISE, run)


def tear_down(work: Work) -> tuple[tuple[CloudLabel, str, Resource], ...]:
    """What could not be removed. Runs on both clouds whatever happened before."""
    if work.request.keep:
        work.recorder.remark(None, f"everything was kept; portability sweep --run {work.info.id} removes it")
        return ()
    left: list[tuple[CloudLabel, str, Resource]] = []
    work.on_each_always(Stage.TEAR_DOWN, partial(_tear_down_side, work, left))
    return tuple(left)


def _tear_down_side(work: Work, left: list[tuple[CloudLabel, str, Resource]], side: Side) -> None:
    if side.guests is not None:
        side.guests.close()
    prefix = run_prefix(work.info.id, side.letter)
    remaining = tear_down_cloud(side.cloud, prefix=prefix, listener=work.recorder.tell)
    left += [(side.label, side.name, resource) for resource in remaining]
    work.journal.write(Census(cloud=side.label, lines=take_census(side.cloud, before=side.before, prefix=prefix)))
    calls, retries = side.cloud.api_calls()
    work.journal.write(ApiCalls(cloud=side.label, calls=calls, retries=retries))
    if remaining:
        names = ", ".join(f"{resource.kind} {resource.name}" for resource in remaining)
        raise LeftBehind(f"{side.label}: {len(remaining)} could not be removed: {names}")
