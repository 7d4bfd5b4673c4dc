"""Reading what one cloud has for us: concurrent calls, once, with a project member's rights."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from openstack.connection import Connection

from portability.cloud import listing
from portability.cloud.catalogue import read_services
from portability.cloud.faults import told_by
from portability.cloud.names import PREFIX, parse_name
from portability.cloud.protocol import Kind
from portability.cloud.quotas import read_quotas
from portability.errors import CloudError, Refused
from portability.model.plan import Flavor, Image, Leftover, Network, Offer, SecurityRule, Subnet, VolumeType
from portability.model.units import CloudLabel

T = TypeVar("T")

THREADS = 8

_CODENAMES = {
    "bullseye": ("debian", "11"),
    "bookworm": ("debian", "12"),
    "trixie": ("debian", "13"),
    "focal": ("ubuntu", "20.04"),
    "jammy": ("ubuntu", "22.04"),
    "noble": ("ubuntu", "24.04"),
    "resolute": ("ubuntu", "26.04"),
}
_DISTROS = ("debian", "ubuntu", "fedora", "rocky", "almalinux", "centos", "opensuse", "cirros", "flatcar")
_SYSTEM = re.compile(rf"({'|'.join(_DISTROS)})[^0-9]{{0,20}}(\d{{1,2}}(?:\.\d{{1,2}})?)(?!\d)")
"""The first number after the distribution's name; a date has too many digits to be one."""


def read_offer(sdk: Connection, *, label: CloudLabel, project_id: str) -> Offer:
    """The whole offer of a cloud. What a project may not see is left empty, where it is not needed.

    Raises:
        CloudError: something that every project may see could not be read.
    """
    blocks: Any = sdk.block_storage
    with told_by(label, "read the offer"), ThreadPoolExecutor(THREADS) as pool:

        def start(read: Callable[[], T]) -> Future[T]:
            return pool.submit(read)

        services = start(lambda: read_services(sdk))
        flavors = start(lambda: tuple(map(_flavor, sdk.compute.flavors())))
        images = start(lambda: tuple(_image(item) for item in sdk.image.images(status="active")))
        networks = start(lambda: tuple(sdk.network.networks()))
        subnets = start(lambda: tuple(sdk.network.subnets()))
        types = start(lambda: _volume_types(sdk, label))
        compute_zones = start(lambda: _zones(sdk.compute.availability_zones()))
        volume_zones = start(lambda: _optional(label, lambda: _zones(blocks.availability_zones())))
        quotas = start(lambda: read_quotas(sdk, label=label, project_id=project_id))
        extensions = start(lambda: tuple(sorted(item.alias for item in sdk.network.extensions())))
        default_rules = start(lambda: _optional(label, lambda: _default_rules(sdk, project_id)))
        leftovers = [pool.submit(_leftovers, sdk, project_id, kind) for kind in Kind]
        return Offer(
            cloud=label,
            services=services.result(),
            flavors=tuple(sorted(flavors.result(), key=lambda f: (f.vcpus, f.ram_mib, f.disk_gib, f.name))),
            images=tuple(sorted(images.result(), key=lambda image: (image.name, image.id))),
            networks=_networks(networks.result(), subnets.result(), project_id),
            volume_types=types.result(),
            compute_zones=compute_zones.result(),
            volume_zones=volume_zones.result(),
            quotas=quotas.result(),
            network_extensions=extensions.result(),
            compute_microversion=_microversion(sdk),
            leftovers=tuple(item for found in leftovers for item in found.result()),
            default_group_rules=default_rules.result(),
            region=sdk.config.region_name or None,
            auth_url=str(sdk.config.config.get("auth", {}).get("auth_url", "")),
        )


def _optional(label: CloudLabel, read: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    """Nothing where the API refuses or lacks it."""
    try:
        with told_by(label, "read the offer"):
            return read()
    except Refused:
        return ()


def _flavor(item: Any) -> Flavor:
    return Flavor(
        id=item.id, name=item.name, vcpus=int(item.vcpus), ram_mib=int(item.ram), disk_gib=int(item.disk or 0)
    )


def _image(item: Any) -> Image:
    properties = {key: str(value) for key, value in (item.properties or {}).items() if isinstance(value, str | int)}
    known = (
        "hw_disk_bus",
        "hw_scsi_model",
        "hw_vif_model",
        "hw_machine_type",
        "hw_rng_model",
        "hw_qemu_guest_agent",
        "os_type",
        "created_at",
    )
    properties |= {key: str(getattr(item, key)) for key in known if getattr(item, key)}
    distro, version = item.os_distro, item.os_version
    if not distro or not version:
        guessed = guess_system(item.name or "")
        if guessed:
            distro, version = distro or guessed[0], version or guessed[1]
            properties["system guessed from"] = "the image's name"
    return Image(
        id=item.id,
        name=item.name or "",
        distro=distro or None,
        version=str(version) if version else None,
        architecture=item.architecture or None,
        min_disk_gib=int(item.min_disk or 0),
        min_ram_mib=int(item.min_ram or 0),
        size=item.size,
        checksum=item.hash_value or item.checksum,
        user=item.os_admin_user or properties.get("image_original_user"),
        properties=tuple(sorted(properties.items())),
    )


def guess_system(image_name: str) -> tuple[str, str] | None:
    """Distribution and version that an image's name speaks of, as ("debian", "12") for `Debian Bookworm (cloud)`."""
    name = image_name.lower()
    codename = next((word for word in re.split(r"[^a-z]+", name) if word in _CODENAMES), None)
    if codename:
        return _CODENAMES[codename]
    match = _SYSTEM.search(name)
    return (match[1], match[2]) if match else None


def _networks(networks: Iterable[Any], subnets: Iterable[Any], project_id: str) -> tuple[Network, ...]:
    by_network: dict[str, list[Subnet]] = {}
    for item in sorted(subnets, key=lambda subnet: (subnet.ip_version, subnet.cidr, subnet.id)):
        by_network.setdefault(item.network_id, []).append(_subnet(item))
    found = (
        Network(
            id=item.id,
            name=item.name or "",
            is_external=bool(item.is_router_external),
            is_shared=bool(item.is_shared),
            is_own=item.project_id == project_id,
            mtu=item.mtu,
            subnets=tuple(by_network.get(item.id, ())),
        )
        for item in networks
    )
    return tuple(sorted(found, key=lambda network: (network.name, network.id)))


def _subnet(item: Any) -> Subnet:
    return Subnet(
        id=item.id,
        cidr=item.cidr,
        ip_version=int(item.ip_version),
        has_dhcp=bool(item.is_dhcp_enabled),
        dns_servers=tuple(item.dns_nameservers or ()),
    )


def _volume_types(sdk: Connection, label: CloudLabel) -> tuple[VolumeType, ...]:
    default_id = _default_type_id(sdk, label)
    return tuple(
        VolumeType(id=item.id, name=item.name, is_default=item.id == default_id, description=item.description or "")
        for item in sorted(sdk.block_storage.types(), key=lambda item: item.name)
    )


def _default_type_id(sdk: Connection, label: CloudLabel) -> str | None:
    """Cinder answers the default type under the name `default` (Block Storage API, show default volume type)."""
    try:
        with told_by(label, "read the default volume type"):
            answer = sdk.block_storage.get("/types/default")
    except CloudError:
        return None
    return answer.json()["volume_type"]["id"] if answer.status_code == 200 else None


def _zones(items: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted(item.name for item in items if _is_available(item.state)))


def _is_available(state: Any) -> bool:
    return bool(state.get("available", True)) if isinstance(state, dict) else True


def _default_rules(sdk: Connection, project_id: str) -> tuple[SecurityRule, ...]:
    groups = sdk.network.security_groups(name="default", project_id=project_id)
    return tuple(_rule(rule, group.id) for group in groups for rule in group.security_group_rules or ())


def _rule(rule: dict[str, Any], own_id: str) -> SecurityRule:
    remote = rule.get("remote_ip_prefix")
    if group := rule.get("remote_group_id"):
        remote = "group:self" if group == own_id else "group:other"
    return SecurityRule(
        direction=rule["direction"],
        ethertype=rule["ethertype"],
        protocol=rule.get("protocol"),
        port_min=rule.get("port_range_min"),
        port_max=rule.get("port_range_max"),
        remote=remote,
    )


def _microversion(sdk: Connection) -> str | None:
    data = sdk.compute.get_endpoint_data()
    newest = data.max_microversion if data else None
    return ".".join(map(str, newest)) if newest else None


def _leftovers(sdk: Connection, project_id: str, kind: Kind) -> tuple[Leftover, ...]:
    found = listing.resources(sdk, project_id, kind, PREFIX)
    named = ((item, parse_name(item.name)) for item in found)
    return tuple(Leftover(kind=item.kind, id=item.id, name=item.name, run=name.run) for item, name in named if name)
