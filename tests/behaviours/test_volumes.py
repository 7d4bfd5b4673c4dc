"""Volumes: where they appear, and their life on a fake cloud with scripted servers."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.behaviours.net.port_security import spoof
from portability.behaviours.views import Place, ScratchView
from portability.behaviours.vol.devices import Appearance, appearance, bus, id_form
from portability.behaviours.vol.life import life
from portability.cloud.protocol import Kind
from portability.errors import CommandFailed, Refused
from portability.guest.shell import CommandResult
from portability.model.observation import Measured, Unknown
from tests.behaviours.made import binding, deployment, outcomes, read, server_facts
from tests.deploy.fake_cloud import FakeCloud

ID = "65953b61-0af1-42f6-a0c5-6d2d7e0f1a2b"
BEFORE = "node /dev/vda\nlink virtio-rootdisk /dev/vda\n"


def test_a_volume_is_known_by_the_first_twenty_characters_of_its_id() -> None:
    after = f"{BEFORE}node /dev/vdc\nlink virtio-{ID[:20]} /dev/vdc\n"
    assert appearance(BEFORE, after, volume_id=ID) == Appearance(node="/dev/vdc", links=(f"virtio-{ID[:20]}",))


def test_its_id_tells_it_from_another_that_came_at_the_same_time() -> None:
    link = f"link scsi-0QEMU_QEMU_HARDDISK_{ID} /dev/sdb\n"
    both = f"{BEFORE}node /dev/sdb\nnode /dev/sdc\n"
    found = appearance(BEFORE, both + link, volume_id=ID)
    assert found is not None
    assert found.node == "/dev/sdb"
    assert appearance(BEFORE, both, volume_id=ID) is None


def test_without_a_link_the_one_new_node_is_it() -> None:
    assert appearance(BEFORE, f"{BEFORE}node /dev/vdb\n", volume_id=ID) == Appearance(node="/dev/vdb", links=())
    assert appearance(BEFORE, BEFORE, volume_id=ID) is None


def test_links_to_partitions_do_not_confuse() -> None:
    after = f"{BEFORE}node /dev/vdb\nlink virtio-{ID[:20]} /dev/vdb\nlink virtio-{ID[:20]}-part1 /dev/vdb1\n"
    found = appearance(BEFORE, after, volume_id=ID)
    assert found is not None
    assert found.node == "/dev/vdb"


@pytest.mark.parametrize(
    ("links", "form"),
    [
        ((f"virtio-{ID[:20]}",), "20-char prefix"),
        ((f"scsi-0QEMU_QEMU_HARDDISK_{ID}", f"scsi-SQEMU_{ID[:20]}"), "full-uuid"),
        (("wwn-0x5000",), "none"),
        ((), "none"),
    ],
)
def test_the_form_of_the_id_is_told(links: tuple[str, ...], form: str) -> None:
    assert id_form(links, ID) == form


@given(st.uuids().map(str), st.integers(min_value=0, max_value=19))
def test_less_than_twenty_characters_are_no_id(volume_id: str, length: int) -> None:
    assert id_form((f"virtio-{volume_id[:length]}",), volume_id) == "none"


def test_the_bus_shows_in_the_name() -> None:
    nodes = ("/dev/vdb", "/dev/sdb", "/dev/nvme1n1", "/dev/xvdf", "/dev/dm-0")
    assert [bus(node) for node in nodes] == ["virtio-blk", "scsi", "nvme", "xen", "other"]


class DiskShell:
    """A server whose /dev follows what the fake cloud has attached to it, and whose disks remember."""

    def __init__(self, cloud: FakeCloud, name: str, written: dict[str, str]) -> None:
        self.name = name
        self._cloud = cloud
        self._written = written

    def run(self, script: str, **_: object) -> CommandResult:
        return CommandResult(status=0, stdout=self._answer(script), stderr="", seconds=0.01)

    def close(self) -> None:
        pass

    def _answer(self, script: str) -> str:
        if script.startswith("python3"):
            return json.dumps(self._disk(script.split()[2:]))
        volumes = [
            thing.resource.id
            for thing in self._cloud.things.values()
            if thing.resource.kind is Kind.VOLUME and thing.attached_to == f"id-of-{self.name}"
        ]
        return BEFORE + "".join(f"node /dev/vdb\nlink virtio-{one[:20]} /dev/vdb\n" for one in volumes)

    def _disk(self, arguments: list[str]) -> Any:
        match arguments:
            case ["write", node, seed]:
                self._written[node] = f"sum of {seed}"
                return self._written[node]
            case ["read", node]:
                return self._written.get(node, "sum of nothing")
            case ["fsync", _, count]:
                return [0.5] * int(count)
        raise AssertionError(arguments)


def view(cloud: FakeCloud, *, disks: tuple[dict[str, str], dict[str, str]] | None = None) -> ScratchView:
    shared: dict[str, str] = {}
    places = []
    for role, written in zip(("db-0", "web-0"), disks or (shared, shared), strict=True):
        server = cloud.plant(Kind.SERVER, f"pb-x-{role}")
        thing = cloud.things.pop(server.id)
        # The id by which the scripted shell looks for what is attached.
        cloud.things[f"id-of-{role}"] = thing
        told = server_facts()

        told = dataclasses.replace(told, server=dataclasses.replace(told.server, id=f"id-of-{role}", role=role))
        places.append(Place(told=told, shell=DiskShell(cloud, role, written)))
    return ScratchView(
        cloud=cloud,
        binding=binding(),
        deployment=deployment(),
        prefix="pb-x-",
        description="a test",
        places=tuple(places),
    )


def test_a_volume_goes_to_and_fro_and_is_deleted() -> None:
    cloud = FakeCloud()
    readings = read(life, view(cloud))
    found = {reading.behaviour: reading.outcome for reading in readings}
    # The fake cloud's ids are shorter than twenty characters.
    assert found["vol.device.by_id"] == Measured(value="full-uuid")
    assert found["vol.bus"] == Measured(value="virtio-blk")
    assert found["vol.data_survives_move"] == Measured(value=True)
    assert sum(reading.behaviour == "vol.perf.fsync" for reading in readings) == 100
    for behaviour in ("vol.attach.time", "vol.detach.time"):
        assert sum(reading.behaviour == behaviour for reading in readings) == 6
    assert cloud.names(Kind.VOLUME) == []


def test_data_that_is_not_there_on_the_other_server_is_told() -> None:
    (reading,) = [r for r in read(life, view(FakeCloud(), disks=({}, {}))) if r.behaviour == "vol.data_survives_move"]
    assert reading.outcome == Measured(value=False)


def test_a_probe_that_breaks_leaves_no_volume() -> None:
    cloud = FakeCloud()
    cloud.failures["detach_volume"] = [Refused("fake", "no", status=409)]
    with pytest.raises(Refused):
        read(life, view(cloud))
    assert cloud.names(Kind.VOLUME) == []


class PingShell:
    name = "web-0"

    def __init__(self, status: int) -> None:
        self._status = status
        self.scripts: list[str] = []

    def run(self, script: str, **_: object) -> CommandResult:
        self.scripts.append(script)
        return CommandResult(status=self._status, stdout="", stderr="", seconds=0.0)

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("status", "outcome"), [(0, "passes"), (5, "dropped"), (3, None), (4, None)])
def test_spoofing_is_tried_from_an_address_of_our_own_making(status: int, outcome: str | None) -> None:
    cloud, shell = FakeCloud(), PingShell(status)
    place = Place(told=server_facts("public"), shell=shell)
    whole = view(cloud)

    found = outcomes(spoof, dataclasses.replace(whole, places=(place,)))["net.port_security.spoof"]
    assert found == outcome if outcome else isinstance(found, Unknown)
    assert cloud.calls("create_port") == ["pb-x-spoof-port"]
    assert cloud.names(Kind.PORT) == []
    assert len(shell.scripts) == 1


def test_the_port_goes_also_when_the_server_cannot_be_reached() -> None:
    class BrokenShell(PingShell):
        def run(self, script: str, **_: object) -> CommandResult:
            raise CommandFailed("web-0", ("sh",), 255, "")

    cloud = FakeCloud()

    whole = dataclasses.replace(view(cloud), places=(Place(told=server_facts("public"), shell=BrokenShell(0)),))
    with pytest.raises(CommandFailed):
        read(spoof, whole)
    assert cloud.names(Kind.PORT) == []
