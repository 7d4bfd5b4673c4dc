"""The runner: order, gaps and errors, with probes made for the purpose."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portability.behaviours.probes import (
    Probe,
    Reading,
    measured,
    of_canaries,
    of_cloud,
    of_facts,
    of_pair,
    of_server,
)
from portability.behaviours.views import CloudView, PairView, ServerFacts, ServerView
from portability.errors import GuestError, NotReached, Refused, Unreachable
from portability.guest.shell import Shell
from portability.model.behaviour import Behaviour, Better, Cost, Level, Margin, Scale
from portability.model.event import nobody
from portability.model.observation import Measured, Observation, Unknown
from portability.model.observation import Refused as RefusedOutcome
from portability.observe.evidence import Evidence
from portability.observe.journal import Journal, read_journal
from portability.observe.runner import ObserveContext, observe
from tests.behaviours.made import ScriptedShell, binding, deployment
from tests.deploy.fake_cloud import FakeCloud
from tests.guest.recorded import MARK, text
from tests.plan import made


def behaviour(id_: str, scale: Scale = Scale.FACT) -> Behaviour:
    is_quantity = scale is Scale.QUANTITY
    return Behaviour(
        id=id_,
        means="For a test.",
        scale=scale,
        level=Level.INFORMATIONAL,
        unit="s" if is_quantity else "",
        authority="a test",
        breaks="nothing",
        remedy="none",
        cost=Cost.NO_SERVER,
        better=Better.LOWER if is_quantity else Better.NEITHER,
        margin=Margin(relative=0.1, absolute=0.1, reason="for a test") if is_quantity else None,
    )


class FactsShell(ScriptedShell):
    """Prints recorded facts with whatever mark is asked for."""

    def run(self, script: str, **more: object) -> Any:
        result = super().run(script, **more)
        mark = script.split("\n")[0].removeprefix("MARK=")
        return dataclasses.replace(result, stdout=result.stdout.replace(MARK, mark))


class FakeGuests:
    def __init__(self, *, away: tuple[str, ...] = ()) -> None:
        self.away = away

    def shell(self, role: str) -> Shell:
        if role in self.away:
            raise Unreachable(role, "no route to host")
        return FactsShell({"section": text("onprem")}, name=role)

    def close(self) -> None:
        pass


def context(label: str, **changes: Any) -> ObserveContext:
    away = changes.pop("away", ())
    whole = ObserveContext(
        label=label,
        cloud=FakeCloud(label),
        offer=made.offer(),
        binding=binding(),
        deployment=deployment(),
        guests=FakeGuests(away=away),  # type: ignore[arg-type]
        workload=made.workload(),
        prefix="pb-x-",
    )
    return dataclasses.replace(whole, **changes)


def run(tmp_path: Path, *contexts: ObserveContext, probes: tuple[Probe, ...], **more: Any) -> list[Observation]:
    with Journal(tmp_path / "journal.jsonl") as journal:
        observe(contexts, journal=journal, listener=nobody, seed=more.pop("seed", 1), probes=probes, **more)
    records = read_journal(tmp_path / "journal.jsonl")
    return [record for record in records if isinstance(record, Observation)]


FACT, OTHER = behaviour("net.fact"), behaviour("net.other")


@of_cloud(FACT)
def good(view: CloudView) -> Iterator[Reading]:
    yield measured(FACT, view.deployment.cloud)


def test_each_cloud_gets_an_outcome(tmp_path: Path) -> None:
    found = run(tmp_path, context("a"), context("b"), probes=(good,))
    assert sorted(o.cloud for o in found) == ["a", "b"]
    assert all(o.outcome == Measured(value="here") and o.at for o in found)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (GuestError("db-0", "gone"), Unknown(reason="db-0: gone")),
        (NotReached("a", "still creating"), Unknown(reason="a: still creating")),
        (Refused("a", "policy", status=403), RefusedOutcome(reason="policy")),
    ],
)
def test_an_error_is_the_outcome_of_what_was_not_yet_read(tmp_path: Path, error: Exception, outcome: object) -> None:
    @of_cloud(FACT, OTHER)
    def half(view: CloudView) -> Iterator[Reading]:
        yield measured(FACT, True)
        raise error

    found = {o.behaviour: o.outcome for o in run(tmp_path, context("a"), probes=(half,))}
    reason = {"net.other": outcome}
    if isinstance(outcome, RefusedOutcome):
        reason = {"net.other": RefusedOutcome(reason=error.message)}  # type: ignore[attr-defined]
    assert found == {"net.fact": Measured(value=True), **reason}


def test_a_bug_in_a_probe_looks_like_a_bug(tmp_path: Path) -> None:
    @of_cloud(FACT)
    def broken(view: CloudView) -> Iterator[Reading]:
        yield measured(FACT, view.nonsense)  # type: ignore[attr-defined]

    with pytest.raises(AttributeError):
        run(tmp_path, context("a"), probes=(broken,))


def test_a_probe_that_yields_nothing_leaves_an_unknown(tmp_path: Path) -> None:
    @of_canaries(FACT)
    def nothing(view: object) -> Iterator[Reading]:
        yield from ()

    (observation,) = run(tmp_path, context("a"), probes=(nothing,))
    assert observation.outcome == Unknown(reason="no canary was booted")


def test_a_server_that_cannot_be_asked_is_unknown_and_the_others_are_not(tmp_path: Path) -> None:
    @of_facts(FACT)
    def kernel(told: ServerFacts) -> Iterator[Reading]:
        yield measured(FACT, told.facts.kernel, subject=told.server.role)

    @of_server(OTHER)
    def inside(view: ServerView) -> Iterator[Reading]:
        yield measured(OTHER, view.told.facts.hostname, subject=view.told.server.role)

    found = run(tmp_path, context("a", away=("db-1",)), probes=(kernel, inside))
    by_subject = {(o.behaviour, o.subject): type(o.outcome) for o in found}
    for name in ("net.fact", "net.other"):
        assert by_subject[name, "web-0"] is Measured
        assert by_subject[name, "db-0"] is Measured
        assert by_subject[name, "db-1"] is Unknown


def test_quantities_go_to_and_fro_one_cloud_at_a_time(tmp_path: Path) -> None:
    order: list[tuple[str, str]] = []

    def timed(name: str) -> Probe:
        quantity = behaviour(f"net.{name}", Scale.QUANTITY)

        @of_cloud(quantity)
        def read(view: CloudView) -> Iterator[Reading]:
            order.append((name, view.cloud.label))
            yield measured(quantity, 1.0)

        return read

    run(tmp_path, context("a"), context("b"), probes=tuple(timed(name) for name in "xyz"))
    assert [name for name, _ in order] == list("xxyyzz")
    clouds = [cloud for _, cloud in order]
    assert clouds[:2] == clouds[2:4][::-1] == clouds[4:]


def test_the_seed_decides_who_is_first(tmp_path: Path) -> None:
    quantity = behaviour("net.q", Scale.QUANTITY)

    @of_cloud(quantity)
    def read(view: CloudView) -> Iterator[Reading]:
        yield measured(quantity, 1.0)

    firsts = {
        run(tmp_path / str(seed), context("a"), context("b"), probes=(read,), seed=seed)[0].cloud for seed in range(8)
    }
    again = [
        run(tmp_path / f"again-{n}", context("a"), context("b"), probes=(read,), seed=3)[0].cloud for n in range(2)
    ]
    assert firsts == {"a", "b"}
    assert again[0] == again[1]


def test_what_is_out_of_scope_is_not_read_or_not_written(tmp_path: Path) -> None:
    @of_cloud(FACT, OTHER)
    def both(view: CloudView) -> Iterator[Reading]:
        yield measured(FACT, 1)
        yield measured(OTHER, 1)

    assert {o.behaviour for o in run(tmp_path / "1", context("a"), probes=(both,), without=("net.other",))} == {
        "net.fact"
    }
    assert {o.behaviour for o in run(tmp_path / "2", context("a"), probes=(both,), only=("net.o*",))} == {"net.other"}
    assert run(tmp_path / "3", context("a"), probes=(both,), only=("vol",)) == []


def test_pairs_are_the_flows_between_tiers(tmp_path: Path) -> None:
    @of_pair(FACT)
    def pair(view: PairView) -> Iterator[Reading]:
        yield measured(FACT, f"{view.source.role} {view.target.role} {view.is_sample}", subject=view.flow.name)

    (observation,) = run(tmp_path, context("a"), probes=(pair,))
    assert (observation.subject, observation.outcome) == ("web->db tcp/5432", Measured(value="web-0 db-0 True"))


def test_evidence_is_kept_with_facts_of_each_server(tmp_path: Path) -> None:
    @of_cloud(FACT)
    def talkative(view: CloudView) -> Iterator[Reading]:
        yield measured(FACT, 1, evidence="what was seen")

    folder = tmp_path / "evidence"
    (observation,) = run(tmp_path, context("a", evidence=Evidence(folder)), probes=(talkative,))
    assert observation.evidence is not None
    assert (folder / observation.evidence).read_text() == "what was seen"
    assert len(list(folder.glob("a-*-facts.txt"))) == 3
