"""What every behaviour must have."""

import dataclasses
import re

import pytest

from portability.behaviours.catalogue import behaviour, catalogue, check, probes
from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Better, Impact, Level, Scale

IDS = [found.id for found in catalogue()]


def test_there_are_at_least_forty_and_each_has_its_own_id() -> None:
    assert len(IDS) >= 40
    assert len(set(IDS)) == len(IDS)


def test_the_order_is_that_of_the_areas() -> None:
    areas = list(dict.fromkeys(found.area for found in catalogue()))
    assert areas == ["identity", "quota", "place", "img", "boot", "meta", "net", "vol", "guest", "app"]
    assert catalogue() is catalogue()


@pytest.mark.parametrize("found", catalogue(), ids=IDS)
def test_a_behaviour_is_declared_in_full(found: Behaviour) -> None:
    assert re.fullmatch(r"[a-z]+(\.[a-z0-9_]+){1,3}", found.id)
    for text in (found.means, found.authority, found.breaks, found.remedy):
        assert len(text) > 9, found
    assert found.means.endswith(".")
    assert (found.scale is Scale.QUANTITY) is (found.margin is not None)
    assert (found.scale is Scale.QUANTITY) is (found.better is not Better.NEITHER)
    if found.margin is not None:
        assert found.unit
        assert len(found.margin.reason) > 10
        assert found.margin.relative > 0 or found.margin.absolute > 0
    if found.level is Level.REQUIRED and found.absorbed_by is None:
        assert found.impact is not Impact.HARMLESS


def test_names_of_clouds_and_devices_of_the_lab_are_nowhere() -> None:
    for found in catalogue():
        text = " ".join(str(value) for value in dataclasses.astuple(found))
        assert not re.search(r"onprem|public cloud|10\.213|localhost", text), found.id


def test_a_behaviour_is_found_by_its_id() -> None:
    assert behaviour("net.mtu.interface").unit == "bytes"
    with pytest.raises(KeyError):
        behaviour("net.mtu")


def test_a_declaration_that_nobody_reads_or_that_is_there_twice_is_an_error() -> None:
    declared = catalogue()
    with pytest.raises(ValueError, match=f"{IDS[0]}: declared twice"):
        check((*declared, declared[0]), probes())
    with pytest.raises(ValueError, match="read by no probe"):
        check(declared, [probe for probe in probes() if declared[0] not in probe.behaviours])
    with pytest.raises(ValueError, match="read, but not declared"):
        check(declared[1:], probes())
    without_margin = dataclasses.replace(behaviour("vol.perf.fsync"), margin=None)
    with pytest.raises(ValueError, match=r"vol\.perf\.fsync: a quantity without a margin"):
        check([found if found.id != "vol.perf.fsync" else without_margin for found in declared], probes())


def test_a_decorated_function_reads_what_it_is_told_to() -> None:
    wanted = behaviour("place.az.meaning")

    @of_cloud(wanted)
    def zones(view: CloudView):  # type: ignore[no-untyped-def]
        yield measured(wanted, "one", detail=str(view))

    assert zones.view is CloudView
    assert not zones.is_timed
    (reading,) = zones.read("here")
    assert reading == Reading(behaviour="place.az.meaning", outcome=reading.outcome, detail="here")
    with pytest.raises(TypeError):
        of_cloud()
