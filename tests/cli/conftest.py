"""Clouds to which nothing fits, all in one imaginary lab, and calls of the program on them."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from portability.lab.settings import DEFAULT_FILE, LabSettings
from tests.cli.calling import Call, caller
from tests.fakes.lab import PROJECTS, RunningLab, imaginary_lab

UNFIT: dict[str, dict[str, Any]] = {
    "noimage": {"images": [{"name": "Ubuntu 24.04", "properties": {"os_distro": "ubuntu", "os_version": "24.04"}}]},
    "noflavor": {"flavors": [{"name": "nano", "vcpus": 1, "ram_mib": 64, "disk_gib": 1}]},
    "fewservers": {"quotas": {"instances": 3}},
    "nofloating": {"quotas": {"floatingip": 0}},
}
"""Like `onprem` but for this."""

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The client warns of its own old ways; they are not ours to mend."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"))


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    data = yaml.safe_load(DEFAULT_FILE.read_text())
    onprem = data["clouds"]["onprem"]
    data["clouds"] |= {name: {**copy.deepcopy(onprem), **changes} for name, changes in UNFIT.items()}
    for number, cloud in enumerate(data["clouds"].values()):
        cloud["projects"] = list(PROJECTS)
        cloud["external_network"]["cidr"] = f"10.215.{100 + number}.0/24"
    with imaginary_lab(tmp_path_factory.mktemp("lab"), LabSettings.model_validate(data)) as running:
        yield running


@pytest.fixture
def portability(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lab: RunningLab
) -> Call:
    """The program in an empty folder, with the lab's clouds.yaml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_file))
    return caller(monkeypatch, capsys)


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab: RunningLab) -> dict[str, Any]:
    """The entries of clouds.yaml, for tests that write one of their own."""
    entries: dict[str, Any] = yaml.safe_load(lab.clouds_file.read_text())["clouds"]
    return entries
