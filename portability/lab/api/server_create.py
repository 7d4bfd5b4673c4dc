"""Nova: from a create request to the servers that are to be built."""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Any

from portability.lab.api.server_networks import wanted_groups, wanted_nics
from portability.lab.api.web import Body, Call
from portability.lab.state.compute import Flavor, Keypair, Nic, Server, ServerGroup, check_quota
from portability.lab.state.faults import Fault, bad_request, forbidden
from portability.lab.state.identity import new_id, now
from portability.lab.state.image import Image
from portability.lab.state.network import used

LONGEST_USER_DATA = 65535
"""Characters of base64, as Nova's schema says."""
_FIELDS = {
    "name",
    "imageRef",
    "flavorRef",
    "key_name",
    "networks",
    "security_groups",
    "user_data",
    "config_drive",
    "availability_zone",
    "metadata",
    "tags",
    "block_device_mapping_v2",
    "min_count",
    "max_count",
    "description",
    "OS-DCF:diskConfig",
    "adminPass",
    "accessIPv4",
    "accessIPv6",
    "hostname",
    "return_reservation_id",
    "personality",
    "trusted_image_certificates",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A checked request: what is the same for all its servers."""

    name: str
    flavor: Flavor
    image: Image
    keypair: Keypair | None
    zone: str
    nics: tuple[Nic, ...]
    security_groups: tuple[str, ...]
    count: int


def create(call: Call) -> tuple[Server, ...]:
    """New servers, in state BUILD.

    Raises:
        Fault: 400 for what cannot be, 403 for quotas and flavors without a disk, 409 when the network is not clear.
    """
    part = call.part("server")
    _check_fields(call, part)
    wish = _read(call, part)
    check_quota(call.cloud.store, call.cloud.settings.quotas, call.project_id, wish.flavor, wish.count)
    _check_ports(call, wish)
    reservation = f"r-{secrets.token_hex(4)}"
    made = tuple(_server(call, part, wish, number, reservation) for number in range(wish.count))
    for server in made:
        call.cloud.store.put(server)
        _join_group(call, server)
    return made


def _check_fields(call: Call, part: Body) -> None:
    unknown = sorted(set(part) - _FIELDS)
    if unknown:
        raise bad_request(f"Additional properties are not allowed ('{unknown[0]}' was unexpected)")
    for name in ("name", "flavorRef"):
        if name not in part:
            raise bad_request(f"Invalid input for field/attribute server. '{name}' is a required property")
    if call.version >= (2, 37) and "networks" not in part:
        raise bad_request("Invalid input for field/attribute server. 'networks' is a required property")
    for name, since in (("tags", (2, 52)), ("description", (2, 19)), ("hostname", (2, 90))):
        if name in part and call.version < since:
            raise bad_request(f"Additional properties are not allowed ('{name}' was unexpected)")
    if part.get("personality"):
        raise bad_request("Additional properties are not allowed ('personality' was unexpected)")


def _read(call: Call, part: Body) -> Wish:
    name = part["name"]
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        raise bad_request(f"Invalid input for field/attribute name. Value: {name}. It must have 1 to 255 characters.")
    flavor = call.cloud.store.get(Flavor, str(part["flavorRef"]))
    if flavor is None:
        raise bad_request(f"Flavor {part['flavorRef']} could not be found.")
    image = _image(call, part)
    _check_fit(flavor, image)
    _check_user_data(part.get("user_data"))
    count = max(int(part.get("max_count") or 1), int(part.get("min_count") or 1))
    return Wish(
        name=name.strip(),
        flavor=flavor,
        image=image,
        keypair=_keypair(call, part.get("key_name")),
        zone=_zone(call, part.get("availability_zone")),
        nics=wanted_nics(call, part.get("networks", "auto")),
        security_groups=wanted_groups(call, part.get("security_groups")),
        count=count,
    )


def _image(call: Call, part: Body) -> Image:
    mappings = part.get("block_device_mapping_v2") or []
    reference = part.get("imageRef")
    for mapping in mappings:
        if mapping.get("source_type") != "image" or mapping.get("destination_type", "local") != "local":
            raise bad_request("Block Device Mapping is Invalid: this cloud boots servers from local disks only.")
        reference = reference or mapping.get("uuid")
    if not reference:
        raise bad_request("Invalid imageRef provided." if reference is not None else "Missing imageRef attribute")
    image = call.cloud.store.get(Image, str(reference).rsplit("/", 1)[-1])
    if image is None:
        raise bad_request("Can not find requested image")
    return image


def _check_fit(flavor: Flavor, image: Image) -> None:
    if flavor.ram < image.min_ram:
        raise bad_request("Flavor's memory is too small for requested image.")
    if flavor.disk == 0:
        raise forbidden("Only volume-backed servers are allowed for flavors with zero disk.")
    if flavor.disk < image.min_disk:
        raise bad_request(
            f"Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is "
            f"{flavor.disk * 1024**3} bytes, minimum size is {image.min_disk * 1024**3} bytes."
        )


def _check_user_data(value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str) or len(value) > LONGEST_USER_DATA:
        raise bad_request(f"Invalid input for field/attribute user_data. Value: {str(value)[:40]}... is too long")
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise bad_request(
            f"Invalid input for field/attribute user_data. Value: {value[:40]}. '{value[:40]}' is not a 'base64'"
        ) from error


def _keypair(call: Call, name: Any) -> Keypair | None:
    if name is None:
        return None
    keypair = call.cloud.store.get(Keypair, f"{call.user_id}/{name}")
    if keypair is None:
        raise bad_request("Invalid key_name provided.")
    return keypair


def _zone(call: Call, name: Any) -> str:
    zones = call.cloud.settings.compute_zones
    if name is None:
        return zones[0]
    if name not in zones:
        raise bad_request("The requested availability zone is not available")
    return str(name)


def _check_ports(call: Call, wish: Wish) -> None:
    new = sum(1 for nic in wish.nics if nic.port_id is None) * wish.count
    limit = call.cloud.settings.quotas.port
    if limit >= 0 and used(call.cloud.store, "port", call.project_id) + new > limit:
        raise Fault(403, "Maximum number of ports exceeded")
    if wish.count > 1 and any(nic.port_id for nic in wish.nics):
        raise bad_request("Unable to launch multiple instances with a single configured port ID.")


def _server(call: Call, part: Body, wish: Wish, number: int, reservation: str) -> Server:
    name = wish.name if wish.count == 1 else f"{wish.name}-{number + 1}"
    moment = now()
    tags = part.get("tags") or []
    return Server(
        id=new_id(),
        project_id=call.project_id,
        user_id=call.user_id,
        name=name,
        description=part.get("description") if call.version >= (2, 19) else name,
        hostname=str(part.get("hostname") or hostname(name)),
        flavor=wish.flavor,
        image_id=wish.image.id,
        image_name=wish.image.name,
        key_name=wish.keypair.name if wish.keypair else None,
        public_key=wish.keypair.public_key if wish.keypair else None,
        zone=wish.zone,
        created_at=moment,
        updated_at=moment,
        metadata=metadata(part.get("metadata") or {}, call.cloud.settings.quotas.metadata_items),
        tags=tuple(dict.fromkeys(str(tag) for tag in tags)),
        user_data=part.get("user_data"),
        config_drive=part.get("config_drive") in (True, "True", "true", "1", 1),
        security_groups=wish.security_groups,
        nics=wish.nics,
        admin_pass=str(part.get("adminPass") or secrets.token_urlsafe(9)),
        reservation_id=reservation,
        launch_index=number,
    )


def metadata(items: Any, most: int) -> dict[str, str]:
    """Checked key-value pairs.

    Raises:
        Fault: 400 when they are no texts of at most 255 characters, 403 when there are too many.
    """
    if not isinstance(items, dict):
        raise bad_request("Malformed request body")
    if len(items) > most:
        raise forbidden(f"Maximum number of metadata items exceeds {most}")
    for key, value in items.items():
        if not isinstance(value, str) or not 0 < len(key) <= 255 or len(value) > 255:
            raise bad_request(f"Invalid input for field/attribute {key}. Value: {value}. It must be a short string.")
    return dict(items)


def hostname(name: str) -> str:
    """The server's name made fit for DNS, as Nova's utils.sanitize_hostname does."""
    safe = re.sub(r"[ _.]", "-", name)
    safe = re.sub(r"[^\w-]+", "", safe, flags=re.ASCII).lower().strip(".-")
    return safe[:63] or "server"


def _join_group(call: Call, server: Server) -> None:
    hints = call.body.get("os:scheduler_hints") or call.body.get("OS-SCH-HNT:scheduler_hints") or {}
    group_id = hints.get("group")
    if group_id is None:
        return
    group = call.cloud.store.get(ServerGroup, str(group_id))
    if group is None or group.project_id != call.project_id:
        raise bad_request(f"Instance group {group_id} could not be found.")
    members = (*group.members, server.id)
    if len(members) > call.cloud.settings.quotas.server_group_members:
        raise forbidden("Quota exceeded, too many servers in group")
    call.cloud.store.put(
        ServerGroup(
            id=group.id,
            project_id=group.project_id,
            user_id=group.user_id,
            name=group.name,
            policy=group.policy,
            members=members,
        )
    )
