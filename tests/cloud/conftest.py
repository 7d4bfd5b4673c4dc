"""A lab whose machines are imaginary, and the real client on it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from portability.cloud.project import OpenStackCloud
from portability.cloud.session import open_cloud
from tests.fakes.lab import RunningLab, imaginary_lab

REMARKS: list[str] = []
Edit = Callable[[Callable[[dict[str, Any]], object]], None]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with imaginary_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def cloud_of(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], OpenStackCloud]]:
    """Opens a cloud of the lab by its name; nobody sleeps."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_file))
    opened: list[OpenStackCloud] = []

    def open_one(name: str) -> OpenStackCloud:
        opened.append(open_cloud(name, label=name, on_remark=REMARKS.append, sleep=lambda _: None))
        return opened[-1]

    REMARKS.clear()
    yield open_one
    for cloud in opened:
        cloud.close()


@pytest.fixture
def remarks() -> list[str]:
    return REMARKS


@pytest.fixture
def onprem(cloud_of: Callable[[str], OpenStackCloud]) -> OpenStackCloud:
    return cloud_of("onprem")


@pytest.fixture
def edited(lab: RunningLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Changes a copy of the lab's clouds.yaml: gets the `onprem` entry to change."""

    def edit(change: Callable[[dict[str, Any]], object]) -> None:
        content = yaml.safe_load(lab.clouds_file.read_text())
        change(content["clouds"]["onprem"])
        file = tmp_path / "clouds.yaml"
        file.write_text(yaml.safe_dump(content))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))

    return edit
