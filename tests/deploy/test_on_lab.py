"""A whole deployment through openstacksdk on an imaginary lab."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portability.cloud.ledger import Ledger, Ledgered, open_entries, read_ledger
from portability.cloud.session import open_cloud
from portability.deploy.census import count_everything, take_census
from portability.deploy.key import make_key
from portability.deploy.provision import provision
from portability.deploy.teardown import tear_down
from portability.model.event import nobody
from portability.plan.load import load_workload
from portability.plan.match import bind
from tests.fakes.lab import RunningLab, imaginary_lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with imaginary_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.mark.parametrize("name", ["onprem", "public"])
def test_a_deployment_stands_and_leaves_no_trace(
    lab: RunningLab, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_file))
    cloud = open_cloud(name, label=name)
    workload = load_workload("three-tier")
    before = count_everything(cloud)
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as ledger:
        deployment = provision(
            Ledgered(cloud, ledger),
            workload=workload,
            binding=bind(workload, cloud.offer()),
            run_id="x1",
            side="a",
            key=make_key(tmp_path / "key"),
            observer_cidr="10.213.16.1/32",
            listener=nobody,
        )
    assert {server.status for server in cloud.servers("pb-x1a-")} == {"ACTIVE"}
    (volume,) = deployment.server("db-0").volumes
    assert volume.api_device == {"onprem": "/dev/vdb", "public": "/dev/sdb"}[name]
    assert len(open_entries(read_ledger(path), name)) == len([e for e in read_ledger(path) if e.step == "created"])
    assert tear_down(cloud, prefix="pb-x1a-", listener=nobody, ledger=read_ledger(path)) == ()
    census = take_census(cloud, before=before, prefix="pb-x1a-")
    assert [line for line in census if line.before != line.after or line.ours_left] == []
    cloud.close()
