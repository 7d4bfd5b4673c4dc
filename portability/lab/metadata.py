"""What a server is told about itself, by the metadata service and by its config drive."""

import base64
import ipaddress
import json
import secrets
from typing import Any

from portability.lab.state.compute import Server
from portability.lab.state.network import Network, Port, Subnet
from portability.lab.state.store import Store

VERSIONS = (
    "2012-08-10",
    "2013-04-04",
    "2013-10-17",
    "2015-10-15",
    "2016-06-30",
    "2016-10-06",
    "2017-02-22",
    "2018-08-27",
    "2020-10-14",
    "latest",
)
"""Nova's, nova/api/metadata/base.py."""
EC2_VERSIONS = (
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "latest",
)
DHCP_DOMAIN = "novalocal"
"""Nova's default `dhcp_domain`; Neutron's DNS says openstacklocal. Clouds that leave both so differ here."""


def openstack_files(store: Store, server: Server, ports: tuple[Port, ...]) -> dict[str, bytes]:
    """Path below the root of drive or service to content, for the OpenStack half of the tree."""
    files: dict[str, bytes] = {
        "meta_data.json": _json(_meta_data(server)),
        "network_data.json": _json(network_data(store, ports)),
        "vendor_data.json": _json({}),
        "vendor_data2.json": _json({}),
    }
    if server.user_data is not None:
        files["user_data"] = base64.b64decode(server.user_data)
    return {f"openstack/{version}/{name}": content for version in VERSIONS for name, content in files.items()}


def config_drive(store: Store, server: Server, ports: tuple[Port, ...]) -> dict[str, bytes]:
    """All files of a config drive."""
    files = openstack_files(store, server, ports)
    data = _json(_ec2_data(server, ports))
    for version in ("2009-04-04", "latest"):
        files[f"ec2/{version}/meta-data.json"] = data
        if server.user_data is not None:
            files[f"ec2/{version}/user-data"] = base64.b64decode(server.user_data)
    return files


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _meta_data(server: Server) -> dict[str, Any]:
    data: dict[str, Any] = {
        "uuid": server.id,
        "name": server.name,
        "hostname": f"{server.hostname}.{DHCP_DOMAIN}",
        "availability_zone": server.zone,
        "launch_index": server.launch_index,
        "project_id": server.project_id,
        "devices": [],
        "dedicated_cpus": [],
        "random_seed": base64.b64encode(secrets.token_bytes(512)).decode(),
    }
    if server.metadata:
        data["meta"] = dict(server.metadata)
    if server.key_name and server.public_key:
        data["public_keys"] = {server.key_name: server.public_key}
        data["keys"] = [{"name": server.key_name, "type": "ssh", "data": server.public_key}]
    return data


def network_data(store: Store, ports: tuple[Port, ...]) -> dict[str, Any]:
    """Links, networks and name servers in the form of Nova's network_data.json schema."""
    links: list[dict[str, Any]] = []
    networks: list[dict[str, Any]] = []
    services: list[dict[str, str]] = []
    for port in ports:
        network = store.get(Network, port.network_id)
        link_id = f"tap{port.id[:11]}"
        links.append(
            {
                "id": link_id,
                "vif_id": port.id,
                "type": "bridge",
                "mtu": network.mtu if network else 1500,
                "ethernet_mac_address": port.mac,
            }
        )
        for ip in port.fixed_ips:
            subnet = store.get(Subnet, ip.subnet_id)
            if subnet is None:
                continue
            networks.append(_network_entry(port, subnet, ip.ip_address, link_id, len(networks)))
            services += [{"type": "dns", "address": address} for address in subnet.dns_servers]
    return {"links": links, "networks": networks, "services": services}


def _network_entry(port: Port, subnet: Subnet, address: str, link_id: str, number: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": f"network{number}", "link": link_id, "network_id": port.network_id}
    if subnet.dhcp:
        return {**entry, "type": "ipv4_dhcp"}
    routes = []
    if subnet.gateway_ip:
        routes.append({"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": subnet.gateway_ip})
    for route in subnet.host_routes:
        target = ipaddress.ip_network(route.destination)
        routes.append(
            {"network": str(target.network_address), "netmask": str(target.netmask), "gateway": route.nexthop}
        )
    return {
        **entry,
        "type": "ipv4",
        "ip_address": address,
        "netmask": str(ipaddress.ip_network(subnet.cidr).netmask),
        "routes": routes,
        "services": [{"type": "dns", "address": server} for server in subnet.dns_servers],
    }


def _ec2_data(server: Server, ports: tuple[Port, ...]) -> dict[str, Any]:
    address = next((ip.ip_address for port in ports for ip in port.fixed_ips), "")
    hostname = f"{server.hostname}.{DHCP_DOMAIN}"
    data: dict[str, Any] = {
        "ami-id": f"ami-{int(server.image_id[:8], 16) % 0xFFFFFF:08x}",
        "ami-launch-index": server.launch_index,
        "ami-manifest-path": "FIXME",
        "block-device-mapping": {"ami": "vda", "root": "/dev/vda"},
        "hostname": hostname,
        "instance-action": "none",
        "instance-id": f"i-{int(server.id[:8], 16) % 0xFFFFFF:08x}",
        "instance-type": server.flavor.name,
        "local-hostname": hostname,
        "local-ipv4": address,
        "placement": {"availability-zone": server.zone},
        "public-hostname": hostname,
        "public-ipv4": "",
        "reservation-id": server.reservation_id,
        "security-groups": list(server.security_groups),
    }
    if server.key_name and server.public_key:
        data["public-keys"] = {"0": {"openssh-key": server.public_key}}
    return data


def answer(store: Store, server: Server, ports: tuple[Port, ...], path: str) -> bytes | None:
    """What the metadata service says at this path; None: nothing is there."""
    parts = [part for part in path.split("?")[0].split("/") if part]
    if not parts:
        return "\n".join(EC2_VERSIONS).encode()
    if parts[0] == "openstack":
        return _openstack(store, server, ports, parts)
    if parts[0] in EC2_VERSIONS:
        return _ec2(server, ports, parts[1:])
    return None


def _openstack(store: Store, server: Server, ports: tuple[Port, ...], parts: list[str]) -> bytes | None:
    if len(parts) == 1:
        return "\n".join(VERSIONS).encode()
    files = openstack_files(store, server, ports)
    if len(parts) == 2:
        prefix = "/".join(parts) + "/"
        names = [path.removeprefix(prefix) for path in files if path.startswith(prefix)]
        return "\n".join(names).encode() if names else None
    return files.get("/".join(parts))


def _ec2(server: Server, ports: tuple[Port, ...], parts: list[str]) -> bytes | None:
    if not parts:
        return b"meta-data/\nuser-data" if server.user_data is not None else b"meta-data/"
    if parts == ["user-data"]:
        return base64.b64decode(server.user_data) if server.user_data is not None else None
    if parts[0] != "meta-data":
        return None
    found: Any = _ec2_data(server, ports)
    for part in parts[1:]:
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    if isinstance(found, dict):
        if parts[-1] == "public-keys":
            return f"0={server.key_name}".encode()
        return "\n".join(f"{key}/" if isinstance(value, dict) else key for key, value in found.items()).encode()
    if isinstance(found, list):
        return "\n".join(map(str, found)).encode()
    return str(found).encode()


def asking_server(store: Store, network_id: str, address: str) -> tuple[Server, tuple[Port, ...]] | None:
    """The server that has this address on this network, with its ports in order."""
    for port in store.all(Port):
        if port.network_id == network_id and any(ip.ip_address == address for ip in port.fixed_ips):
            server = store.get(Server, port.device_id)
            return (server, server_ports(store, server)) if server else None
    return None


def server_ports(store: Store, server: Server) -> tuple[Port, ...]:
    """Its ports, eth0 first."""
    found = (store.get(Port, nic.port_id) for nic in server.nics)
    return tuple(port for port in found if port is not None)
