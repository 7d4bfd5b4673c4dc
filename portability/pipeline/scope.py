"""Which behaviours a run looks at, and whether what it was asked makes sense."""

import difflib
import ipaddress
from fnmatch import fnmatchcase

from portability.cloud.session import cloud_names
from portability.errors import BadFile, UsageError
from portability.model.behaviour import Behaviour
from portability.plan.overrides import Overrides


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


def check_observer(cidr: str | None) -> None:
    """Nothing, or:

    Raises:
        UsageError: it is no IPv4 range.
    """
    try:
        ipaddress.IPv4Network(cidr or "0.0.0.0/0")
    except ValueError as error:
        raise UsageError(
            f"--observer-cidr: {error}", way_out="an IPv4 range as 198.51.100.7/32, without bits behind the prefix"
        ) from error


def check_names(overrides: Overrides, clouds: tuple[str, str]) -> None:
    """One file may speak of many clouds; a name that nobody knows and that is almost one of the two is a slip.

    Raises:
        BadFile: there is such a name.
    """
    for name in (name for name, _ in overrides.clouds if name not in clouds):
        near = difflib.get_close_matches(name, clouds, n=1)
        if near and name not in cloud_names():
            raise BadFile(overrides.source, "no cloud is called that", key=f"clouds.{name}", way_out=f"{near[0]}?")
