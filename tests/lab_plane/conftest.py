"""A small cloud's network and two servers on it, real ones: what the lab tests share."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from portability.lab.image import ensure
from portability.lab.machine.container import Containers
from portability.lab.machine.protocol import DiskBus, MachineSpec
from portability.lab.plane.linux import LinuxPlane
from portability.lab.topology import Topology
from tests.lab_plane.topologies import identifier, small_cloud

PREFIX = "pbtest"


@dataclass
class Lab:
    """Two servers, a router between their network and the host's, a metadata service that answers them."""

    plane: LinuxPlane
    machines: Containers
    topology: Topology
    folder: Path
    public_key: str
    gone: list[str] = field(default_factory=list)

    def apply(self, **changes: object) -> None:
        self.topology = replace(self.topology, **changes)  # type: ignore[arg-type]
        self.plane.apply(self.topology)

    def server(self, number: int) -> str:
        return identifier(f"server-{number}")

    def ssh(self, number: int, command: str, *, timeout: float = 30) -> subprocess.CompletedProcess[str]:
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=2", "BatchMode=yes"]
        words = [word for option in options for word in ("-o", option)]
        return subprocess.run(
            ["ssh", "-q", "-i", str(self.folder / "key"), *words, f"debian@10.219.0.{100 + number}", command],
            capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def output(self, number: int, command: str) -> str:
        done = self.ssh(number, command)
        assert done.returncode == 0, f"{command}: {done.returncode} {done.stdout} {done.stderr}"
        return done.stdout.strip()

    def wait_for_ssh(self, number: int) -> None:
        # ssh itself waits up to 2 s for an answer, so this loop does not spin.
        for _ in range(60):
            if self.ssh(number, "true").returncode == 0:
                return
            threading.Event().wait(0.2)
        pytest.fail(f"no SSH; console: {self.machines.console(self.server(number), lines=20)}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if os.geteuid() != 0 or shutil.which("systemd-nspawn") is None:
        pytest.skip("needs root and systemd-nspawn")
    folder = tmp_path_factory.mktemp("lab")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    made = Lab(
        plane=LinuxPlane(PREFIX, folder / "plane"),
        machines=Containers(PREFIX, folder / "machines"),
        topology=small_cloud(),
        folder=folder,
        public_key=(folder / "key.pub").read_text(),
    )
    try:
        made.plane.apply(made.topology)
        listener = made.plane.metadata_socket(identifier("app"))
        assert listener is not None
        threading.Thread(target=_answer_metadata, args=(listener, made.public_key), daemon=True).start()
        made.machines.watch(made.gone.append)
        image = ensure().path
        for number in (0, 1):
            namespace = made.plane.join(made.server(number), (identifier(f"port-{number}"),))
            # One of each: server 0 learns about itself from the service, server 1 from a config drive.
            drive = None if number == 0 else _config_drive(number, made.public_key)
            made.machines.define(
                MachineSpec(
                    id=made.server(number),
                    hostname=f"web-{number}",
                    image=image,
                    vcpus=1,
                    memory_mib=1024,
                    disk_gib=10,
                    disk_bus=(DiskBus.VIRTIO, DiskBus.SCSI)[number],
                    namespace=namespace,
                    config_drive=drive,
                )
            )
            made.machines.start(made.server(number))
        for number in (0, 1):
            made.wait_for_ssh(number)
        yield made
    finally:
        with contextlib.ExitStack() as stack:
            stack.callback(made.plane.tear_down)
            stack.callback(made.machines.tear_down)


def _metadata(number: int, public_key: str) -> dict[str, bytes]:
    port = f"fa:16:3e:19:00:0{number}"
    meta = {"uuid": identifier(f"server-{number}"), "hostname": f"web-{number}.novalocal", "name": f"web-{number}",
            "public_keys": {"key": public_key}}  # fmt: skip
    network = {
        "links": [{"id": "link0", "type": "ovs", "ethernet_mac_address": port, "mtu": 1450}],
        "networks": [{"id": "network0", "link": "link0", "type": "ipv4_dhcp", "network_id": identifier("app")}],
        "services": [],
    }
    return {
        "openstack/latest/meta_data.json": json.dumps(meta).encode(),
        "openstack/latest/network_data.json": json.dumps(network).encode(),
        "openstack/latest/user_data": b"#!/bin/sh\necho told >/root/user_data_ran\necho from-user-data >/dev/console\n",
    }


def _config_drive(number: int, public_key: str) -> dict[str, bytes]:
    return _metadata(number, public_key)


def _answer_metadata(listener: socket.socket, public_key: str) -> None:
    while True:
        connection, peer = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            path = connection.recv(65536).split()[1].decode().strip("/")
            content = _metadata(int(peer[0].split(".")[-1]) - 10, public_key)
            content |= {"openstack": b"latest", "latest/meta-data": b"instance-id\n"}
            content["latest/meta-data/instance-id"] = b"i-0000\n"
            body = content.get(path)
            status = "200 OK" if body is not None else "404 Not Found"
            length = len(body or b"")
            head = f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode() + (body or b""))
