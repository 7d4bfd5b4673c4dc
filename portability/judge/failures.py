"""Which failed stages tell something about a cloud, and which only about the run."""

from collections.abc import Iterable
from enum import StrEnum

from portability.model.run import Stage
from portability.model.verdict import Failure


class Blame(StrEnum):
    CLOUD = "cloud"
    """The workload does not work there."""
    RUN = "run"
    """The run did not get so far as to tell."""
    NOBODY = "nobody"
    """The verdict stands without it: what it kept from being observed is not tested, and says so."""


_BY_KIND = {
    "interrupted": Blame.RUN,
    "bug": Blame.RUN,
    "quota": Blame.RUN,
    "capacity": Blame.RUN,
    "left behind": Blame.NOBODY,
}
"""Kinds that tell who is to blame whatever the stage: a quota can be raised, and capacity comes back."""

_BY_STAGE: dict[str, Blame] = {
    Stage.CHECK: Blame.RUN,
    Stage.PLAN: Blame.RUN,
    Stage.CANARIES: Blame.NOBODY,
    Stage.DEPLOY: Blame.CLOUD,
    Stage.CONFIGURE: Blame.CLOUD,
    Stage.OBSERVE: Blame.NOBODY,
    Stage.EXERCISE: Blame.CLOUD,
    Stage.TEAR_DOWN: Blame.NOBODY,
    Stage.COMPARE: Blame.NOBODY,
    Stage.JUDGE: Blame.NOBODY,
    Stage.REPORT: Blame.NOBODY,
}

_AFTER_MEASURING = {Stage.TEAR_DOWN, Stage.COMPARE, Stage.JUDGE, Stage.REPORT}


def blame(failure: Failure) -> Blame:
    """Whom the failure tells about. A stage that is not known says nothing about a cloud."""
    if failure.stage in _AFTER_MEASURING:
        return Blame.NOBODY
    return _BY_KIND.get(failure.kind) or _BY_STAGE.get(failure.stage, Blame.RUN)


def failures_of(run_failures: Iterable[Failure], *, cloud: str, blamed: Blame) -> tuple[Failure, ...]:
    return tuple(failure for failure in run_failures if failure.cloud == cloud and blame(failure) is blamed)
