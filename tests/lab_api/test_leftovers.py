import json
from pathlib import Path

import pytest

from portability.errors import LabError
from portability.lab import kinds, leftovers
from portability.lab.folder import Kind

ROUTES = [
    {"dst": "default", "dev": "eth0"},
    {"dst": "0.0.0.0/0", "dev": "eth0"},
    {"dst": "10.213.16.0/24", "dev": "vpn0"},
    {"dst": "192.0.2.7", "dev": "eth0"},
]


def test_a_range_that_the_host_has_a_route_into_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "run", lambda *argv: json.dumps(ROUTES))
    leftovers.check_range("10.213.17.0/24")
    for cidr in ("10.213.16.128/25", "10.213.0.0/16"):
        with pytest.raises(LabError, match=r"route to 10\.213\.16\.0/24 over vpn0"):
            leftovers.check_range(cidr)


def test_nothing_is_left_of_a_lab_that_never_was(tmp_path: Path) -> None:
    assert leftovers.of(tmp_path, ("zzzz-none",)) == []


def test_missing_programs_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds.shutil, "which", lambda tool, path: None if tool == "nft" else tool)
    with pytest.raises(LabError, match=r"needs nft on this machine.*apt-get install.*nftables"):
        kinds.check_tools(Kind.CONTAINER)
    kinds.check_tools(Kind.IMAGINARY)
