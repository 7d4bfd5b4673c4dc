"""Workload files: what is read from a good one, and where the error points in a bad one."""

from pathlib import Path

import pytest
import yaml

from portability.errors import BadFile, UsageError
from portability.model.plan import AccessModel
from portability.model.workload import IPProtocol
from portability.plan.load import load_overrides, load_workload, shipped_workloads
from tests.plan.made import WORKLOAD

REPOSITORY = Path(__file__).parents[2]


def written(tmp_path: Path, *, old: str = "", new: str = "") -> str:
    assert old in WORKLOAD
    file = tmp_path / "shop.yaml"
    file.write_text(WORKLOAD.replace(old, new, 1))
    return str(file)


def test_a_workload_is_found_by_its_name() -> None:
    workload = load_workload("three-tier")
    assert workload.server_count == 4
    assert [flow.name for flow in workload.flows] == [
        "outside->edge tcp/80",
        "edge->app tcp/8080",
        "app->db tcp/5432",
    ]


def test_every_shipped_workload_can_be_read() -> None:
    assert "three-tier" in shipped_workloads()
    for name in shipped_workloads():
        assert load_workload(name).name == name


def test_a_workload_is_read_from_a_path(tmp_path: Path) -> None:
    workload = load_workload(written(tmp_path))
    assert workload.source.endswith("shop.yaml")
    assert workload.tier("db").volumes[0].size_gib == 3
    assert workload.flows[1].protocol is IPProtocol.TCP
    assert len(workload.digest) == 64


def test_a_folder_stands_for_its_workload_file() -> None:
    assert load_workload(str(REPOSITORY / "workloads" / "three-tier")).name == "three-tier"


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'tree-tier' \(did you mean three-tier\?\); there are: three-tier"):
        load_workload("tree-tier")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        load_workload(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "problem"),
    [
        ("count: 2", "cuont: 2", 11, "tiers.db.cuont", "did you mean count?"),
        ("count: 2", "count: 0", 11, "tiers.db.count", "greater than or equal to 1; found 0"),
        ("count: 2", 'count: "2"', 11, "tiers.db.count", "found '2'"),
        ("vcpus: 2, ", "", 12, "tiers.db.needs", "lacks 'vcpus'"),
        ("postgresql", "postgresq", 13, "tiers.db.roles[0]", "did you mean postgresql?"),
        ("size_gib: 3", "size: 3", 15, "tiers.db.volumes.data.size", "did you mean size_gib?"),
        ("  db:\n", "  DB:\n", 10, "tiers.DB", "should match pattern"),
        ("to: web,", "to: wbe,", 17, "flows[0].to", "did you mean web?"),
        ("tcp/5432", "tcp/99999", 18, "flows[1].port", "port from 1 to 65535, as in tcp/80; found 'tcp/99999'"),
        ("tcp/5432", "icmp/1", 18, "flows[1].port", "must be tcp or udp"),
        ("to: db, port: tcp/5432", "to: web, port: tcp/80, x: 1", 18, "flows[1].x", "known: from, to, port, why"),
        ("  port: 80\n", "  port: 81\n", 21, "application.port", "users cannot reach web on port 81"),
        ("entry: web", "entry: front", 20, "application.entry", "no tier is called 'front'"),
        ("schema: 1", "schema: 2", 1, "schema", "input should be 1; found 2"),
        ('"12"', "12.5", 4, "system.version", "must be quoted"),
        ("title: A shop", "title: A shop\ntitle: Two", 4, "title", "is there twice, first on line 3"),
        ("title: A shop", "title: [A shop", 4, "", "is not YAML"),
    ],
)
def test_an_error_points_at_its_line(tmp_path: Path, old: str, new: str, line: int, key: str, problem: str) -> None:
    with pytest.raises(BadFile) as caught:
        load_workload(written(tmp_path, old=old, new=new))
    assert (caught.value.line, caught.value.key) == (line, key)
    assert problem in str(caught.value)


def test_a_whole_number_is_a_version(tmp_path: Path) -> None:
    assert load_workload(written(tmp_path, old='"12"', new="12")).system.version == "12"


def test_an_exercise_must_not_break_the_entry(tmp_path: Path) -> None:
    exercise = "exercises: [{scenario: kill_server, tier: web, rate: 5, before_seconds: 1, after_seconds: 1}]\nflows:"
    with pytest.raises(BadFile, match=r"exercises\[0\].tier: is the entry"):
        load_workload(written(tmp_path, old="flows:", new=exercise))


def test_a_list_is_no_workload(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- 1\n")
    with pytest.raises(BadFile, match=r"holds a list where keys and values are due \(known: schema, name"):
        load_workload(str(tmp_path / "list.yaml"))


def test_no_file_of_choices_means_no_choices() -> None:
    assert load_overrides(None).of("anywhere").image is None


def test_the_example_of_choices_can_be_read() -> None:
    overrides = load_overrides(REPOSITORY / "examples" / "portability.yaml")
    assert overrides.of("onprem").access is AccessModel.FLOATING
    assert overrides.of("onprem").flavor("db") == "m1.medium"
    assert overrides.of("public").compute_zone == "zone-a"
    assert overrides.of("elsewhere").flavors == ()


def test_a_misspelt_choice_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "portability.yaml"
    file.write_text("schema: 1\nclouds:\n  here:\n    flavours: {db: big}\n")
    with pytest.raises(BadFile, match=r"portability.yaml:4: clouds.here.flavours: .*did you mean flavors\?"):
        load_overrides(file)


def test_a_range_that_is_none_is_told(tmp_path: Path) -> None:
    file = tmp_path / "portability.yaml"
    file.write_text("clouds:\n  here:\n    cidr: 10.0.0.1/24\n")
    with pytest.raises(BadFile, match=r":3: clouds.here.cidr: 10.0.0.1/24 has host bits set"):
        load_overrides(file)


def test_the_example_explains_every_choice_there_is() -> None:
    example = yaml.safe_load((REPOSITORY / "examples" / "portability.yaml").read_text())
    shown = {key for cloud in example["clouds"].values() for key in cloud}
    assert shown == {
        "image", "flavors", "access", "network", "cidr", "volume_type", "zones", "user", "config_drive",
    }  # fmt: skip
