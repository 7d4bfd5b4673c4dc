"""How a behaviour is read: a function of one view of a cloud that yields readings.

The decorator says which view the function takes and which behaviours it reads; the runner makes the views. A probe may
let a GuestError or CloudError escape: the runner turns it into the outcome of what was not yet read.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from portability.behaviours.views import (
    ApplicationView,
    CanaryView,
    CloudView,
    PairView,
    ScratchView,
    ServerFacts,
    ServerView,
    SourceView,
)
from portability.model.behaviour import Behaviour, Scale
from portability.model.observation import Measured, Outcome, Refused, Unknown, Value

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a probe saw, before the runner adds cloud and time."""

    behaviour: str
    outcome: Outcome
    subject: str = ""
    repetition: int = 0
    resolution: float | None = None
    detail: str = ""
    evidence: str = ""
    """Text to keep in a file beside the journal."""


def measured(
    behaviour: Behaviour,
    value: Value,
    *,
    subject: str = "",
    repetition: int = 0,
    resolution: float | None = None,
    detail: str = "",
    evidence: str = "",
) -> Reading:
    return Reading(
        behaviour=behaviour.id,
        outcome=Measured(value=value),
        subject=subject,
        repetition=repetition,
        resolution=resolution,
        detail=detail,
        evidence=evidence,
    )


def refused(behaviour: Behaviour, reason: str, *, subject: str = "", detail: str = "") -> Reading:
    return Reading(behaviour=behaviour.id, outcome=Refused(reason=reason), subject=subject, detail=detail)


def unknown(behaviour: Behaviour, reason: str, *, subject: str = "", repetition: int = 0) -> Reading:
    return Reading(behaviour=behaviour.id, outcome=Unknown(reason=reason), subject=subject, repetition=repetition)


def sample(behaviour: Behaviour, values: Iterable[float], *, subject: str = "", detail: str = "") -> Iterator[Reading]:
    """One reading a value."""
    for repetition, value in enumerate(values):
        yield measured(behaviour, value, subject=subject, repetition=repetition, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    view: type
    behaviours: tuple[Behaviour, ...]
    read: Callable[[Any], Iterator[Reading]]

    @property
    def is_timed(self) -> bool:
        """It reads a quantity: nothing else of ours may run on that cloud meanwhile. Canaries have booted before."""
        return self.view is not CanaryView and any(behaviour.scale is Scale.QUANTITY for behaviour in self.behaviours)

    @property
    def name(self) -> str:
        return f"{self.read.__module__}.{self.read.__name__}"


_Decorator: TypeAlias = Callable[[Callable[[V], Iterator[Reading]]], Probe]


def _reads(view: type[V], behaviours: tuple[Behaviour, ...]) -> _Decorator[V]:
    if not behaviours:
        raise TypeError("a probe reads at least one behaviour")

    def decorate(read: Callable[[V], Iterator[Reading]]) -> Probe:
        return Probe(view=view, behaviours=behaviours, read=read)

    return decorate


def of_cloud(*behaviours: Behaviour) -> _Decorator[CloudView]:
    """Read from the API, once a cloud."""
    return _reads(CloudView, behaviours)


def of_facts(*behaviours: Behaviour) -> _Decorator[ServerFacts]:
    """A pure function of what a server told about itself, once a server."""
    return _reads(ServerFacts, behaviours)


def of_server(*behaviours: Behaviour) -> _Decorator[ServerView]:
    """Read inside a server, once a server."""
    return _reads(ServerView, behaviours)


def of_traffic(*behaviours: Behaviour) -> _Decorator[SourceView]:
    """Read from one source towards all the servers that it may or must not reach, once a source."""
    return _reads(SourceView, behaviours)


def of_pair(*behaviours: Behaviour) -> _Decorator[PairView]:
    """Read between the first servers of two tiers that talk to each other, once a flow."""
    return _reads(PairView, behaviours)


def of_scratch(*behaviours: Behaviour) -> _Decorator[ScratchView]:
    """Read by making something and trying it on the application's servers, once a cloud."""
    return _reads(ScratchView, behaviours)


def of_canaries(*behaviours: Behaviour) -> _Decorator[CanaryView]:
    """A pure function of the boots of one cloud's canaries."""
    return _reads(CanaryView, behaviours)


def of_application(*behaviours: Behaviour) -> _Decorator[ApplicationView]:
    """Read as a user of the application, from outside."""
    return _reads(ApplicationView, behaviours)
