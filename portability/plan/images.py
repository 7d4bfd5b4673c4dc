"""Which image of a cloud is the operating system that a workload needs."""

import re
from typing import TypeAlias

from portability.errors import ImpossiblePlan
from portability.model.plan import Image, Offer
from portability.model.workload import OperatingSystem
from portability.plan.named import named

# Glance knows the architecture as x86_64 (os_hidden images aside); providers also write amd64.
_ARCHITECTURES = ("x86_64", "amd64")
# When an image was made, under the names that providers use; the first is of SCS-0102, "Image metadata".
_DATES = ("image_build_date", "build_date", "created_at")

_Rank: TypeAlias = tuple[bool, bool, str, tuple[tuple[int, int, str], ...], str]


def choose_image(system: OperatingSystem, offer: Offer, wanted: str | None) -> tuple[Image, str]:
    """The image to take, and why.

    Raises:
        ImpossiblePlan: none is this system; names those that come near.
    """
    if wanted is not None:
        return named(offer, "image", wanted, offer.images), "as portability.yaml says"
    found = sorted((image for image in offer.images if _is(image, system)), key=_rank, reverse=True)
    what = f"{system.distro} {system.version} for x86_64"
    if not found:
        raise ImpossiblePlan(
            f"{offer.cloud}: no image is {what}, by os_distro and os_version or by name; {_there(offer, system)}",
            way_out=f"upload one, or name one as clouds.{offer.cloud}.image in portability.yaml",
        )
    return found[0], f"the only {what}" if len(found) == 1 else f"the newest of {len(found)} that are {what}"


def _is(image: Image, system: OperatingSystem) -> bool:
    properties = dict(image.properties)
    if properties.get("image_type") == "snapshot":
        # A snapshot of a server inherits the properties of its image and whatever somebody did to the server.
        return False
    if image.architecture is not None and image.architecture.lower() not in _ARCHITECTURES:
        return False
    if image.distro is None or image.distro.lower() != system.distro:
        return False
    return image.version is not None and (
        image.version == system.version or image.version.startswith(f"{system.version}.")
    )


def _rank(image: Image) -> _Rank:
    """Higher is better: for general use, architecture stated, newest by date, then by name with numbers as numbers."""
    properties = dict(image.properties)
    date = next((properties[key] for key in _DATES if key in properties), "")
    is_generic = properties.get("os_purpose", "generic") == "generic"
    return is_generic, image.architecture is not None, date, _natural(image.name), image.id


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", name)
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)


def _there(offer: Offer, system: OperatingSystem) -> str:
    near = [image for image in offer.images if (image.distro or "").lower() == system.distro]
    shown = near or list(offer.images)
    names = sorted(
        f"{image.name} ({image.distro or '?'} {image.version or '?'} {image.architecture or '?'})" for image in shown
    )
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"there {'is' if len(names) == 1 else 'are'}: {', '.join(names[:10]) or 'no images'}{more}"
