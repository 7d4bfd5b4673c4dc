import threading
from pathlib import Path
from typing import Any

from tests.fakes.lab import connect, imaginary_lab
from tests.lab_api import making


def shown(cloud: Any) -> dict[str, Any]:
    return {
        "servers": [(s.id, s.status, s.addresses, s.tags, s.attached_volumes) for s in cloud.compute.servers()],
        "networks": [item.to_dict() | {"location": None} for item in cloud.network.networks()],
        "ports": [item.to_dict() | {"location": None} for item in cloud.network.ports()],
        "routers": [item.to_dict() | {"location": None} for item in cloud.network.routers()],
        "floating": [item.to_dict() | {"location": None} for item in cloud.network.ips()],
        "rules": sorted(item.id for item in cloud.network.security_group_rules()),
        "volumes": [(v.id, v.status, v.attachments) for v in cloud.block_storage.volumes()],
        "flavors": [item.id for item in cloud.compute.flavors()],
        "images": [item.id for item in cloud.image.images()],
        "keys": [item.fingerprint for item in cloud.compute.keypairs()],
    }


def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    with imaginary_lab(tmp_path) as lab:
        cloud = connect(lab)
        net, _, _ = making.routed(cloud, "kept")
        port = cloud.network.create_port(network_id=net.id)
        cloud.network.create_ip(floating_network_id=making.external(cloud).id, port_id=port.id)
        cloud.compute.create_keypair(name="key", public_key=making.PUBLIC_KEY)
        web = making.server(cloud, "web", [{"port": port.id}], tags=["kept"])
        volume = making.volume(cloud, "kept")
        cloud.compute.create_volume_attachment(web, volume_id=volume.id)
        making.wait_volume(cloud, volume, "in-use")
        before, token = shown(cloud), cloud.auth_token
        topology = lab.planes["onprem"].topology
    with imaginary_lab(tmp_path) as lab:
        cloud = connect(lab)
        assert shown(cloud) == before
        lab.clouds["onprem"].network.settle()
        assert lab.planes["onprem"].topology == topology, "the plane is told again after a restart"
        answer = cloud.session.get(f"{cloud.compute.get_endpoint()}/servers", headers={"x-auth-token": token})
        assert answer.status_code == 200, "tokens outlive the process"


def test_what_was_under_way_is_finished_after_a_crash(tmp_path: Path) -> None:
    with imaginary_lab(tmp_path) as lab:
        cloud = connect(lab)
        net, _ = making.network(cloud, "net")
        blocked = threading.Event()
        lab.machines["onprem"].before_start = blocked.wait
        building = making.server(cloud, "building", [{"uuid": net.id}], wait=False)
        assert cloud.compute.get_server(building.id).status == "BUILD"
        copy = tmp_path / "after-crash"
        # What a killed process leaves is what its files hold now.
        copy_state(tmp_path, copy)
        blocked.set()
    with imaginary_lab(copy) as lab:
        cloud = connect(lab)
        cloud.compute.wait_for_server(cloud.compute.get_server(building.id), interval=making.SOON, wait=10)
        assert len(list(cloud.network.ports(device_id=building.id))) == 1, "the half-made port was used, not doubled"


def test_a_machine_that_died_with_the_host_is_shutoff(tmp_path: Path) -> None:
    with imaginary_lab(tmp_path) as lab:
        cloud = connect(lab)
        net, _ = making.network(cloud, "net")
        web = making.server(cloud, "web", [{"uuid": net.id}])
        lab.machines["onprem"].stop(web.id, grace=0)
    with imaginary_lab(tmp_path) as lab:
        assert connect(lab).compute.get_server(web.id).status == "SHUTOFF"


def copy_state(source: Path, target: Path) -> None:
    for cloud in ("onprem", "public"):
        (target / cloud).mkdir(parents=True)
        for file in (source / cloud).glob("state.sqlite*"):
            (target / cloud / file.name).write_bytes(file.read_bytes())
