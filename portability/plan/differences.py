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
            "zone", _or_default(a.compute_zone), _or_default(b.compute_zone), "name the zone per cloud, or none"
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
    for tier, flavor in a.flavors:
        other = b.flavor(tier)
        if _flavor(flavor) != _flavor(other):
            yield _difference(f"flavor of {tier}", _flavor(flavor), _flavor(other), _flavor_advice(flavor, other))
        if (tier in a.boot_from_volume) != (tier in b.boot_from_volume):
            from_volume = tier in b.boot_from_volume
            yield _difference(
                f"root disk of {tier}",
                "volume" if tier in a.boot_from_volume else "of the flavor",
                "volume" if from_volume else "of the flavor",
                "boot it from a volume that is deleted with the server" if from_volume else "boot it from the image",
            )


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
            "volume zone", _or_default(a.volume_zone), _or_default(b.volume_zone), "name the zone per cloud, or none"
        )


def _difference(aspect: str, baseline: str, candidate: str, what_to_do: str) -> BindingDifference:
    return BindingDifference(aspect=aspect, baseline=baseline, candidate=candidate, what_to_do=what_to_do)


def _image(image: Image) -> str:
    return image.name


def _flavor(flavor: Flavor) -> str:
    return f"{flavor.name} ({flavor.vcpus} vCPU, {flavor.ram_mib} MiB, {flavor.disk_gib} GiB)"


def _flavor_advice(a: Flavor, b: Flavor) -> str:
    advice = f"use the flavor {b.name!r}"
    ratio = b.ram_mib / a.ram_mib
    if b.vcpus != a.vcpus or not 0.75 <= ratio <= 1.25:
        # Up to a quarter more or less memory the tuning usually holds; beyond it, it and the bill change.
        advice += f": {b.vcpus}/{a.vcpus} of the vCPUs and {ratio:.2g} times the memory, so check price and tuning"
    return advice


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


def _or_default(name: str | None) -> str:
    return name if name is not None else "the cloud's default"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
