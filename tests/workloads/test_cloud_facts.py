"""Workloads and playbooks say nothing about any cloud: that is what lets them move."""

import re
from pathlib import Path

import pytest
import yaml

from portability.behaviours.catalogue import catalogue
from portability.judge.conditions import parse
from portability.plan.load import load_workload, shipped_workloads

REPOSITORY = Path(__file__).parents[2]
FILES = sorted(
    file for folder in ("workloads", "playbooks") for file in (REPOSITORY / folder).rglob("*") if file.is_file()
)
ROLES = REPOSITORY / "playbooks" / "roles"

CLOUD_FACTS = {
    "a device name": r"/dev/(vd|sd|xvd|nvme)|\b(vd|sd|xvd)[a-z]\b",
    "a network interface": r"\b(eth|ens|enp|eno)\d",
    "a resolver": r"\b(8\.8\.8\.8|1\.1\.1\.1|9\.9\.9\.9)\b|resolv\.conf",
    "an address": r"\b(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d+\.\d+\b",
    "the metadata service": r"169\.254|/latest/",
    "a flavor": r"\b[a-z]{1,2}\d\.(tiny|small|medium|large)\b",
    "a zone": r"availability.zone|\bnova\b",
    "a cloud of the lab": r"\b(onprem|RegionOne)\b",
}


def without_comments(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    return re.sub(r"(?m)^\s*(#|--).*$", "", text) if file.suffix != ".md" else ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_a_file_has_no_cloud_facts(file: Path) -> None:
    if "__pycache__" in file.parts:
        pytest.skip("made by Python")
    found = {name for name, pattern in CLOUD_FACTS.items() if re.search(pattern, without_comments(file))}
    assert not found


@pytest.mark.parametrize("fact", ["/dev/vdb", "eth0", "8.8.8.8", "10.0.0.4", "m1.small", "ip a show dev ens3"])
def test_a_cloud_fact_would_be_found(fact: str) -> None:
    assert any(re.search(pattern, fact) for pattern in CLOUD_FACTS.values())


@pytest.mark.parametrize("name", shipped_workloads())
def test_every_expectation_is_of_a_known_behaviour_and_can_be_read(name: str) -> None:
    known = {behaviour.id for behaviour in catalogue()}
    for expectation in load_workload(name).expects:
        assert expectation.behaviour in known
        parse(expectation.condition)


@pytest.mark.parametrize("name", shipped_workloads())
def test_no_expectation_is_said_twice(name: str) -> None:
    behaviours = [expectation.behaviour for expectation in load_workload(name).expects]
    assert len(behaviours) == len(set(behaviours))


@pytest.mark.parametrize("file", sorted(ROLES.glob("*/tasks/*.yml")), ids=lambda file: file.parts[-3])
def test_a_task_that_sees_the_password_does_not_show_it(file: Path) -> None:
    """Which templates hold the password is read from them, so that a new one is not forgotten."""
    secret = {path.name for path in ROLES.rglob("*.j2") if "database_password" in path.read_text()}
    assert len(secret) == 2
    for task in yaml.safe_load(file.read_text()):
        if any(name in str(task) for name in secret):
            assert task["no_log"] is True
        assert "database_password" not in str(task)


@pytest.mark.parametrize("file", sorted(ROLES.glob("*/tasks/*.yml")), ids=lambda file: file.parts[-3])
def test_a_command_says_when_it_changed_something(file: Path) -> None:
    for task in yaml.safe_load(file.read_text()):
        if "ansible.builtin.command" in task:
            assert "changed_when" in task
