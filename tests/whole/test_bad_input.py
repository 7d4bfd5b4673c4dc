"""What goes wrong while servers stand: one message with the way out, the exit code, and nothing left behind."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.conftest import Lab
from tests.whole.interrupting import start

pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    # The client warns of its own old ways; they are not ours to mend.
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

CLOUDS = ("onprem", "public")
SHIPPED = Path(__file__).parent.parent.parent / "workloads" / "three-tier" / "workload.yaml"


def listings(lab: Lab) -> dict[str, dict[str, int]]:
    return {cloud: lab.listing(cloud) for cloud in CLOUDS}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as sink:
        try:
            while True:
                sink.write(bytes(4096))
        except OSError:
            return filler


@pytest.mark.parametrize("stage", ["both: boot canaries …", "onprem: configure …"])
def test_a_full_disk_ends_the_run_and_all_is_removed(lab: Lab, small_disk: Path, stage: str) -> None:
    before = listings(lab)
    runs = small_disk / "runs"
    running = start(Lab(clouds_file=lab.clouds_file, runs=runs), "compare", "three-tier", *CLOUDS, "-r", "1")
    running.wait_for(stage)
    filler = fill(small_disk)
    code, _ = running.ended(120)
    assert code == 69, running.told
    assert "No space left on device" in running.told
    assert "make room on this disk, or choose another with --runs" in running.told
    assert "Traceback" not in running.told
    assert listings(lab) == before
    filler.unlink()
    again = lab.run("report", "--runs", str(runs))
    assert again.returncode == 0, again.stderr
    assert "INCONCLUSIVE" in again.stdout


def test_a_task_that_fails_is_shown_with_its_output(lab: Lab, tmp_path: Path) -> None:
    before = listings(lab)
    (tmp_path / "workload.yaml").write_text(SHIPPED.read_text())
    (tmp_path / "site.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - {name: Look for the licence, command: cat /no/such/licence}\n"
    )
    ended = lab.run(
        *("compare", str(tmp_path / "workload.yaml"), *CLOUDS, "-r", "1"),
        *("--no-exercise", "--json", "--runs", str(lab.runs)),
    )
    assert ended.returncode == 69, ended.stderr  # on both clouds alike: that tells nothing about moving
    failures = json.loads(ended.stdout)["failures"]
    assert {failure["cloud"] for failure in failures} == set(CLOUDS)
    for failure in failures:
        assert failure["kind"] == "configuration"
        assert "'Look for the licence' failed on" in failure["message"]
        assert "/no/such/licence: No such file or directory" in failure["message"]
    assert listings(lab) == before
