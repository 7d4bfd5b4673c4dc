"""What the roles are told about servers, and how ssh is to reach them."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from portability.configure.connection import Connection
from portability.configure.inventory import inventory
from portability.plan.load import load_workload
from tests.configure.made import VOLUME, deployment


def made(*, is_direct: bool = False) -> dict[str, Any]:
    stands = deployment(is_direct=is_direct)
    connection = Connection(deployment=stands, known_hosts=Path("/runs/r 1/known%hosts"), sockets=Path("/tmp/pb-x"))
    whole: dict[str, Any] = inventory(
        stands, load_workload("three-tier"), secrets=Path("/runs/r1/secrets.json"), connection=connection
    )["all"]
    return whole


def test_each_tier_is_a_group_and_so_is_the_entry() -> None:
    groups = {name: list(group["hosts"]) for name, group in made()["children"].items()}
    assert groups == {"edge": ["edge-0"], "app": ["app-0", "app-1"], "db": ["db-0"], "entry": ["edge-0"]}


def test_the_flows_tell_who_asks_whom() -> None:
    hosts = made()["hosts"]
    assert hosts["edge-0"]["serves"] == [{"port": 80, "sources": []}]
    assert hosts["db-0"]["serves"] == [{"port": 5432, "sources": ["10.0.0.20", "10.0.0.21"]}]
    assert hosts["edge-0"]["calls"] == [
        {
            "tier": "app",
            "port": 8080,
            "servers": [{"name": "app-0", "address": "10.0.0.20"}, {"name": "app-1", "address": "10.0.0.21"}],
        }
    ]
    assert hosts["db-0"]["calls"] == []


def test_volumes_are_named_by_their_id_and_by_no_device() -> None:
    assert made()["hosts"]["db-0"]["volumes"] == [{"name": "data", "id": VOLUME.volume_id}]
    assert VOLUME.api_device is not None
    assert VOLUME.api_device not in str(made())


def test_no_secret_is_in_the_inventory_but_the_file_that_holds_them() -> None:
    assert made()["vars"]["secrets_file"] == "/runs/r1/secrets.json"
    assert "password" not in str(made()).lower().replace("batchmode", "")


@pytest.mark.parametrize("role", ["app-0", "db-0"])
def test_servers_without_an_address_are_reached_through_the_entry(role: str) -> None:
    host = made()["hosts"][role]
    words = shlex.split(host["ansible_ssh_common_args"])
    (proxy,) = [word for word in words if word.startswith("ProxyCommand=")]
    assert host["ansible_host"] == deployment().server(role).fixed_ip
    jump = shlex.split(proxy.removeprefix("ProxyCommand="))
    assert jump[0] == "ssh"
    assert jump[-3:] == ["-W", "[%h]:%p", "203.0.113.7"]
    assert "HostKeyAlias=pb-run1a-edge-0" in jump
    assert "HostKeyAlias=pb-run1a-" + role in words


def test_nobody_jumps_where_all_have_addresses() -> None:
    assert "ProxyCommand" not in str(made(is_direct=True))
    assert "ProxyCommand" not in made()["hosts"]["edge-0"]["ansible_ssh_common_args"]


@pytest.mark.parametrize("role", ["edge-0", "db-0"])
def test_only_pinned_host_keys_are_believed(role: str) -> None:
    words = shlex.split(made()["hosts"][role]["ansible_ssh_common_args"])
    assert "StrictHostKeyChecking=yes" in words
    # ssh reads quotes and percent signs in this option itself.
    assert 'UserKnownHostsFile="/runs/r 1/known%%hosts"' in words
    assert "no" not in {word.partition("=")[2] for word in words if word.startswith("StrictHostKey")}
