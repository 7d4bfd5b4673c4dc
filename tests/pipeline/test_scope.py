"""Which behaviours a pattern takes."""

import pytest

from portability.errors import UsageError
from portability.model.behaviour import Behaviour, Cost, Level, Scale
from portability.pipeline.request import labels
from portability.pipeline.scope import in_scope


def _behaviour(name: str) -> Behaviour:
    return Behaviour(
        id=name,
        means="",
        scale=Scale.FACT,
        level=Level.REQUIRED,
        unit="",
        authority="",
        breaks="",
        remedy="",
        cost=Cost.SERVER,
    )


ALL = tuple(_behaviour(name) for name in ("net.mtu.interface", "net.mtu.path_internal", "boot.time_to_ssh"))


@pytest.mark.parametrize(
    ("only", "without", "left"),
    [
        ((), (), 3),
        (("net",), (), 2),
        (("net.*",), ("*.interface",), 1),
        (("boot.time_to_ssh",), (), 1),
        ((), ("net",), 1),
    ],
)
def test_patterns_take_ids_and_areas(only: tuple[str, ...], without: tuple[str, ...], left: int) -> None:
    assert len(in_scope(ALL, only=only, without=without)) == left


def test_a_pattern_that_matches_nothing_is_an_error() -> None:
    with pytest.raises(UsageError, match="nett"):
        in_scope(ALL, only=("nett.*",), without=())


def test_a_cloud_compared_with_itself_gets_two_labels() -> None:
    assert labels(("onprem", "public")) == ("onprem", "public")
    first, second = labels(("onprem", "onprem"))
    assert first != second
