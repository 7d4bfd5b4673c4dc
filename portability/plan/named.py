"""Finding what the user named, by name or id."""

import difflib
from typing import Protocol, TypeVar

from portability.errors import ImpossiblePlan
from portability.model.plan import Offer


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def named(offer: Offer, what: str, wanted: str, offered: tuple[N, ...]) -> N:
    """The one that is called so or has this id.

    Raises:
        ImpossiblePlan: there is none, or the name is there more than once.
    """
    for thing in offered:
        if thing.id == wanted:
            return thing
    found = [thing for thing in offered if thing.name == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(sorted(thing.id for thing in found))
        raise ImpossiblePlan(f"{offer.cloud}: {len(found)} {what}s are called {wanted!r}", way_out=f"take an id: {ids}")
    names = sorted({thing.name for thing in offered})
    near = difflib.get_close_matches(wanted, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise ImpossiblePlan(
        f"{offer.cloud}: no {what} is called {wanted!r}{hint}; there are: {', '.join(names[:20]) or 'none'}",
        way_out=f"correct clouds.{offer.cloud} in portability.yaml",
    )
