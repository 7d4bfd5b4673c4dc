"""Finding the operating system's image."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

DISCOVERY = Behaviour(
    id="img.catalogue.discovery",
    means="Whether the image of the wanted operating system can be found by its properties, without knowing its name.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Glance, useful image properties (os_distro, os_version); SCS-0102-v2",
    breaks="Templates name an image that the other cloud does not have, or pick a wrong one of several.",
    remedy="Select by properties: openstack image list --property os_distro=debian --property os_version=12; or upload "
    "the same image to both clouds.",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
    absorbed_by="image",
)

_GUESSED = "system guessed from"
"""A property that the offer adds to images which do not tell what they are (cloud/offers)."""


@of_cloud(DISCOVERY)
def discovery(view: CloudView) -> Iterator[Reading]:
    system = view.workload.system
    fitting = [i for i in view.offer.images if (i.distro, i.version) == (system.distro, system.version)]
    exact = [image for image in fitting if _GUESSED not in {name for name, _ in image.properties}]
    names = ", ".join(sorted(image.name for image in exact or fitting)[:5])
    if exact:
        value = "by properties, one" if len(exact) == 1 else "by properties, several"
    else:
        value = "by name only" if fitting else "not at all"
    yield measured(DISCOVERY, value, detail=names)
