"""How long it takes from the request to a server that serves. Read from boot canaries, on the observer's clock."""

from collections.abc import Callable, Iterator

from portability.behaviours.probes import Reading, measured, of_canaries, unknown
from portability.behaviours.views import CanaryView
from portability.model.behaviour import Behaviour, Better, Cost, Impact, Level, Margin, Scale
from portability.model.deployment import BootTimeline
from portability.model.units import Seconds

SUBJECT = "canary"

_MARGIN = Margin(
    relative=0.5,
    absolute=5.0,
    reason="whoever waits for a server waits up to 300 s (Tempest, build_timeout and ssh_timeout); half as long again, "
    "or 5 s, changes no plan",
)
_BREAKS = (
    "Time-outs of deployment tools and the reaction time of scaling that fit one cloud are too short on the other."
)


def _boot(id_: str, means: str, remedy: str, *, level: Level, impact: Impact = Impact.CHANGE) -> Behaviour:
    return Behaviour(
        id=id_,
        means=means,
        scale=Scale.QUANTITY,
        level=level,
        unit="s",
        authority="Tempest, compute.build_timeout and validation.ssh_timeout: 300 s",
        breaks=_BREAKS,
        remedy=remedy,
        cost=Cost.SERVER,
        better=Better.LOWER,
        margin=_MARGIN,
        impact=impact,
    )


TO_API = _boot(
    "boot.time_to_api",
    "How long the cloud takes to accept the request for a server.",
    "Nothing in the application depends on it; give the client of the API a time-out of 60 s.",
    level=Level.INFORMATIONAL,
    impact=Impact.HARMLESS,
)
TO_ACTIVE = _boot(
    "boot.time_to_active",
    "How long it takes until the cloud says that a new server is running.",
    "openstack server create --wait, or wait_for_server(server, wait=300); smaller or raw images start sooner.",
    level=Level.RECOMMENDED,
)
TO_PORT = _boot(
    "boot.time_to_port",
    "How long it takes until a new server accepts connections.",
    "ansible.builtin.wait_for: {port: 22, timeout: 300}",
    level=Level.INFORMATIONAL,
    impact=Impact.HARMLESS,
)
TO_SSH = _boot(
    "boot.time_to_ssh",
    "How long it takes until one can log in to a new server.",
    "ansible.builtin.wait_for_connection: {timeout: 300}",
    level=Level.RECOMMENDED,
)
TO_CLOUD_INIT = _boot(
    "boot.time_to_cloudinit_done",
    "How long it takes until a new server has configured itself.",
    "Begin with: cloud-init status --wait; and leave slow work (package upgrades) out of user data.",
    level=Level.RECOMMENDED,
)
TO_SERVICE = _boot(
    "boot.time_to_service",
    "How long it takes from the request for a server to the first answer of a small web service on it.",
    "Scale out earlier, or keep one server more: an extra server serves this much later.",
    level=Level.RECOMMENDED,
)
IMAGE_CACHE = Behaviour(
    id="boot.image_cache_effect",
    means="How much longer the first server from an image takes than the later ones.",
    scale=Scale.QUANTITY,
    level=Level.INFORMATIONAL,
    unit="s",
    authority="Nova administrator guide, Image caching",
    breaks="Roll-outs with a new image each time are slow on one cloud.",
    remedy="Start one server from a new image before the roll-out, or keep the image raw and small.",
    cost=Cost.SERVER,
    better=Better.LOWER,
    margin=Margin(relative=0.5, absolute=60.0, reason="paid once for each image and host"),
    impact=Impact.HARMLESS,
)

_MILESTONES: tuple[tuple[Behaviour, Callable[[BootTimeline], Seconds | None]], ...] = (
    (TO_API, lambda boot: boot.accepted),
    (TO_ACTIVE, lambda boot: boot.active),
    (TO_PORT, lambda boot: boot.port_open),
    (TO_SSH, lambda boot: boot.ssh_login),
    (TO_CLOUD_INIT, lambda boot: boot.cloud_init_done),
    (TO_SERVICE, lambda boot: boot.service),
)


@of_canaries(TO_API, TO_ACTIVE, TO_PORT, TO_SSH, TO_CLOUD_INIT, TO_SERVICE)
def milestones(view: CanaryView) -> Iterator[Reading]:
    for run in view.counted:
        for behaviour, time_of in _MILESTONES:
            seconds = time_of(run.timeline)
            if seconds is None:
                yield unknown(behaviour, run.failure or "not seen", subject=SUBJECT, repetition=run.repetition)
            else:
                # The API's answer is not polled for.
                resolution = None if behaviour is TO_API else run.timeline.resolution
                yield measured(behaviour, seconds, subject=SUBJECT, repetition=run.repetition, resolution=resolution)


@of_canaries(IMAGE_CACHE)
def image_cache(view: CanaryView) -> Iterator[Reading]:
    warm_up = next((run for run in view.runs if run.repetition == 0), None)
    first = warm_up.timeline.active if warm_up else None
    if first is None:
        reason = (warm_up.failure if warm_up else "") or "there was no first server to compare with"
        yield unknown(IMAGE_CACHE, reason, subject=SUBJECT)
        return
    for run in view.counted:
        if run.timeline.active is None:
            yield unknown(IMAGE_CACHE, run.failure or "not seen", subject=SUBJECT, repetition=run.repetition)
        else:
            yield measured(
                IMAGE_CACHE,
                first - run.timeline.active,
                subject=SUBJECT,
                repetition=run.repetition,
                resolution=run.timeline.resolution,
                detail=f"first ACTIVE after {first:.1f} s, later {run.timeline.active:.1f} s",
            )
