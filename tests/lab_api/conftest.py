"""One imaginary lab a test module, and connections to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.lab import RunningLab, connect, imaginary_lab

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The client warns of its own old ways; they are not ours to mend."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with imaginary_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def onprem(lab: RunningLab) -> Any:
    return connect(lab)


@pytest.fixture(scope="module")
def other(lab: RunningLab) -> Any:
    """Another project of the same cloud."""
    return connect(lab, "onprem-other")


@pytest.fixture(scope="module")
def public(lab: RunningLab) -> Any:
    return connect(lab, "public")
