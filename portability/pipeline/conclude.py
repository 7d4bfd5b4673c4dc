"""From the journal to the verdict and the reports: no cloud is asked any more."""

import resource
from pathlib import Path

from portability.behaviours.catalogue import catalogue
from portability.cloud.protocol import Resource
from portability.compare.compare import compare as compare_observations
from portability.history.store import RunDir, load_run
from portability.judge.judge import judge
from portability.model.behaviour import Behaviour
from portability.model.journal import Run
from portability.model.observation import Observation
from portability.model.run import Spent, Stage, StageTime
from portability.model.run import Work as Spending
from portability.model.units import CloudLabel
from portability.model.verdict import Verdict
from portability.observe.journal import read_journal
from portability.pipeline.request import Result
from portability.pipeline.scope import in_scope
from portability.pipeline.work import Work
