"""What was bound differently on two clouds: the first part of the migration's to-do list. Pure."""

from collections.abc import Iterator

from portability.model.plan import AccessModel, Binding, BindingDifference, Flavor, Image

_ACCESS_WORDS = {
    AccessModel.FLOATING: "own network, router, floating IP",
    AccessModel.DIRECT: "directly on a network of the provider",
}


def differences(baseline: Binding, candidate: Binding) -> tuple[BindingDifference, ...]:
    """Where what was chosen differs in a way that whoever moves the application has to know. Ids and the ranges that we
    made up ourselves do not count.
    """
    return tuple(_differences(baseline, candidate))


def _differences(a: Binding, b: Binding) -> Iterator[BindingDifference]:
    if _image(a.image) != _image(b.image):
        yield _difference(
            "image",
            _image(a.image),
            _image(b.image),
            f"name the image {b.image.name!r}, or select by os_distro and os_version",
        )
    yield from _flavor_differences(a, b)
    if a.access is not b.access:
        yield _difference("access", _ACCESS_WORDS[a.access], _ACCESS_WORDS[b.access], _access_advice(b))
    if a.network.name != b.network.name:
        yield _difference("network", a.network.name, b.network.name, f"use the network {b.network.name!r}")
    if (
        a.network.mtu is not None
        and b.network.mtu is not None
        and a.access is b.access
        and a.network.mtu != b.network.mtu
    ):
        yield _difference(
            "network MTU",
            str(a.network.mtu),
            str(b.network.mtu),
            f"set {b.network.mtu} wherever an MTU is written down: container bridges, tunnels",
        )
    yield from _storage_differences(a, b)
    if a.compute_zone != b.compute_zone:
        yield _difference(
            "zone", _or_default(a.compute_zone), _or_default(b.compute_zone), _zone_advice("servers", b.compute_zone)
        )
    if a.user != b.user:
        yield _difference("user", a.user, b.user, f"log in as {b.user}: ansible_user, SSH configuration")
    if a.config_drive != b.config_drive:
        yield _difference(
            "config drive",
            _yes(a.config_drive),
            _yes(b.config_drive),
            f"create servers with config_drive={str(b.config_drive).lower()}",
        )


def _flavor_differences(a: Binding, b: Binding) -> Iterator[BindingDifference]:
    pairs: dict[tuple[Flavor, Flavor], list[str]] = {}
    for tier, flavor in a.flavors:
        pairs.setdefault((flavor, b.flavor(tier)), []).append(tier)
    for (flavor, other), tiers in pairs.items():
        if _flavor(flavor) != _flavor(other):
            aspect = f"flavor of {_listed(tiers)}"
            yield _difference(aspect, _flavor(flavor), _flavor(other), _flavor_advice(flavor, other))
    here, there = set(a.boot_from_volume), set(b.boot_from_volume)
    yield from _root_differences("of the flavor", "a volume", [tier for tier, _ in a.flavors if tier in there - here])
    yield from _root_differences("a volume", "of the flavor", [tier for tier, _ in a.flavors if tier in here - there])


def _root_differences(baseline: str, candidate: str, tiers: list[str]) -> Iterator[BindingDifference]:
    if tiers:
        advice = (
            "boot from a volume that is deleted with the server"
            if candidate == "a volume"
            else "boot from the image, and keep no volume for the root disk"
        )
        yield _difference(f"root disk of {_listed(tiers)}", baseline, candidate, advice)


def _storage_differences(a: Binding, b: Binding) -> Iterator[BindingDifference]:
    a_type, b_type = (binding.volume_type.name if binding.volume_type else None for binding in (a, b))
    if a_type != b_type:
        yield _difference(
            "volume type",
            _or_default(a_type),
            _or_default(b_type),
            "name the type per cloud and compare what the types promise; a name says nothing about speed or safety",
        )
    if a.volume_zone != b.volume_zone:
        yield _difference(
            "volume zone",
            _or_default(a.volume_zone),
            _or_default(b.volume_zone),
            _zone_advice("volumes", b.volume_zone),
        )


def _difference(aspect: str, baseline: str, candidate: str, what_to_do: str) -> BindingDifference:
    return BindingDifference(aspect=aspect, baseline=baseline, candidate=candidate, what_to_do=what_to_do)


def _image(image: Image) -> str:
    return image.name


def _flavor(flavor: Flavor) -> str:
    return f"{flavor.name} ({flavor.vcpus} vCPU, {flavor.ram_mib} MiB, {flavor.disk_gib} GiB)"


def _flavor_advice(a: Flavor, b: Flavor) -> str:
    changes = [f"{b.vcpus} vCPUs for {a.vcpus}"] if b.vcpus != a.vcpus else []
    ratio = b.ram_mib / a.ram_mib
    # Up to a quarter more or less memory the tuning usually holds; beyond it, it and the bill change.
    if not 0.75 <= ratio <= 1.25:
        changes.append(f"{ratio:.2g} times the memory")
    check = f": {' and '.join(changes)}, so check price and tuning" if changes else ""
    return f"use the flavor {b.name!r}{check}"


def _access_advice(b: Binding) -> str:
    if b.access is AccessModel.DIRECT:
        return (
            f"plug the servers into {b.network.name!r}: make no network, router or floating IP, let security groups "
            "alone keep others out, and read each server's address from its port"
        )
    return (
        f"make a network, a subnet and a router to {b.network.name!r}, and give the entry server a floating IP; "
        "the other servers are reached through it"
    )


def _listed(tiers: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(tiers[:-1]), tiers[-1])))


def _zone_advice(what: str, zone: str | None) -> str:
    return f"create {what} in {zone!r}" if zone is not None else f"create {what} without naming a zone"


def _or_default(name: str | None) -> str:
    return name if name is not None else "the cloud's default"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
