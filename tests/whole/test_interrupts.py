"""Ctrl-C at any stage: the program ends soon, and nothing of it is left on the clouds or on this machine."""

import signal

import pytest

from tests.whole.conftest import Lab
from tests.whole.interrupting import Running, processes_with, start

pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    # The client warns of its own old ways; they are not ours to mend.
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

SOON = 60.0
"""Seconds; on an idle machine it is a few."""
CLOUDS = ("onprem", "public")


def listings(lab: Lab) -> dict[str, dict[str, int]]:
    return {cloud: lab.listing(cloud) for cloud in CLOUDS}


def compare(lab: Lab, *words: str) -> Running:
    return start(lab, "compare", "three-tier", *CLOUDS, "-r", "1", *words)


def newest_run(lab: Lab) -> str:
    return max(path.name for path in lab.runs.iterdir())


def test_before_anything_is_made_nothing_is_written(lab: Lab) -> None:
    runs = set(lab.runs.glob("*"))
    running = compare(lab)
    running.wait_for("onprem: check …")
    running.interrupt()
    code, _ = running.ended(SOON)
    assert code == 130
    assert "interrupted before anything was made" in running.told
    assert set(lab.runs.glob("*")) == runs


@pytest.mark.parametrize(
    ("stage", "signals"),
    [
        ("both: boot canaries …", (signal.SIGINT,)),
        ("onprem: deploy …", (signal.SIGINT, signal.SIGTERM)),
        ("onprem: configure …", (signal.SIGTERM,)),
        ("both: observe …", (signal.SIGINT,)),
    ],
)
def test_a_stage_ends_soon_and_all_is_removed(lab: Lab, stage: str, signals: tuple[int, ...]) -> None:
    before = listings(lab)
    running = compare(lab)
    running.wait_for(stage)
    for number in signals:  # different ones: the same twice may arrive as one (signal(7))
        running.interrupt(number)
    code, _ = running.ended(SOON)
    assert code == 130, running.told
    assert "Traceback" not in running.told
    assert listings(lab) == before
    run = newest_run(lab)
    assert processes_with(run) == []
    assert not (lab.runs / run / "key").exists()
    again = lab.run("report", run, "--runs", str(lab.runs))
    assert again.returncode == 0, again.stderr
    assert "INCONCLUSIVE" in again.stdout


def test_a_third_press_says_how_to_sweep_and_the_sweep_does(lab: Lab) -> None:
    before = listings(lab)
    running = compare(lab)
    running.wait_for("onprem: configure …")
    running.interrupt()
    running.wait_for("tear down …")
    running.interrupt(signal.SIGINT)
    running.interrupt(signal.SIGTERM)
    code, _ = running.ended(SOON)
    run = newest_run(lab)
    assert code == 130
    for cloud in CLOUDS:
        assert f"portability sweep {cloud} --run {run} --yes" in running.told
        swept = lab.run("sweep", cloud, "--run", run, "--yes")
        assert swept.returncode == 0, swept.stderr
    assert listings(lab) == before
