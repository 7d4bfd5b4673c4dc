from pathlib import Path

import pytest

from portability.cloud.ledger import Ledger, Step, open_entries, read_ledger
from portability.cloud.protocol import Kind, Resource
from portability.errors import BadFile, CloudError, Refused

SERVER = Resource(kind=Kind.SERVER, id="s1", name="pb-x1a-db-0")


def made() -> Resource:
    return SERVER


def refused() -> Resource:
    raise Refused("onprem", "Quota exceeded", status=403)


def lost() -> Resource:
    raise CloudError("onprem", "no answer")


def test_what_was_made_is_open_with_its_id(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l") as ledger:
        ledger.making("onprem", Kind.SERVER, SERVER.name, made)
    (entry,) = open_entries(read_ledger(tmp_path / "l"), "onprem")
    assert (entry.id, entry.step) == ("s1", Step.CREATED)
    assert open_entries(read_ledger(tmp_path / "l"), "public") == ()


def test_what_was_refused_was_not_made(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l") as ledger, pytest.raises(Refused):
        ledger.making("onprem", Kind.SERVER, SERVER.name, refused)
    assert open_entries(read_ledger(tmp_path / "l"), "onprem") == ()


def test_what_ended_in_a_fault_may_exist_and_has_no_id(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l") as ledger, pytest.raises(CloudError):
        ledger.making("onprem", Kind.SERVER, SERVER.name, lost)
    (entry,) = open_entries(read_ledger(tmp_path / "l"), "onprem")
    assert (entry.id, entry.name) == ("", SERVER.name)


def test_a_floating_ip_that_is_deleted_under_another_name_is_closed_by_its_id(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l") as ledger:
        ledger.write("onprem", Step.CREATED, Kind.FLOATING_IP, "pb-x1a-address portability", "f1")
        ledger.write("onprem", Step.DELETED, Kind.FLOATING_IP, "198.51.100.7", "f1")
    assert open_entries(read_ledger(tmp_path / "l"), "onprem") == ()


def test_the_line_before_is_on_disk_while_the_cloud_is_asked(tmp_path: Path) -> None:
    seen: list[str] = []

    def look() -> Resource:
        seen.extend(entry.name for entry in read_ledger(tmp_path / "l"))
        return SERVER

    with Ledger(tmp_path / "l") as ledger:
        ledger.making("onprem", Kind.SERVER, SERVER.name, look)
    assert seen == [SERVER.name]


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with Ledger(path) as ledger:
        ledger.making("onprem", Kind.SERVER, SERVER.name, made)
    path.write_bytes(path.read_bytes()[:-20])
    assert [entry.step for entry in read_ledger(path)] == [Step.CREATING]


def test_a_broken_line_in_the_middle_is_told_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_text("{}\n")
    with pytest.raises(BadFile, match=r"l:1: no ledger entry"):
        read_ledger(path)
