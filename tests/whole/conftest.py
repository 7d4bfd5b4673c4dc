"""A lab of its own for the tests of whole runs: three clouds, two of them alike."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NAME = "whole"
PROGRAM = (str(Path(sys.executable).parent / "portability"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    clouds_file: str
    runs: Path

    def run(self, *words: str, timeout: float = 600, **environment: str) -> "subprocess.CompletedProcess[str]":
        """The program as a user calls it."""
        env = {**os.environ, "OS_CLIENT_CONFIG_FILE": self.clouds_file, **environment}
        return subprocess.run(
            [*PROGRAM, *words],
            env=env,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=self.runs.parent,
            check=False,
        )

    def compare(self, baseline: str, candidate: str, *words: str) -> tuple[dict[str, Any], int]:
        """The verdict, and the exit code."""
        ended = self.run(
            "compare", "three-tier", baseline, candidate, "--json", "--runs", str(self.runs), *words, timeout=900
        )
        assert ended.stdout, ended.stderr
        return json.loads(ended.stdout), ended.returncode

    def listing(self, cloud: str) -> dict[str, int]:
        """How many of each kind there are, as openstacksdk counts them."""
        import openstack

        os.environ["OS_CLIENT_CONFIG_FILE"] = self.clouds_file
        with openstack.connect(cloud=cloud) as sdk:
            lists = {
                "servers": sdk.compute.servers(),
                "volumes": sdk.block_storage.volumes(),
                "ports": sdk.network.ports(),
                "networks": sdk.network.networks(),
                "subnets": sdk.network.subnets(),
                "routers": sdk.network.routers(),
                "floating ips": sdk.network.ips(),
                "security groups": sdk.network.security_groups(),
                "key pairs": sdk.compute.keypairs(),
            }
            return {kind: len(list(found)) for kind, found in lists.items()}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if os.geteuid() != 0:
        pytest.skip("the lab's containers need root")
    declared = Path(__file__).with_name("lab.yaml")
    _lab("down")
    _lab("up", "--file", str(declared))
    status = json.loads(_lab("status", "--json"))
    yield Lab(clouds_file=status["clouds_file"], runs=tmp_path_factory.mktemp("whole") / "runs")
    _lab("down")
    assert traces() == []


def _lab(*words: str) -> str:
    ended = subprocess.run(
        [*PROGRAM, "lab", *words, "--name", NAME], capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def traces() -> list[str]:
    """What this lab left on the machine: processes, mounts, loop devices, files."""
    folder = f"/lab/{NAME}"
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    mounts = Path("/proc/self/mounts").read_text()
    loops = subprocess.run(
        ["losetup", "-l", "-n", "-O", "BACK-FILE"], capture_output=True, text=True, check=True
    ).stdout
    found = [line for text in (processes, mounts, loops) for line in text.splitlines() if f"{folder}/" in line]
    root = Path(os.environ.get("PORTABILITY_LAB_DIR", "/var/lib/portability/lab"))
    return found + [str(path) for path in root.glob(NAME)]
