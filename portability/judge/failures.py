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
    "timeout": Blame.CLOUD,
    "refused": Blame.CLOUD,
    "unreachable": Blame.CLOUD,
    "configuration": Blame.CLOUD,
    "quota": Blame.RUN,
    "capacity": Blame.RUN,
    "interrupted": Blame.RUN,
    "bug": Blame.RUN,
    "disk": Blame.RUN,
    "left behind": Blame.NOBODY,
}
"""While the workload is brought up and exercised. A quota can be raised, and capacity comes back; any other kind (a
lost connection to the API) says nothing about the workload.
"""

_WORKLOAD_STAGES = {Stage.DEPLOY, Stage.CONFIGURE, Stage.EXERCISE}
_OBSERVING = {Stage.CANARIES, Stage.OBSERVE}
_AFTER_MEASURING = {Stage.TEAR_DOWN, Stage.COMPARE, Stage.JUDGE, Stage.REPORT}
_ENDS_THE_RUN = {"interrupted", "bug", "disk"}


def blame(failure: Failure) -> Blame:
    """Whom the failure tells about; what is not known says nothing about a cloud."""
    if failure.stage in _AFTER_MEASURING:
        return Blame.NOBODY
    if failure.stage in _WORKLOAD_STAGES:
        return _BY_KIND.get(failure.kind, Blame.RUN)
    if failure.stage in _OBSERVING and failure.kind not in _ENDS_THE_RUN:
        return Blame.NOBODY
    return Blame.RUN


def failures_of(run_failures: Iterable[Failure], *, cloud: str, blamed: Blame) -> tuple[Failure, ...]:
    return tuple(failure for failure in run_failures if failure.cloud == cloud and blame(failure) is blamed)
