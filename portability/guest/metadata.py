"""What OpenStack tells a server about itself, by metadata service or config drive: the same documents."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMetadata:
    """meta_data.json (Nova user guide, "Metadata"), as far as it is compared with what the API says."""

    uuid: str
    name: str
    hostname: str
    zone: str
    keys: tuple[str, ...]
    """Names of its top-level entries, sorted."""
    public_keys: tuple[str, ...]
    """Names of the key pairs, sorted."""


def parse_metadata(text: str) -> ServerMetadata | None:
    """None: it is no JSON object."""
    data = _object(text)
    if data is None:
        return None
    keys = data.get("public_keys")
    return ServerMetadata(
        uuid=str(data.get("uuid", "")),
        name=str(data.get("name", "")),
        hostname=str(data.get("hostname", "")),
        zone=str(data.get("availability_zone", "")),
        keys=tuple(sorted(data)),
        public_keys=tuple(sorted(keys)) if isinstance(keys, dict) else (),
    )


def link_mtus(text: str) -> tuple[tuple[str, int], ...]:
    """MAC address and MTU of each link of network_data.json that has both: what Nova was told of the network's MTU."""
    links = (_object(text) or {}).get("links")
    found = []
    for link in links if isinstance(links, list) else ():
        mac, mtu = (link.get("ethernet_mac_address"), link.get("mtu")) if isinstance(link, dict) else (None, None)
        if isinstance(mac, str) and isinstance(mtu, int):
            found.append((mac.lower(), mtu))
    return tuple(found)


def vendor_data_kind(text: str) -> str:
    """`empty`, `data only` or `cloud-init config`: whether the provider changes servers by vendor_data.json.

    cloud-init acts on the entry `cloud-init` of an object, or on the whole where it is no object
    (cloud-init, `convert_vendordata`).
    """
    stripped = text.strip()
    if not stripped:
        return "empty"
    try:
        data = json.loads(stripped)
    except ValueError:
        return "cloud-init config"
    if isinstance(data, dict):
        return "cloud-init config" if data.get("cloud-init") else ("data only" if data else "empty")
    return "cloud-init config" if data else "empty"


def _object(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
