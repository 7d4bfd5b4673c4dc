"""Which flavors of a cloud are large enough for the tiers of a workload."""

from dataclasses import dataclass

from portability.errors import ImpossiblePlan
from portability.model.plan import Flavor, Image, Offer
from portability.model.workload import Needs, Tier, Workload
from portability.plan.named import named
from portability.plan.overrides import CloudOverrides


@dataclass(frozen=True, slots=True, kw_only=True)
class FlavorChoice:
    chosen: tuple[tuple[str, Flavor], ...]
    boot_from_volume: tuple[str, ...]
    """Tiers whose flavor has no disk that is large enough."""
    reasons: tuple[tuple[str, str], ...]


def choose_flavors(workload: Workload, offer: Offer, image: Image, overrides: CloudOverrides) -> FlavorChoice:
    """A flavor for each tier: the smallest that fits, with a disk where there is one.

    Raises:
        ImpossiblePlan: nothing fits; says what was needed and what comes near.
    """
    _check_tiers(workload, offer, overrides)
    chosen, from_volume, reasons = [], [], []
    for tier in workload.tiers:
        needs = needs_with_image(tier.needs, image)
        flavor, reason = _choose(tier, needs, offer, overrides.flavor(tier.name))
        if flavor.disk_gib < needs.disk_gib:
            from_volume.append(tier.name)
            reason += f"; its disk of {flavor.disk_gib} GiB is less than {needs.disk_gib}: boots from a volume"
        chosen.append((tier.name, flavor))
        reasons.append((f"flavor of {tier.name}", reason))
    return FlavorChoice(chosen=tuple(chosen), boot_from_volume=tuple(from_volume), reasons=tuple(reasons))


def needs_with_image(needs: Needs, image: Image) -> Needs:
    """What a server needs when it also has to satisfy the image."""
    return Needs(
        vcpus=needs.vcpus,
        ram_mib=max(needs.ram_mib, image.min_ram_mib),
        disk_gib=max(needs.disk_gib, image.min_disk_gib),
    )


def _choose(tier: Tier, needs: Needs, offer: Offer, wanted: str | None) -> tuple[Flavor, str]:
    if wanted is not None:
        return _wanted(tier, needs, offer, wanted)
    computes = [f for f in offer.flavors if f.vcpus >= needs.vcpus and f.ram_mib >= needs.ram_mib]
    fitting = [flavor for flavor in computes if flavor.disk_gib >= needs.disk_gib]
    if fitting:
        return min(fitting, key=_size), f"the smallest with {_words(needs)}"
    diskless = [flavor for flavor in computes if flavor.disk_gib == 0]
    if diskless:
        return min(diskless, key=_size), f"the smallest with {needs.vcpus} vCPU and {needs.ram_mib} MiB"
    raise ImpossiblePlan(
        f"{offer.cloud}: no flavor fits tier {tier.name}: needed are {_words(needs)}; {_nearest(needs, offer)}",
        way_out="ask for a larger flavor, or lower the tier's needs",
    )


def _wanted(tier: Tier, needs: Needs, offer: Offer, wanted: str) -> tuple[Flavor, str]:
    flavor = named(offer, "flavor", wanted, offer.flavors)
    if flavor.vcpus < needs.vcpus or flavor.ram_mib < needs.ram_mib:
        raise ImpossiblePlan(
            f"{offer.cloud}: flavor {_described(flavor)} is too small for tier {tier.name}: it needs {_words(needs)}",
            way_out=f"correct clouds.{offer.cloud}.flavors.{tier.name} in portability.yaml",
        )
    return flavor, "as portability.yaml says"


def _check_tiers(workload: Workload, offer: Offer, overrides: CloudOverrides) -> None:
    tiers = [tier.name for tier in workload.tiers]
    for name, _ in overrides.flavors:
        if name not in tiers:
            raise ImpossiblePlan(
                f"{offer.cloud}: portability.yaml names a flavor for {name!r}, and {workload.name} has no such tier; "
                f"there are: {', '.join(tiers)}"
            )


def _size(flavor: Flavor) -> tuple[int, int, int, str, str]:
    return flavor.vcpus, flavor.ram_mib, flavor.disk_gib, flavor.name, flavor.id


def _nearest(needs: Needs, offer: Offer) -> str:
    if not offer.flavors:
        return "there are no flavors"

    def shortfall(flavor: Flavor) -> float:
        pairs = (
            (needs.vcpus, flavor.vcpus),
            (needs.ram_mib, flavor.ram_mib),
            (needs.disk_gib, flavor.disk_gib or needs.disk_gib),
        )
        return sum(max(0.0, 1 - have / need) for need, have in pairs)

    near = sorted(offer.flavors, key=lambda flavor: (shortfall(flavor), _size(flavor)))[:3]
    return f"nearest of {len(offer.flavors)}: {', '.join(_described(flavor) for flavor in near)}"


def _described(flavor: Flavor) -> str:
    return f"{flavor.name} ({flavor.vcpus} vCPU, {flavor.ram_mib} MiB, {flavor.disk_gib} GiB disk)"


def _words(needs: Needs) -> str:
    return f"{needs.vcpus} vCPU, {needs.ram_mib} MiB and {needs.disk_gib} GiB disk"
