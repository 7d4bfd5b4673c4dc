"""Boot canaries on a fake cloud: what is made and removed, and what a failure becomes."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from portability.cloud.protocol import Kind
from portability.errors import CannotConnect, Refused
from portability.model.event import nobody
from portability.model.journal import Remark
from portability.model.plan import AccessModel
from portability.model.run import CanaryBoot
from portability.observe.canaries import CanaryCloud, boot_canaries
from portability.observe.canary_boot import LARGEST, user_data
from portability.observe.journal import Journal, read_journal
from tests.behaviours.made import binding
from tests.deploy.fake_cloud import FakeCloud
from tests.plan import made


def canary_cloud(cloud: FakeCloud, tmp_path: Path, **changes: Any) -> CanaryCloud:
    return CanaryCloud(
        label=cloud.label,
        cloud=cloud,
        binding=binding(**changes),
        prefix="pb-xa-",
        description="a test",
        public_key="ssh-ed25519 AAAA",
        private_key=str(tmp_path / "key"),
        known_hosts=tmp_path / "known_hosts",
        observer_cidr="192.0.2.1/32",
        patience=0.001,
    )


def boot(tmp_path: Path, *clouds: CanaryCloud, order: tuple[str, ...]) -> tuple[Any, tuple[Any, ...]]:
    with Journal(tmp_path / "journal.jsonl") as journal:
        runs = boot_canaries({cloud.label: cloud for cloud in clouds}, order, journal=journal, listener=nobody)
    return runs, read_journal(tmp_path / "journal.jsonl")


def test_user_data_is_a_cloud_config_of_the_size_that_was_asked_for() -> None:
    whole = user_data(LARGEST)
    assert len(whole) == LARGEST == 49149
    assert whole.startswith(user_data())
    assert all(line.startswith(b"#") for line in whole[len(user_data()) :].splitlines())


@pytest.mark.parametrize("access", list(AccessModel))
def test_servers_that_end_in_error_are_results_and_everything_is_removed(tmp_path: Path, access: AccessModel) -> None:
    cloud = FakeCloud("a")
    cloud.broken_servers = {"canary-0", "canary-1", "canary-2"}
    network = dataclasses.replace(made.EXTERNAL, id="theirs")
    owner = canary_cloud(cloud, tmp_path, access=access, network=network)
    runs, records = boot(tmp_path, owner, order=("a", "a"))
    assert [run.repetition for run in runs["a"]] == [0, 1, 2]
    assert all("No valid host" in run.failure for run in runs["a"])
    assert all(run.timeline.accepted is not None and run.timeline.ssh_login is None for run in runs["a"])
    # The warm-up is not counted.
    assert [r.repetition for r in records if isinstance(r, CanaryBoot)] == [1, 2]
    assert cloud.things == {}


def test_all_names_carry_the_prefix(tmp_path: Path) -> None:
    cloud = FakeCloud("a")
    cloud.broken_servers = {"canary-0", "canary-1"}
    boot(tmp_path, canary_cloud(cloud, tmp_path), order=("a",))
    made_names = [name for method, name in cloud.log if method.startswith("create_")]
    assert len(made_names) >= 8
    assert [name for name in made_names if not name.startswith("pb-xa-canary")] == []
    assert {rule.cidr for _, rule in cloud.rules} == {"192.0.2.1/32"}


def test_user_data_that_is_refused_is_tried_smaller(tmp_path: Path) -> None:
    cloud = FakeCloud("a")
    cloud.broken_servers = {"canary-0", "canary-1"}
    cloud.failures["create_server"] = [Refused("a", "user_data is too long", status=400)] * 2
    runs, _ = boot(tmp_path, canary_cloud(cloud, tmp_path), order=("a",))
    assert runs["a"][0].user_data_size == 16384
    assert runs["a"][0].user_data_refusal.startswith("65532 characters: ")


def test_a_refusal_for_another_reason_is_not_tried_again(tmp_path: Path) -> None:
    cloud = FakeCloud("a")
    cloud.failures["create_server"] = [Refused("a", "Quota exceeded for instances", status=403)] * 9
    runs, _ = boot(tmp_path, canary_cloud(cloud, tmp_path), order=("a",))
    assert ["Quota exceeded" in run.failure for run in runs["a"]] == [True, True]
    assert len(cloud.calls("create_server")) == 2
    assert cloud.things == {}


def test_a_cloud_that_cannot_make_a_network_does_not_stop_the_other(tmp_path: Path) -> None:
    bad, good = FakeCloud("a"), FakeCloud("b")
    bad.failures["create_network"] = [CannotConnect("a", "no route")]
    good.broken_servers = {"canary-0", "canary-1"}
    clouds = (canary_cloud(bad, tmp_path), canary_cloud(good, tmp_path))
    runs, records = boot(tmp_path, *clouds, order=("a", "b"))
    assert "no route" in runs["a"][-1].failure
    assert "No valid host" in runs["b"][-1].failure
    assert any(isinstance(r, Remark) and "no canaries" in r.text for r in records)
    assert bad.things == good.things == {}


def test_what_cannot_be_deleted_is_left_to_the_teardown_and_told(tmp_path: Path) -> None:
    cloud = FakeCloud("a")
    cloud.broken_servers = {"canary-0", "canary-1"}
    cloud.on_call = _refuse_groups
    _, records = boot(tmp_path, canary_cloud(cloud, tmp_path), order=("a",))
    assert cloud.names(Kind.SECURITY_GROUP) == ["pb-xa-canary-group"]
    assert any(isinstance(r, Remark) and "left for the teardown: security group" in r.text for r in records)


def _refuse_groups(method: str, name: str) -> None:
    if method == "delete" and name.endswith("-group"):
        raise Refused("a", "not allowed", status=403)


def test_no_repetitions_means_that_nothing_is_made(tmp_path: Path) -> None:
    cloud = FakeCloud("a")
    runs, records = boot(tmp_path, canary_cloud(cloud, tmp_path), order=())
    assert runs == {"a": ()}
    assert (cloud.log, records) == ([], ())


def test_the_smallest_flavor_with_a_disk_is_taken(tmp_path: Path) -> None:
    diskless = made.flavor("diskless", 1, 256, 0)
    both = canary_cloud(FakeCloud(), tmp_path, flavors=(("web", diskless), ("db", made.FLAVORS[1])))
    assert (both.flavor.name, both.boot_volume) == ("small", None)
    only = canary_cloud(FakeCloud(), tmp_path, flavors=(("web", diskless),))
    assert (only.flavor.name, only.boot_volume) == ("diskless", 5)
