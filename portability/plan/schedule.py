"""In which order canaries are booted, and what a run costs in time. Pure."""

import random

from portability.model.plan import Estimate
from portability.model.units import CloudLabel, Seconds
from portability.model.workload import Workload

# Rough times of an ordinary cloud with hardware virtualisation, to tell minutes from hours before anything is known:
# a virtual machine with cloud-init answers in about 40 s, is deleted in 10 s, and a tier is configured in a minute.
_BOOT: Seconds = 40.0
_DELETE: Seconds = 10.0
_NETWORK: Seconds = 20.0
_CONFIGURE: Seconds = 60.0
_OBSERVE: Seconds = 90.0
_RESTORE: Seconds = 45.0
_TEAR_DOWN: Seconds = 30.0


def canary_order(clouds: tuple[CloudLabel, CloudLabel], *, repetitions: int, seed: int) -> tuple[CloudLabel, ...]:
    """Which cloud boots a canary next, `repetitions` times each, in blocks of A B B A or B A A B chosen by the seed.

    Within such a block a steady drift (a host that fills up, a machine that warms up) weighs on both clouds alike; that
    the blocks are shuffled keeps a periodic disturbance from always meeting the same cloud.
    """
    chance = random.Random(seed)
    order: list[CloudLabel] = []
    for _ in range(repetitions // 2):
        first, second = _shuffled(clouds, chance)
        order += [first, second, second, first]
    if repetitions % 2:
        order += _shuffled(clouds, chance)
    return tuple(order)


def estimate(workload: Workload, clouds: tuple[CloudLabel, CloudLabel], *, repetitions: int) -> Estimate:
    """How long a run takes and how many servers it keeps for how long, on clouds of ordinary speed."""
    # Canaries boot one at a time, whichever cloud; the first of each cloud are extra, and boot at the same time.
    canaries = (1 + 2 * repetitions) * (_BOOT + _DELETE) if repetitions else 0.0
    exercise = sum(one.before_seconds + one.after_seconds + _RESTORE for one in workload.exercises)
    # The clouds are exercised one after the other: load on one must not be felt on the other through the observer.
    standing = _NETWORK + _BOOT + _CONFIGURE + _OBSERVE + 2 * exercise
    server_seconds = workload.server_count * standing + (1 + repetitions) * _BOOT * (repetitions > 0)
    return Estimate(
        duration=canaries + standing + _TEAR_DOWN,
        server_hours=tuple((cloud, round(server_seconds / 3600, 2)) for cloud in clouds),
        servers_at_once=tuple((cloud, workload.server_count) for cloud in clouds),
    )


def _shuffled(clouds: tuple[CloudLabel, CloudLabel], chance: random.Random) -> list[CloudLabel]:
    return chance.sample(clouds, 2)
