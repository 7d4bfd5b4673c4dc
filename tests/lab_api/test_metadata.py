import base64
import json
import socket
from typing import Any

import pytest

from portability.lab import metadata
from portability.lab.metadata_service import MetadataService
from portability.lab.plane.imaginary import ImaginaryPlane
from portability.lab.state.compute import Server
from tests.fakes.lab import RunningLab
from tests.lab_api import making

USER_DATA = b"#!/bin/sh\n# \xc3\xa9 kept as it was\r\n"


@pytest.fixture(scope="module")
def web(onprem: Any) -> Any:
    net, _ = making.network(onprem, "meta")
    static, _ = making.network(
        onprem,
        "static",
        "10.50.0.0/24",
        is_dhcp_enabled=False,
        dns_nameservers=["10.50.0.9"],
        host_routes=[{"destination": "10.60.0.0/16", "nexthop": "10.50.0.7"}],
    )
    onprem.compute.create_keypair(name="key", public_key=making.PUBLIC_KEY)
    return making.server(
        onprem,
        "Web 0",
        [{"uuid": net.id}, {"uuid": static.id}],
        key_name="key",
        metadata={"role": "web"},
        user_data=base64.b64encode(USER_DATA).decode(),
        config_drive=True,
    )


def asked(lab: RunningLab, web: Any, path: str) -> bytes | None:
    store = lab.clouds["onprem"].store
    server = store.get(Server, web.id)
    assert server is not None
    return metadata.answer(store, server, metadata.server_ports(store, server), path)


def test_meta_data_says_who_the_server_is(lab: RunningLab, web: Any) -> None:
    found = json.loads(asked(lab, web, "/openstack/latest/meta_data.json") or b"")
    assert (found["uuid"], found["hostname"], found["meta"]) == (web.id, "web-0.novalocal", {"role": "web"})
    assert found["public_keys"] == {"key": making.PUBLIC_KEY}
    assert len(base64.b64decode(found["random_seed"])) == 512


def test_user_data_comes_byte_for_byte(lab: RunningLab, web: Any) -> None:
    assert asked(lab, web, "/openstack/2018-08-27/user_data") == USER_DATA
    assert asked(lab, web, "/latest/user-data") == USER_DATA


def test_network_data_has_links_with_mtu_and_static_addresses(lab: RunningLab, onprem: Any, web: Any) -> None:
    found = json.loads(asked(lab, web, "/openstack/latest/network_data.json") or b"")
    assert [link["mtu"] for link in found["links"]] == [1450, 1450]
    first, second = found["networks"]
    assert (first["type"], "ip_address" in first) == ("ipv4_dhcp", False)
    assert (second["type"], second["netmask"]) == ("ipv4", "255.255.255.0")
    assert second["ip_address"] in {entry["addr"] for entry in web.addresses["static"]}
    assert {"network": "10.60.0.0", "netmask": "255.255.0.0", "gateway": "10.50.0.7"} in second["routes"]
    assert {"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.50.0.1"} in second["routes"]
    assert found["services"] == [{"type": "dns", "address": "10.50.0.9"}]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/", b"2009-04-04"),
        ("/openstack", b"latest"),
        ("/openstack/latest/", b"meta_data.json"),
        ("/openstack/latest/vendor_data2.json", b"{}"),
        ("/latest/", b"meta-data/"),
        ("/latest/meta-data/", b"public-keys/"),
        ("/latest/meta-data/public-keys/", b"0=key"),
        ("/latest/meta-data/public-keys/0/openssh-key", b"ssh-ed25519"),
        ("/2009-04-04/meta-data/hostname", b"web-0.novalocal"),
        ("/latest/meta-data/placement/availability-zone", b"nova"),
    ],
)
def test_the_tree_can_be_walked(lab: RunningLab, web: Any, path: str, part: bytes) -> None:
    assert part in (asked(lab, web, path) or b"")


@pytest.mark.parametrize("path", ["/nothing", "/openstack/1999-01-01/meta_data.json", "/latest/meta-data/nothing"])
def test_what_is_not_there_is_not_there(lab: RunningLab, web: Any, path: str) -> None:
    assert asked(lab, web, path) is None


def test_the_address_tells_the_server_and_the_network_too(lab: RunningLab, onprem: Any, web: Any) -> None:
    store = lab.clouds["onprem"].store
    [port] = onprem.network.ports(device_id=web.id, network_id=onprem.network.find_network("meta").id)
    address = port.fixed_ips[0]["ip_address"]
    found = metadata.asking_server(store, port.network_id, address)
    assert found is not None
    assert found[0].id == web.id
    assert metadata.asking_server(store, "another-network", address) is None


def test_the_config_drive_has_the_same_content(lab: RunningLab, web: Any) -> None:
    store = lab.clouds["onprem"].store
    server = store.get(Server, web.id)
    assert server is not None
    files = metadata.config_drive(store, server, metadata.server_ports(store, server))
    assert files["openstack/latest/user_data"] == USER_DATA
    assert json.loads(files["openstack/latest/meta_data.json"])["uuid"] == web.id
    assert json.loads(files["ec2/latest/meta-data.json"])["instance-type"] == "m1.tiny"


class LoopbackPlane(ImaginaryPlane):
    """Gives out one real socket, on the loopback address."""

    def __init__(self) -> None:
        super().__init__()
        self.listener = socket.create_server(("127.0.0.1", 0))

    def metadata_socket(self, network_id: str) -> socket.socket | None:
        return self.listener


def test_the_service_answers_several_requests_on_one_connection() -> None:
    plane = LoopbackPlane()
    port = plane.listener.getsockname()[1]
    service = MetadataService(
        plane, lambda net, address, path: f"{net} {address} {path}".encode() if path != "/no" else None
    )
    service.serve({"net-1"})
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        stream = client.makefile("rwb")
        for path, status, body in (("/a", b"200", b"net-1 127.0.0.1 /a"), ("/no", b"404", b""), ("/b", b"200", b"/b")):
            stream.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            stream.flush()
            assert status in stream.readline()
            length = 0
            while (line := stream.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert body in stream.read(length)
    service.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)
