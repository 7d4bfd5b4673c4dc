"""Volume types."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

TYPES = Behaviour(
    id="vol.types.default_and_semantics",
    means="Which kinds of volumes there are, and which one gets who names none.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Cinder, volume types; SCS-0114: a member cannot see what a type does",
    breaks="The database lands on slow, unreplicated or unencrypted storage because a name means something else.",
    remedy="Name the type per cloud and measure it (vol.perf.fsync): openstack volume create --type TYPE; openstack "
    "volume type list",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
    absorbed_by="volume type",
)


@of_cloud(TYPES)
def types(view: CloudView) -> Iterator[Reading]:
    names = {f"{kind.name} (default)" if kind.is_default else kind.name for kind in view.offer.volume_types}
    detail = "; ".join(f"{kind.name}: {kind.description}" for kind in view.offer.volume_types if kind.description)
    yield measured(TYPES, tuple(sorted(names)), detail=detail)
