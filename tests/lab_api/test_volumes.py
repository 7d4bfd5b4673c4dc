from typing import Any

import pytest
from openstack import exceptions

from tests.fakes.lab import RunningLab
from tests.lab_api import making


@pytest.fixture(scope="module")
def web(onprem: Any) -> Any:
    net, _ = making.network(onprem, "volumes")
    return making.server(onprem, "web", [{"uuid": net.id}])


def test_a_volume_is_a_sparse_file_of_its_size(lab: RunningLab, onprem: Any) -> None:
    made = making.volume(onprem, "file", size=3, metadata={"run": "1"})
    file = lab.clouds["onprem"].volumes.path(made.id)
    assert (file.stat().st_size, file.stat().st_blocks) == (3 * 1024**3, 0)
    assert (made.volume_type, made.metadata, made.availability_zone) == ("ssd", {"run": "1"}, "nova")
    onprem.block_storage.delete_volume(made)
    onprem.block_storage.wait_for_delete(made, interval=making.SOON)
    assert not file.exists()


def test_an_attached_volume_can_be_neither_deleted_nor_attached_again(onprem: Any, web: Any) -> None:
    made = making.volume(onprem, "busy")
    onprem.compute.create_volume_attachment(web, volume_id=made.id)
    making.wait_volume(onprem, made, "in-use")
    with pytest.raises(exceptions.BadRequestException, match="status must be available or error"):
        onprem.block_storage.delete_volume(made)
    with pytest.raises(exceptions.BadRequestException, match="status must be 'available'"):
        onprem.compute.create_volume_attachment(web, volume_id=made.id)
    onprem.compute.delete_volume_attachment(web, made.id)
    making.wait_volume(onprem, made, "available")
    with pytest.raises(exceptions.NotFoundException):
        onprem.compute.delete_volume_attachment(web, made.id, ignore_missing=False)


def test_device_names_follow_the_order_of_attaching(lab: RunningLab, onprem: Any, web: Any) -> None:
    made = [making.volume(onprem, f"v{number}") for number in range(3)]
    names = []
    for item in made:
        names.append(onprem.compute.create_volume_attachment(web, volume_id=item.id).device)
        making.wait_volume(onprem, item, "in-use")
    assert names == ["/dev/vdb", "/dev/vdc", "/dev/vdd"]
    state = lab.machines["onprem"].state(web.id)
    assert state is not None
    assert [disk.device for disk in state.disks] == names
    assert [item["id"] for item in onprem.compute.get_server(web.id).attached_volumes] == [v.id for v in made]
    for item in made:
        onprem.compute.delete_volume_attachment(web, item.id)
        making.wait_volume(onprem, item, "available")


def test_a_deleted_server_frees_its_volumes_or_takes_them(onprem: Any, web: Any) -> None:
    net = onprem.network.find_network("volumes")
    doomed = making.server(onprem, "doomed", [{"uuid": net.id}])
    kept, taken = making.volume(onprem, "kept"), making.volume(onprem, "taken")
    onprem.compute.create_volume_attachment(doomed, volume_id=kept.id)
    making.wait_volume(onprem, kept, "in-use")
    onprem.compute.create_volume_attachment(doomed, volume_id=taken.id, delete_on_termination=True)
    making.wait_volume(onprem, taken, "in-use")
    making.gone(onprem, doomed)
    making.wait_volume(onprem, kept, "available")
    onprem.block_storage.wait_for_delete(taken, interval=making.SOON)


def test_a_snapshot_holds_the_volume_and_makes_another(lab: RunningLab, onprem: Any) -> None:
    made = making.volume(onprem, "origin")
    lab.clouds["onprem"].volumes.path(made.id).open("r+b").write(b"marker")
    snapshot = onprem.block_storage.create_snapshot(volume_id=made.id, name="s")
    onprem.block_storage.wait_for_status(snapshot, "available", interval=making.SOON)
    with pytest.raises(exceptions.BadRequestException, match="have snapshots"):
        onprem.block_storage.delete_volume(made)
    copy = making.volume(onprem, "copy", size=2, snapshot_id=snapshot.id)
    with lab.clouds["onprem"].volumes.path(copy.id).open("rb") as file:
        assert file.read(6) == b"marker"
    onprem.block_storage.delete_snapshot(snapshot)
    onprem.block_storage.wait_for_delete(snapshot, interval=making.SOON)
    onprem.block_storage.delete_volume(made)


def test_extending_needs_a_larger_size_and_a_free_volume(lab: RunningLab, onprem: Any, web: Any) -> None:
    made = making.volume(onprem, "grows")
    onprem.block_storage.extend_volume(made, 2)
    assert lab.clouds["onprem"].volumes.path(made.id).stat().st_size == 2 * 1024**3
    with pytest.raises(exceptions.BadRequestException, match="must be greater than current size"):
        onprem.block_storage.extend_volume(made, 2)
    onprem.compute.create_volume_attachment(web, volume_id=made.id)
    making.wait_volume(onprem, made, "in-use")
    with pytest.raises(exceptions.BadRequestException, match="to extend"):
        onprem.block_storage.extend_volume(made, 3)
    onprem.compute.delete_volume_attachment(web, made.id)
    making.wait_volume(onprem, made, "available")


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"size": 0}, 400), ({"size": 1, "volume_type": "none"}, 404), ({"size": 1, "availability_zone": "moon"}, 400)],
)
def test_bad_volumes_are_refused(onprem: Any, fields: dict[str, Any], status: int) -> None:
    with pytest.raises(exceptions.HttpException) as refusal:
        onprem.block_storage.create_volume(**fields)
    assert refusal.value.status_code == status


def test_volumes_of_others_are_404(onprem: Any, other: Any) -> None:
    made = making.volume(onprem, "mine")
    with pytest.raises(exceptions.NotFoundException):
        other.block_storage.get_volume(made.id)
    assert list(other.block_storage.volumes()) == []
