"""Which behaviours a run looks at."""

from fnmatch import fnmatchcase

from portability.errors import UsageError
from portability.model.behaviour import Behaviour


def in_scope(
    behaviours: tuple[Behaviour, ...], *, only: tuple[str, ...], without: tuple[str, ...]
) -> tuple[Behaviour, ...]:
    """Those whose id matches a pattern of `only` (none given: all) and none of `without`; `net.*` takes an area.

    Raises:
        UsageError: a pattern matches nothing.
    """
    for pattern in (*only, *without):
        if not any(_matches(behaviour, pattern) for behaviour in behaviours):
            raise UsageError(f"no behaviour matches {pattern!r}", way_out="portability behaviours lists them")
    return tuple(
        behaviour
        for behaviour in behaviours
        if (not only or any(_matches(behaviour, pattern) for pattern in only))
        and not any(_matches(behaviour, pattern) for pattern in without)
    )


def _matches(behaviour: Behaviour, pattern: str) -> bool:
    return fnmatchcase(behaviour.id, pattern) or behaviour.area == pattern
