"""Where the time of a run went: each moment counted once, for what the run had to wait for."""

from portability.model.run import Spent, Stage
from portability.model.run import Work as Spending
from portability.model.units import Seconds
from portability.pipeline.recorder import Recorder

_BY_STAGE = {
    Stage.CHECK: Spending.WAITING,
    Stage.CANARIES: Spending.SERVERS_BOOT,
    Stage.DEPLOY: Spending.SERVERS_BOOT,
    Stage.CONFIGURE: Spending.ANSIBLE,
    Stage.OBSERVE: Spending.MEASURING,
    Stage.EXERCISE: Spending.MEASURING,
    Stage.TEAR_DOWN: Spending.WAITING,
}
"""What a stage waits for; the stages that are missing are the program's own."""


def spending(recorder: Recorder) -> tuple[Spent, ...]:
    """Seconds by kind of work up to now. Where both clouds are busy at once, the time counts once, for the slower."""
    covered: Seconds = 0.0
    totals = dict.fromkeys(Spending, 0.0)
    for stage, start, end in sorted(recorder.intervals, key=lambda interval: interval[1]):
        kind = _BY_STAGE.get(stage)
        if kind is not None and end > covered:
            totals[kind] += end - max(start, covered)
            covered = max(covered, end)
    totals[Spending.OWN] = recorder.elapsed - sum(totals.values())
    return tuple(Spent(cloud=None, work=kind, seconds=seconds) for kind, seconds in totals.items())
