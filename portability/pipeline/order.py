"""The order of the stages, and what is undone when. Read this first.

check -> plan -> boot canaries -> deploy -> configure -> observe -> exercise -> tear down -> compare -> judge -> report
"""

import random
import resource
import time
from pathlib import Path

from portability import __version__, clock
from portability.cloud.names import resource_prefix
from portability.model.event import Listener
from portability.model.plan import Plan
from portability.model.run import RunInfo, Stage
from portability.model.workload import Workload
from portability.pipeline import conclude, stages
from portability.pipeline.recorder import Recorder
from portability.pipeline.request import Request, Result, labels
from portability.pipeline.side import Side
from portability.pipeline.stop import StopSwitch


def plan(request: Request, listener: Listener) -> tuple[Workload, Plan]:
    """The dry run: read both clouds, choose, and say what would happen. Nothing is made."""


def compare(request: Request, listener: Listener, switch: StopSwitch) -> Result:
    pass
