"""Names in a workload file that must name something else in it."""

from portability.model.workload import OUTSIDE, Exercise, Workload
from portability.plan.marked import KeyPath, MarkedYaml, closest


def check_references(marked: MarkedYaml, workload: Workload, *, roles: tuple[str, ...]) -> None:
    """Nothing, if every tier, role and port that is named is there.

    Raises:
        BadFile: the first that is not, with its line and what there is.
    """
    if any(tier.name == OUTSIDE for tier in workload.tiers):
        raise marked.bad(("tiers", OUTSIDE), "is the name for the users of the application: call the tier otherwise")
    for tier in workload.tiers:
        for index, role in enumerate(tier.roles):
            _check_name(marked, ("tiers", tier.name, "roles", index), role, roles, what="role")
    tiers = tuple(tier.name for tier in workload.tiers)
    _check_flows(marked, workload, tiers)
    _check_name(marked, ("application", "entry"), workload.application.entry, tiers, what="tier")
    _check_entry(marked, workload)
    for index, exercise in enumerate(workload.exercises):
        _check_exercise(marked, ("exercises", index), workload, exercise, tiers)


def _check_flows(marked: MarkedYaml, workload: Workload, tiers: tuple[str, ...]) -> None:
    seen: dict[str, int] = {}
    for index, flow in enumerate(workload.flows):
        _check_name(marked, ("flows", index, "from"), flow.source, (OUTSIDE, *tiers), what="tier")
        _check_name(marked, ("flows", index, "to"), flow.target, tiers, what="tier")
        if flow.name in seen:
            raise marked.bad(("flows", index), f"says the same as flow {seen[flow.name]}: {flow.name}")
        seen[flow.name] = index


def _check_entry(marked: MarkedYaml, workload: Workload) -> None:
    entry, port = workload.application.entry, workload.application.port
    if not any(flow.source == OUTSIDE and flow.target == entry and flow.port == port for flow in workload.flows):
        raise marked.bad(
            ("application", "port"),
            f"users cannot reach {entry} on port {port}: no flow lets them",
            way_out=f"add {{from: {OUTSIDE}, to: {entry}, port: tcp/{port}}} to flows",
        )


def _check_exercise(
    marked: MarkedYaml, path: KeyPath, workload: Workload, exercise: Exercise, tiers: tuple[str, ...]
) -> None:
    _check_name(marked, (*path, "tier"), exercise.tier, tiers, what="tier")
    if exercise.tier == workload.application.entry:
        raise marked.bad((*path, "tier"), "is the entry: with it the way in would be gone; choose a tier behind it")
    if not any(flow.target == exercise.tier for flow in workload.flows):
        raise marked.bad((*path, "tier"), f"no flow leads to {exercise.tier}: nobody would notice when it serves again")


def _check_name(marked: MarkedYaml, path: KeyPath, name: str, known: tuple[str, ...], *, what: str) -> None:
    if name not in known:
        raise marked.bad(path, f"no {what} is called {name!r}{closest(name, known)}; there are: {', '.join(known)}")
