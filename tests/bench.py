"""The performance figures, one line each: `make bench`. Seconds depend on the machine; compare the ratios and counts.

python -m tests.bench            a whole comparison on the lab, and what needs no cloud
python -m tests.bench --no-lab   only what needs no cloud
python -m tests.bench --run DIR  the figures of an earlier run instead of a new one
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from portability.compare.compare import compare
from portability.judge.judge import judge
from portability.model.behaviour import Behaviour, Scale
from portability.model.journal import ApiCalls
from portability.model.observation import Measured, Observation, Value
from portability.model.run import Spent, StageTime, TaskTime, Work
from portability.report.document import build
from portability.report.html import render

PROGRAM = str(Path(sys.executable).parent / "portability")
OBSERVATIONS = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-lab", action="store_true")
    parser.add_argument("--run", type=Path)
    chosen = parser.parse_args()
    for figure, value in (*start_up(), *pure_stages()):
        print(f"{figure:<58} {value}", flush=True)
    if not chosen.no_lab:
        directory = chosen.run or compare_on_lab()
        for figure, value in whole_run(directory):
            print(f"{figure:<58} {value}", flush=True)


def start_up() -> Iterator[tuple[str, str]]:
    """`--help`, which loads no more than the command line."""
    bare = _best(lambda: _run(sys.executable, "-c", "pass"))
    helped = _best(lambda: _run(PROGRAM, "--help"))
    yield "portability --help", f"{helped:.2f} s, {helped / bare:.1f} times an empty Python"


def pure_stages() -> Iterator[tuple[str, str]]:
    """From a journal in memory to the page, with no cloud."""
    from portability.behaviours.catalogue import catalogue
    from tests.report.sample import portable

    run, _ = portable()
    behaviours = catalogue()
    many = tuple(_readings(behaviours, run.info.clouds))
    began = time.process_time()
    comparisons = compare(many, behaviours, run.info.clouds)
    compared = time.process_time()
    verdict = judge(run, comparisons, behaviours)
    judged = time.process_time()
    page = render(build(run, verdict))
    drawn = time.process_time()
    yield f"compare {len(many)} observations", f"{compared - began:.2f} s CPU"
    yield "judge", f"{judged - compared:.2f} s CPU"
    yield "report.html", f"{drawn - judged:.2f} s CPU, {len(page) // 1024} KiB"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    yield "memory of these three at their peak", f"{peak} MiB"


def _readings(behaviours: tuple[Behaviour, ...], clouds: tuple[str, str]) -> Iterator[Observation]:
    """As many of each behaviour on each cloud; quantities scatter by some per cent."""
    scatter = random.Random(1)
    values: dict[Scale, Callable[[], Value]] = {
        Scale.FACT: lambda: True,
        Scale.LIMIT: lambda: 5,
        Scale.QUANTITY: lambda: scatter.gauss(10.0, 0.3),
    }
    for number in range(OBSERVATIONS // (2 * len(behaviours))):
        for behaviour in behaviours:
            for cloud in clouds:
                outcome = Measured(value=values[behaviour.scale]())
                yield Observation(
                    cloud=cloud,
                    behaviour=behaviour.id,
                    subject="canary",
                    outcome=outcome,
                    at="2026-11-23T00:00:00.000+00:00",
                    repetition=number,
                )


def compare_on_lab() -> Path:
    """A whole comparison with three canaries a cloud, on the lab named default."""
    _run(PROGRAM, "lab", "up")
    status = json.loads(_run(PROGRAM, "lab", "status", "--json"))
    runs = Path(tempfile.mkdtemp(prefix="portability-bench-"))
    os.environ["OS_CLIENT_CONFIG_FILE"] = status["clouds_file"]
    _run(PROGRAM, "compare", "three-tier", "onprem", "public", "-r", "3", "--quiet", "--runs", str(runs))
    return next(runs.iterdir())


def whole_run(directory: Path) -> Iterator[tuple[str, str]]:
    """What a run directory tells: where the time went, and what the clouds were asked."""
    from portability.history.store import load_run
    from portability.model.run import Stage
    from portability.observe.journal import read_journal

    run = load_run(directory, read_journal=read_journal)
    stages: tuple[StageTime, ...] = run.of(StageTime)
    total = max(stage.start + stage.seconds for stage in stages)
    drawing = sum(stage.seconds for stage in stages if stage.stage is Stage.REPORT)
    yield "a whole comparison", f"{total:.0f} s, {run.info.repetitions} canaries a cloud"
    for spent in run.of(Spent):
        seconds = spent.seconds + (drawing if spent.work is Work.OWN else 0.0)
        yield f"  {spent.work.value}", f"{seconds:.1f} s, {seconds / total:.1%}"
    for stage in stages:
        yield f"  stage {stage.stage.value} {stage.cloud or ''}", f"{stage.seconds:.1f} s"
    tasks: tuple[TaskTime, ...] = run.of(TaskTime)
    yield "Ansible tasks a cloud", f"{len(tasks) / 2:.0f}"
    for counted in run.of(ApiCalls):
        yield from _calls(counted, servers=run.workload.server_count + run.info.repetitions + 1)


def _calls(counted: ApiCalls, *, servers: int) -> Iterator[tuple[str, str]]:
    total = sum(number for _, number in counted.calls)
    yield f"API calls on {counted.cloud}", f"{total}, {total / servers:.0f} a server, {counted.retries} retries"
    for name, number in sorted(counted.calls, key=lambda call: -call[1])[:5]:
        yield f"  {name}", str(number)


def _best(call: Callable[[], Any], times: int = 5) -> float:
    def timed() -> float:
        began = time.perf_counter()
        call()
        return time.perf_counter() - began

    return min(timed() for _ in range(times))


def _run(*words: str) -> str:
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return ended.stdout


if __name__ == "__main__":
    main()
