"""Whole comparisons on the lab: what was declared different is found, and nothing else."""

from typing import Any

import pytest

from tests.whole.conftest import Lab

pytestmark = [pytest.mark.lab, pytest.mark.slow]

DECLARED = {
    "boot.zero_disk_flavor",
    "meta.service.v4",
    "net.ext.model",
    "net.mtu.interface",
    "net.mtu.path_internal",
    "place.az.meaning",
    "place.flavor_match",
    "vol.bus",
    "vol.device.by_id",
    "vol.types.default_and_semantics",
}
"""What tests/whole/lab.yaml makes different between onprem and public, among the facts."""


def facts_called_different(verdict: dict[str, Any]) -> set[str]:
    return {
        finding["behaviour"]["id"]
        for finding in verdict["findings"]
        if finding["behaviour"]["scale"] == "fact" and finding["comparison"]["status"] == "different"
    }


def untold_facts(verdict: dict[str, Any]) -> dict[str, str]:
    return {
        finding["behaviour"]["id"]: finding["comparison"]["reason"]
        for finding in verdict["findings"]
        if finding["behaviour"]["scale"] == "fact" and finding["comparison"]["status"] in ("inconclusive", "not tested")
    }


def test_each_declared_difference_is_found_and_nothing_else_among_the_facts(lab: Lab) -> None:
    before = {cloud: lab.listing(cloud) for cloud in ("onprem", "public")}
    verdict, code = lab.compare("onprem", "public", "-r", "2")
    assert verdict["failures"] == []
    assert facts_called_different(verdict) == DECLARED
    assert verdict["kind"] == "portable"
    assert code == 0
    assert {cloud: lab.listing(cloud) for cloud in ("onprem", "public")} == before


def test_a_cloud_and_its_twin_are_portable_and_alike(lab: Lab) -> None:
    verdict, code = lab.compare("onprem", "twin", "-r", "2")
    assert verdict["failures"] == []
    assert facts_called_different(verdict) == set()
    assert untold_facts(verdict) == {}
    assert (verdict["kind"], code) == ("portable", 0)
