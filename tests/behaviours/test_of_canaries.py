"""Behaviours that canaries' boots tell."""

import dataclasses

import pytest

from portability.behaviours.boot.console_log import console_log
from portability.behaviours.boot.timeline import image_cache, milestones
from portability.behaviours.meta.user_data import size_limit
from portability.model.deployment import BootTimeline
from portability.model.observation import Measured, Refused, Unknown
from tests.behaviours.made import canary_run, canary_view, outcomes, read

KEYS = "-----BEGIN SSH HOST KEY KEYS-----\nssh-ed25519 AAAA1 root@x\n-----END SSH HOST KEY KEYS-----\n"


def test_the_warm_up_is_not_counted() -> None:
    readings = read(milestones, canary_view(canary_run(0), canary_run(1), canary_run(2)))
    assert {reading.repetition for reading in readings} == {1, 2}
    assert len(readings) == 2 * 6
    assert all(isinstance(reading.outcome, Measured) for reading in readings)


def test_polled_times_carry_their_resolution_and_the_apis_answer_none() -> None:
    resolutions = {r.behaviour: r.resolution for r in read(milestones, canary_view(canary_run(1)))}
    assert resolutions.pop("boot.time_to_api") is None
    assert set(resolutions.values()) == {0.25}


def test_what_a_failed_boot_did_not_reach_is_unknown_with_the_reason() -> None:
    timeline = BootTimeline(accepted=0.1, active=1.0)
    broken = canary_run(1, timeline=timeline, failure="SSH login: not within 300 s")
    found = outcomes(milestones, canary_view(broken))
    assert found["boot.time_to_active"] == 1.0
    assert found["boot.time_to_ssh"] == Unknown(reason="SSH login: not within 300 s")


def test_the_first_boot_is_set_against_each_later_one() -> None:
    slow = canary_run(0, timeline=dataclasses.replace(canary_run(0).timeline, active=21.0))
    readings = read(image_cache, canary_view(slow, canary_run(1), canary_run(2)))
    assert [reading.outcome for reading in readings] == [Measured(value=20.0)] * 2
    (reading,) = read(image_cache, canary_view(canary_run(1)))
    assert isinstance(reading.outcome, Unknown)


def test_user_data_counts_only_if_it_arrives_unchanged() -> None:
    assert outcomes(size_limit, canary_view(canary_run(0))) == {"meta.user_data.size_limit": 49149}
    cut = canary_run(0, user_data_sha256="0" * 64)
    assert isinstance(outcomes(size_limit, canary_view(cut))["meta.user_data.size_limit"], Refused)
    dead = canary_run(0, facts=None, failure="ERROR")
    assert outcomes(size_limit, canary_view(dead))["meta.user_data.size_limit"] == Unknown(reason="ERROR")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"console": f"boot\n{KEYS}"}, Measured(value="works")),
        ({"console": ""}, Measured(value="empty")),
        ({"console": None, "console_problem": "not implemented"}, Refused(reason="not implemented")),
        ({"console": None}, Unknown(reason="no canary came up")),
    ],
)
def test_the_console_works_is_empty_or_refused(changes: dict[str, str | None], outcome: object) -> None:
    (reading,) = read(console_log, canary_view(canary_run(0, **changes)))
    assert reading.outcome == outcome


def test_one_console_that_works_is_enough_and_is_kept_as_evidence() -> None:
    (reading,) = read(console_log, canary_view(canary_run(0, console=""), canary_run(1, console=f"boot\n{KEYS}")))
    assert reading.outcome == Measured(value="works")
    assert reading.detail == "with SSH host keys"
    assert "boot" in reading.evidence
