"""Both clouds of the lab with servers one logs in to, driven by the real client from empty project to empty project."""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from portability.lab import control, leftovers
from portability.lab.folder import Kind, folder
from tests.fakes.lab import lab_file
from tests.lab_api import making
from tests.lab_api.test_deploy_sequence import census

pytestmark = [pytest.mark.lab, pytest.mark.slow]

NAME = "real-servers"
USER_DATA = base64.b64encode(b"#!/bin/sh\necho told > /var/lib/told\n").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """SSH to one address with one key."""

    address: str
    key: Path

    def __call__(self, command: str) -> str:
        options = ("BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=3")
        flags = [part for option in (*options, "LogLevel=ERROR") for part in ("-o", option)]
        argv = ["ssh", "-i", str(self.key), *flags, f"debian@{self.address}", command]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=90, check=False)
        if done.returncode == 255:
            raise ConnectionError(done.stderr)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout.strip()

    def patiently(self, command: str) -> str:
        retrying = Retrying(
            retry=retry_if_exception_type(ConnectionError),
            stop=stop_after_delay(120),
            wait=wait_fixed(0.5),
            reraise=True,
        )
        return str(retrying(self, command))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if os.geteuid() != 0 or not all(map(shutil.which, ("systemd-nspawn", "nft", "dnsmasq", "ssh", "ssh-keygen"))):
        pytest.skip("needs root and the lab's system packages")
    where = tmp_path_factory.mktemp("labs")
    own = lab_file(where, third_octet=144)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTABILITY_LAB_DIR", str(where))
        try:
            control.up(NAME, file=own, kind=Kind.CONTAINER, say=str)
            yield where
        finally:
            prefixes = tuple(cloud.prefix for cloud in folder(NAME).plan().clouds)
            control.down(NAME, say=str)
    assert leftovers.of(where, prefixes) == []


@pytest.fixture(scope="module")
def key(home: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / "key")], check=True)
    return home / "key"


def connect(home: Path, name: str) -> Any:
    import openstack
    from openstack.config import OpenStackConfig

    config = OpenStackConfig(config_files=[str(home / NAME / "clouds.yaml")], load_envvars=False)
    return openstack.connection.Connection(config=config.get_one(name))


def prepare(cloud: Any, name: str, key: Path) -> tuple[Any, Any]:
    """Key, security group, port, and what is to be taken away afterwards."""
    cloud.compute.create_keypair(name="key", public_key=key.with_suffix(".pub").read_text())
    group = cloud.network.create_security_group(name="ssh")
    cloud.network.create_security_group_rule(
        security_group_id=group.id, direction="ingress", protocol="tcp", port_range_min=22, port_range_max=22
    )
    if name == "onprem":
        net, _, _ = making.routed(cloud, "app", "192.168.77.0/24")
    else:
        [net] = cloud.network.networks(is_shared=True)
    return group, cloud.network.create_port(network_id=net.id, name="web-0", security_groups=[group.id])


def clear(cloud: Any) -> None:
    for address in cloud.network.ips():
        cloud.network.delete_ip(address)
    for volume in cloud.block_storage.volumes():
        cloud.block_storage.delete_volume(volume)
        cloud.block_storage.wait_for_delete(volume, interval=0.1)
    for port in cloud.network.ports(device_owner=""):
        cloud.network.delete_port(port)
    for router in cloud.network.routers():
        for leg in cloud.network.ports(device_id=router.id, device_owner="network:router_interface"):
            cloud.network.remove_interface_from_router(router, port_id=leg.id)
        cloud.network.delete_router(router)
    for net in cloud.network.networks(project_id=cloud.current_project_id):
        cloud.network.delete_network(net)
    cloud.network.delete_security_group(cloud.network.find_security_group("ssh"))
    cloud.compute.delete_keypair("key")


EXPECTED = {
    "onprem": {"datasource": "openstack", "mtu": "1450", "device": "/dev/vdb", "drive": ""},
    "public": {"datasource": "configdrive", "mtu": "1400", "device": "/dev/sdb", "drive": "/dev/sr0"},
}


@pytest.mark.parametrize("name", ["onprem", "public"])
def test_a_server_boots_is_told_who_it_is_and_takes_a_volume(home: Path, key: Path, name: str) -> None:
    cloud = connect(home, name)
    before = census(cloud)
    _, port = prepare(cloud, name, key)
    web = making.server(
        cloud, "web-0", [{"port": port.id}], key_name="key", user_data=USER_DATA, config_drive=name == "public"
    )
    address = port.fixed_ips[0]["ip_address"]
    if name == "onprem":
        outside = making.external(cloud)
        address = cloud.network.create_ip(floating_network_id=outside.id, port_id=port.id).floating_ip_address
    login = Login(address=address, key=key)
    assert login.patiently("sudo cloud-init status --wait >/dev/null; sudo cat /var/lib/told") == "told"
    seen = {
        "datasource": login("cat /run/cloud-init/cloud-id"),
        "mtu": login("cat /sys/class/net/eth0/mtu"),
        "drive": login("readlink -f /dev/disk/by-label/config-2 || true").replace("/dev/disk/by-label/config-2", ""),
    }
    volume = making.volume(cloud, "data")
    attachment = cloud.compute.create_volume_attachment(web, volume_id=volume.id)
    making.wait_volume(cloud, volume, "in-use")
    seen["device"] = attachment.device
    assert seen == EXPECTED[name]
    device = attachment.device
    login(
        f"sudo mkfs.ext4 -q {device} && sudo mount {device} /mnt && echo kept | sudo tee /mnt/file && sudo umount /mnt"
    )

    control.restart(NAME, say=str)
    cloud = connect(home, name)
    assert cloud.compute.get_server(web.id).status == "ACTIVE"
    assert login(f"sudo mount {device} /mnt && cat /mnt/file && sudo umount /mnt").endswith("kept")
    boot = login("cat /proc/sys/kernel/random/boot_id; systemctl show -p UserspaceTimestampMonotonic --value")
    assert boot
    assert "login:" in cloud.compute.get_server_console_output(web)["output"]

    cloud.compute.delete_volume_attachment(web, volume.id)
    making.wait_volume(cloud, volume, "available")
    assert login(f"test -e {device} || echo gone") == "gone"
    making.gone(cloud, web)
    clear(cloud)
    assert census(cloud) == before


def test_both_clouds_work_at_once_and_closed_ports_are_closed(home: Path, key: Path) -> None:
    def boot(name: str) -> tuple[Any, Any]:
        cloud = connect(home, name)
        group, port = prepare(cloud, name, key)
        making.server(cloud, "web-0", [{"port": port.id}], key_name="key", config_drive=True)
        address = port.fixed_ips[0]["ip_address"]
        if name == "onprem":
            outside = making.external(cloud)
            address = cloud.network.create_ip(floating_network_id=outside.id, port_id=port.id).floating_ip_address
        login = Login(address=address, key=key)
        assert login.patiently("hostname") == "web-0"
        for rule in cloud.network.security_group_rules(security_group_id=group.id, direction="ingress"):
            cloud.network.delete_security_group_rule(rule)
        return cloud, login

    with ThreadPoolExecutor(2) as workers:
        for cloud, login in workers.map(boot, ("onprem", "public")):
            closed = Retrying(stop=stop_after_delay(10), wait=wait_fixed(0.2), reraise=True)
            closed(expect_closed, login)
            making.gone(cloud, cloud.compute.find_server("web-0"))
            clear(cloud)


def expect_closed(login: Login) -> None:
    with pytest.raises(ConnectionError):
        login("true")
