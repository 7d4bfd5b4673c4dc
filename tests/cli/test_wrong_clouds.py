"""Clouds that cannot be had or do not fit: one message, the way out, the exit code, and nothing made."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.calling import Call
from tests.fakes.lab import RunningLab

pytestmark = pytest.mark.slow


def broken(clouds: dict[str, Any], **changes: Any) -> None:
    """Write a clouds.yaml here in which `public` has another auth section or other settings."""
    auth = changes.pop("auth", {})
    entry = {**clouds["public"], **changes, "auth": {**clouds["public"]["auth"], **auth}}
    Path("clouds.yaml").write_text(yaml.safe_dump({"clouds": {**clouds, "public": entry}}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"auth": {"password": "wrong"}}, ("did not accept user, password and project (401)", "`auth:`")),
        ({"auth": {"auth_url": "http://127.0.0.1:9/v3"}}, ("no answer: Connection refused", "reachable from here?")),
        ({"auth": {"auth_url": "http://keystone.invalid/v3"}}, ("no answer", "reachable from here?")),
        ({"region_name": "Nowhere"}, ("Nova (compute)", "`region_name:`")),
    ],
)
def test_a_cloud_that_cannot_be_entered(
    portability: Call, clouds: dict[str, Any], monkeypatch: pytest.MonkeyPatch, changes: Any, said: tuple[str, ...]
) -> None:
    broken(clouds, **changes)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
    ended = portability("compare", "three-tier", "onprem", "public", "--quiet")
    assert ended.code == 69
    assert "Traceback" not in ended.stderr
    assert "error: public: " in ended.stderr
    for words in said:
        assert words in ended.stderr
    assert not Path("runs").exists()


def test_tls_to_a_port_that_speaks_none(
    portability: Call, clouds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(clouds, auth={"auth_url": clouds["public"]["auth"]["auth_url"].replace("http:", "https:")})
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
    ended = portability("plan", "three-tier", "onprem", "public")
    assert ended.code == 69
    assert "TLS fails" in ended.stderr
    assert "`cacert:`" in ended.stderr


@pytest.mark.parametrize(
    ("cloud", "said"),
    [
        ("noimage", ("no image is debian 12", "there is: Ubuntu 24.04", "clouds.noimage.image")),
        ("noflavor", ("needed are 1 vCPU, 512 MiB and 5 GiB disk", "nano (1 vCPU, 64 MiB, 1 GiB disk)")),
        ("fewservers", ("instances: 4 needed, 3 free, 1 too few", "portability sweep")),
        ("nofloating", ("no way for users to reach a server", "clouds.nofloating.network")),
        ("pubic", ("no cloud 'pubic'", "did you mean 'public'?")),
    ],
)
def test_a_cloud_on_which_it_cannot_be_planned(portability: Call, cloud: str, said: tuple[str, ...]) -> None:
    ended = portability("compare", "three-tier", "onprem", cloud, "--quiet")
    assert ended.code == 64
    for words in said:
        assert words in ended.stderr
    assert not Path("runs").exists()


def test_both_clouds_problems_are_told(
    portability: Call, clouds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(clouds, auth={"password": "wrong"})
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
    ended = portability("plan", "three-tier", "nowhere", "public")
    assert "no cloud 'nowhere'" in ended.stderr
    assert "public: " in ended.stderr
    assert "(401)" in ended.stderr


def test_leftovers_of_an_earlier_run_are_told_by_the_plan(portability: Call, lab: RunningLab) -> None:
    from tests.fakes.lab import connect

    with connect(lab, "onprem") as sdk:
        group = sdk.network.create_security_group(name="pb-1hc4xk2m7q3da-app-group")
        ended = portability("plan", "three-tier", "onprem", "public")
        sdk.network.delete_security_group(group)
    assert ended.code == 0
    assert "1 resource of earlier runs (1hc4xk2m7q3d)" in " ".join(ended.stdout.split())
