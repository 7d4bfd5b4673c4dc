"""Command lines and files that cannot work are refused before any cloud is asked."""

from pathlib import Path

import pytest

from portability.plan.load import shipped_workloads
from tests.cli.calling import Call, Ended, caller

WORKLOAD = Path(__file__).parent.parent.parent / "workloads" / "three-tier" / "workload.yaml"


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The program in an empty folder where no cloud answers."""
    monkeypatch.chdir(tmp_path)
    Path("clouds.yaml").write_text(
        "clouds:\n"
        "  onprem: {auth: {auth_url: 'http://127.0.0.1:9/v3', username: u, password: p, project_name: p}}\n"
        "  public: {auth: {auth_url: 'http://127.0.0.1:9/v3', username: u, password: p, project_name: p}}\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
    return caller(monkeypatch, capsys)


def compared(call: Call, *words: str, workload: str = "three-tier") -> Ended:
    ended = call("compare", workload, "onprem", "public", *words)
    assert ended.code == 64, ended.stderr
    assert "Traceback" not in ended.stderr
    assert not Path("runs").exists()
    return ended


def test_a_pattern_that_matches_no_behaviour(alone: Call) -> None:
    assert "no behaviour matches 'nett.*'" in compared(alone, "--only", "nett.*").stderr


@pytest.mark.parametrize("cidr", ["10.0.0.300/8", "10.1.2.3/8", "everywhere"])
def test_an_observer_that_is_no_range(alone: Call, cidr: str) -> None:
    assert "198.51.100.7/32" in compared(alone, "--observer-cidr", cidr).stderr


def test_a_slip_in_the_name_of_a_cloud_in_the_bindings(alone: Call) -> None:
    Path("b.yaml").write_text("schema: 1\nclouds:\n  publik:\n    image: x\n")
    ended = compared(alone, "--bindings", "b.yaml")
    assert "b.yaml: clouds.publik" in ended.stderr
    assert "public?" in ended.stderr


def test_a_workload_that_is_not_there(alone: Call) -> None:
    assert ", ".join(shipped_workloads()) in compared(alone, workload="four-tier").stderr
    assert "nothing.yaml: cannot be read: No such file" in compared(alone, workload="./nothing.yaml").stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("vcpu: 1", ("tiers.edge.needs.vcpu", "did you mean vcpus?", "known: vcpus, ram_mib, disk_gib")),
        ("vcpus: lots", ("tiers.edge.needs.vcpus", "found 'lots'")),
    ],
)
def test_a_broken_workload_names_file_line_key_and_what_is_allowed(
    alone: Call, wrong: str, said: tuple[str, ...]
) -> None:
    text = WORKLOAD.read_text()
    line = text[: text.index("vcpus: 1")].count("\n") + 1
    Path("w.yaml").write_text(text.replace("vcpus: 1", wrong, 1))
    ended = compared(alone, workload="./w.yaml")
    for words in (f"w.yaml:{line}: ", *said):
        assert words in ended.stderr


def test_a_wrong_command_line_is_not_called_inconclusive(alone: Call) -> None:
    assert alone("compare", "three-tier", "onprem").code == 64
    assert alone("comparee").code == 64
    assert alone("compare", "three-tier", "a", "b", "-r", "0").code == 64
