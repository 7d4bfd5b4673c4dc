"""What a run was asked to do, and what came of it."""

from dataclasses import dataclass
from pathlib import Path

from portability.cloud.protocol import Resource
from portability.model.journal import Run
from portability.model.units import CloudLabel
from portability.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    workload: str
    """A name or a path."""
    clouds: tuple[str, str]
    """Baseline, candidate, as named in clouds.yaml; may be the same."""
    repetitions: int = 6
    seed: int | None = None
    bindings: Path | None = None
    runs: Path = Path("runs")
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    exercise: bool = True
    keep: bool = False
    observer_cidr: str | None = None
    patience: float = 1.0
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What could not be deleted."""

    cloud: CloudLabel
    cloud_name: str
    """As in clouds.yaml."""
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    directory: Path
    run: Run
    verdict: Verdict
    left: tuple[Left, ...] = ()
    bug: BaseException | None = None
    """An error that nobody expected."""


def labels(clouds: tuple[str, str]) -> tuple[CloudLabel, CloudLabel]:
    """What the clouds are called in this run: their names, told apart where a cloud is compared with itself."""
    baseline, candidate = clouds
    return (baseline, candidate) if baseline != candidate else (f"{baseline}-1", f"{baseline}-2")
