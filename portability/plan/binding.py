"""Matching what a workload needs with what a cloud offers. Pure: offers in, bindings out."""

import ipaddress

from portability.errors import ImpossiblePlan
from portability.model.plan import AccessModel, Binding, Network, Offer, Service, VolumeType
from portability.model.workload import Workload
from portability.plan.flavors import choose_flavors
from portability.plan.images import choose_image
from portability.plan.named import named
from portability.plan.overrides import CloudOverrides

# Ranges of networks to make come from here: providers, Docker (172.17) and home routers (192.168) like others better.
_TENANT_RANGES = ipaddress.ip_network("10.196.0.0/16")


def bind(
    workload: Workload,
    offer: Offer,
    overrides: CloudOverrides | None = None,
    *,
    taken: tuple[str, ...] = (),
) -> Binding:
    """What to take of this cloud for the workload. Ranges in `taken` are not used for a network that is to be made.

    Raises:
        ImpossiblePlan: a need cannot be met; says what was needed and what there was.
    """
    overrides = overrides or CloudOverrides()
    image, image_reason = choose_image(workload.system, offer, overrides.image)
    flavors = choose_flavors(workload, offer, image, overrides)
    access, access_reason = _choose_access(offer, overrides)
    network, network_reason = _choose_network(offer, access, overrides)
    volumes = bool(flavors.boot_from_volume) or any(tier.volumes for tier in workload.tiers)
    volume_type, type_reason = _choose_volume_type(offer, overrides, needed=volumes)
    compute_zone, volume_zone, zone_reason = _choose_zones(offer, overrides)
    reasons = [
        ("image", image_reason),
        *flavors.reasons,
        ("access", access_reason),
        ("network", network_reason),
        ("volume type", type_reason),
        ("zone", zone_reason),
    ]
    return Binding(
        cloud=offer.cloud,
        image=image,
        flavors=flavors.chosen,
        access=access,
        network=network,
        cidr=_choose_range(offer, overrides, taken) if access is AccessModel.FLOATING else None,
        user=_choose_user(workload, image.user, overrides, reasons),
        config_drive=_choose_config_drive(overrides, reasons),
        boot_from_volume=flavors.boot_from_volume,
        volume_type=volume_type,
        compute_zone=compute_zone,
        volume_zone=volume_zone,
        reasons=tuple((aspect, reason) for aspect, reason in reasons if reason),
    )


def doubts(offer: Offer, binding: Binding, overrides: CloudOverrides | None = None) -> tuple[str, ...]:
    """Choices that could as well have been others, as warnings that say how to decide them."""
    overrides = overrides or CloudOverrides()
    found = []
    networks = _candidates(offer, binding.access)
    if overrides.network is None and len(networks) > 1:
        others = ", ".join(network.name for network in networks if network.id != binding.network.id)
        kind = "external networks" if binding.access is AccessModel.FLOATING else "networks that servers can join"
        found.append(
            f"{offer.cloud}: {len(networks)} {kind}: {binding.network.name} was chosen by name, not {others}; "
            f"to decide it, set clouds.{offer.cloud}.network in portability.yaml"
        )
    if binding.cidr is not None and overrides.cidr is not None:
        clash = _clashing(offer, ipaddress.ip_network(binding.cidr))
        if clash:
            found.append(f"{offer.cloud}: the range {binding.cidr} overlaps {', '.join(clash)}, which this cloud uses")
    found.extend(f"{offer.cloud}: {service.type} does not answer ({service.detail})" for service in _silent(offer))
    return tuple(found)


def _silent(offer: Offer) -> tuple[Service, ...]:
    needed = ("compute", "network", "image", "block-storage")
    return tuple(service for service in offer.services if not service.answers and service.type in needed)


def _choose_access(offer: Offer, overrides: CloudOverrides) -> tuple[AccessModel, str]:
    if overrides.access is not None:
        return overrides.access, "as portability.yaml says"
    obstacle = _no_floating(offer)
    if not obstacle:
        return AccessModel.FLOATING, "there is an external network, and routers and floating IPs can be made"
    if _candidates(offer, AccessModel.DIRECT):
        return AccessModel.DIRECT, f"{obstacle}; servers can join a network of the provider"
    networks = ", ".join(_describe(network) for network in offer.networks) or "none"
    raise ImpossiblePlan(
        f"{offer.cloud}: no way for users to reach a server: {obstacle}, and no shared network with an IPv4 subnet is "
        f"there to join; networks: {networks}",
        way_out=f"name a network that is reachable from here as clouds.{offer.cloud}.network, with access: direct",
    )


def _no_floating(offer: Offer) -> str:
    """Why own networks with floating IPs cannot be had; empty: they can."""
    if not _candidates(offer, AccessModel.FLOATING):
        return "there is no external network"
    if offer.network_extensions and "router" not in offer.network_extensions:
        return "the cloud has no routers"
    for name, noun in (("routers", "router"), ("floating_ips", "floating IP"), ("networks", "network")):
        quota = offer.quota(name)
        # Only a limit of 0 says that a cloud is not meant so; one that is used up is a quota to raise, told as such.
        if quota is not None and quota.limit == 0:
            return f"the quota allows no {noun}"
    return ""


def _choose_network(offer: Offer, access: AccessModel, overrides: CloudOverrides) -> tuple[Network, str]:
    if overrides.network is not None:
        return named(offer, "network", overrides.network, offer.networks), "as portability.yaml says"
    candidates = _candidates(offer, access)
    if not candidates:
        there = ", ".join(_describe(network) for network in offer.networks) or "none"
        kind = "external network" if access is AccessModel.FLOATING else "shared network with an IPv4 subnet"
        raise ImpossiblePlan(
            f"{offer.cloud}: access {access} needs an {kind}; networks: {there}".replace("an shared", "a shared"),
            way_out=f"set clouds.{offer.cloud}.network or .access in portability.yaml",
        )
    kind = "external network" if access is AccessModel.FLOATING else "network that servers can join"
    reason = f"the only {kind}" if len(candidates) == 1 else f"the first by name of {len(candidates)}: {kind}s"
    return candidates[0], reason


def _candidates(offer: Offer, access: AccessModel) -> tuple[Network, ...]:
    """Networks for this access model, best first."""
    if access is AccessModel.FLOATING:
        external = [network for network in offer.networks if network.is_external]
        # Members often cannot see an external network's subnets, so their absence says nothing; IPv6 only says much.
        usable = [network for network in external if not network.subnets or _has_ipv4(network)]
        return tuple(sorted(usable, key=lambda network: (network.name, network.id)))
    shared = [network for network in offer.networks if network.is_shared and _has_ipv4(network)]
    inside = [network for network in shared if not network.is_external] or shared
    # Whether an own network is routable from here cannot be seen through the API: it is taken where nothing else is.
    own = [network for network in offer.networks if network.is_own and not network.is_external and _has_ipv4(network)]
    return tuple(sorted(inside or own, key=lambda network: (network.name, network.id)))


def _has_ipv4(network: Network) -> bool:
    return any(subnet.ip_version == 4 for subnet in network.subnets)


def _describe(network: Network) -> str:
    kinds = (("external", network.is_external), ("shared", network.is_shared), ("own", network.is_own))
    words = [word for word, is_so in kinds if is_so] + ([] if _has_ipv4(network) else ["no IPv4 subnet to be seen"])
    return f"{network.name} ({', '.join(words)})" if words else network.name


def _choose_range(offer: Offer, overrides: CloudOverrides, taken: tuple[str, ...]) -> str:
    if overrides.cidr is not None:
        return overrides.cidr
    avoided = [ipaddress.ip_network(range_) for range_ in taken]
    for candidate in _TENANT_RANGES.subnets(new_prefix=24):
        if not _clashing(offer, candidate) and not any(candidate.overlaps(other) for other in avoided):
            return str(candidate)
    raise ImpossiblePlan(
        f"{offer.cloud}: no free /24 in {_TENANT_RANGES}: the cloud's subnets cover it",
        way_out=f"set clouds.{offer.cloud}.cidr in portability.yaml",
    )


def _clashing(offer: Offer, range_: ipaddress.IPv4Network | ipaddress.IPv6Network) -> tuple[str, ...]:
    return tuple(
        f"{subnet.cidr} of {network.name}"
        for network in offer.networks
        for subnet in network.subnets
        if range_.overlaps(ipaddress.ip_network(subnet.cidr, strict=False))
    )


def _choose_volume_type(offer: Offer, overrides: CloudOverrides, *, needed: bool) -> tuple[VolumeType | None, str]:
    if overrides.volume_type is not None:
        return named(offer, "volume type", overrides.volume_type, offer.volume_types), "as portability.yaml says"
    if not needed:
        return None, ""
    if any(service.type == "block-storage" and not service.answers for service in offer.services):
        raise ImpossiblePlan(f"{offer.cloud}: volumes are needed, and the block storage service does not answer")
    default = next((kind for kind in offer.volume_types if kind.is_default), None)
    if default is not None:
        return default, "the cloud's default"
    return None, "the cloud's default, which it does not name"


def _choose_zones(offer: Offer, overrides: CloudOverrides) -> tuple[str | None, str | None, str]:
    compute, volume = overrides.compute_zone, overrides.volume_zone
    _check_zone(offer, "compute", compute, offer.compute_zones)
    _check_zone(offer, "volume", volume, offer.volume_zones)
    if compute is not None or volume is not None:
        return compute, volume, "as portability.yaml says"
    if len(offer.compute_zones) < 2:
        return None, None, "there is one zone: the cloud's default"
    common = sorted(set(offer.compute_zones) & set(offer.volume_zones))
    if common:
        # Where Nova forbids attaching across zones, servers and volumes must be in one; elsewhere it costs nothing.
        return (
            common[0],
            common[0],
            f"of {', '.join(common)}: servers and volumes in one zone, for they may not attach across",
        )
    return None, None, "no zone has both servers and volumes: the cloud's defaults"


def _check_zone(offer: Offer, kind: str, zone: str | None, zones: tuple[str, ...]) -> None:
    if zone is not None and zone not in zones:
        raise ImpossiblePlan(
            f"{offer.cloud}: no {kind} zone is called {zone!r}; there are: {', '.join(zones) or 'none'}",
            way_out=f"correct clouds.{offer.cloud}.zones.{kind} in portability.yaml",
        )


def _choose_user(
    workload: Workload, image_user: str | None, overrides: CloudOverrides, reasons: list[tuple[str, str]]
) -> str:
    if overrides.user is not None:
        reasons.append(("user", "as portability.yaml says"))
        return overrides.user
    if image_user is not None:
        reasons.append(("user", "as the image says"))
        return image_user
    reasons.append(("user", f"the image names none; {workload.system.user} is usual for {workload.system.distro}"))
    return workload.system.user


def _choose_config_drive(overrides: CloudOverrides, reasons: list[tuple[str, str]]) -> bool:
    if overrides.config_drive is not None:
        reasons.append(("config drive", "as portability.yaml says"))
        return overrides.config_drive
    reasons.append(
        ("config drive", "always: servers learn who they are also where the metadata service is absent or slow to come")
    )
    return True
