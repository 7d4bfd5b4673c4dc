"""The order of the stages, and what is undone when. Read this first.

check -> plan -> boot canaries -> deploy -> configure -> observe -> exercise -> tear down -> compare -> judge -> report
"""

from portability.model.event import Listener
from portability.model.plan import Plan
from portability.pipeline import stages
from portability.pipeline.conclude import conclude
from portability.pipeline.prepare import check_and_plan, open_run
from portability.pipeline.recorder import Recorder
from portability.pipeline.request import Request, Result
from portability.pipeline.stop import StopSwitch


def plan(request: Request, listener: Listener, switch: StopSwitch) -> Plan:
    """The dry run: reads both clouds, chooses, and says what would happen. Nothing is made.

    Raises:
        PortabilityError: a bad file, no connection, an impossible plan.
    """
    prepared = check_and_plan(request, Recorder(listener), switch)
    prepared.close()
    return prepared.plan


def compare(request: Request, listener: Listener, switch: StopSwitch) -> Result:
    """One whole run. An error on one cloud is a result about it: the other goes on, and both are torn down.

    Raises:
        PortabilityError: before anything was made: a bad file, no connection, an impossible plan.
        CannotWrite: the disk is full; what was made is gone all the same.
        LeftBehind: or it is not.
        Interrupted: somebody asked three times to stop, and cleaning up was left off.
    """
    recorder = Recorder(listener)
    prepared = check_and_plan(request, recorder, switch)
    work = open_run(request, prepared, recorder, switch)
    try:
        stages.boot_canaries(work)
        stages.deploy(work)
        stages.configure(work)
        stages.observe(work)
        stages.exercise(work)
    finally:
        try:
            left = stages.tear_down(work)
        finally:
            work.close()
    return conclude(work, left)
