"""The id of a run: short, lower case, and in the order of time."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from portability import clock

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 (2019): sorts as ASCII does, and has no letter that is taken for a digit."""
_TICKS_PER_SECOND = 32
_TIME_DIGITS, _CHANCE_DIGITS = 8, 4
LENGTH = _TIME_DIGITS + _CHANCE_DIGITS


def new_run_id(*, now: Callable[[], str] = clock.now, chance: Callable[[int], int] = secrets.randbelow) -> str:
    """Twelve characters: the time to 1/32 s, then a million to one against a second run in the same tick.

    Eight digits of 1/32 s last until the year 3058. Ids hold no hyphen, so that names of resources can be taken apart.
    """
    ticks = int(datetime.fromisoformat(now()).timestamp() * _TICKS_PER_SECOND)
    return _written(ticks, _TIME_DIGITS) + _written(chance(32**_CHANCE_DIGITS), _CHANCE_DIGITS)


def started_at(run_id: str) -> datetime | None:
    """When the run began, to 1/32 s; None: it is no id of ours."""
    if not is_run_id(run_id):
        return None
    ticks = 0
    for digit in run_id[:_TIME_DIGITS]:
        ticks = ticks * 32 + _DIGITS.index(digit)
    return datetime.fromtimestamp(ticks / _TICKS_PER_SECOND, UTC)


def is_run_id(text: str) -> bool:
    return len(text) == LENGTH and set(text) <= set(_DIGITS)


def _written(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
    return digits
