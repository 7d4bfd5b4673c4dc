"""One of the two clouds of a run, and what is known of it so far."""

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from portability.behaviours.views import CanaryRun
from portability.cloud.protocol import Cloud, Kind
from portability.guest.access import Guests
from portability.model.deployment import Deployment
from portability.model.plan import Binding, Offer
from portability.model.units import CloudLabel
from portability.model.verdict import Failure
from portability.pipeline.stop import StopSwitch

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Side:
    """Filled stage by stage; belongs to one worker thread at a time."""

    name: str
    """As in clouds.yaml."""
    label: CloudLabel
    letter: str
    """`a` or `b`: part of every name, so that a cloud can be compared with itself."""
    cloud: Cloud
    """As it is: for reading and for tearing down."""
    offer: Offer
    before: Mapping[Kind, int] = field(default_factory=dict)
    binding: Binding | None = None
    made_with: Cloud | None = None
    """The same cloud, with every create in the ledger and a look at the stop switch before every call."""
    known_hosts: Path = Path()
    canaries: tuple[CanaryRun, ...] = ()
    deployment: Deployment | None = None
    guests: Guests | None = None
    failure: Failure | None = None
    """Set: the later stages leave this cloud out."""

    @property
    def chosen(self) -> Binding:
        return _there(self.binding)

    @property
    def maker(self) -> Cloud:
        return _there(self.made_with)

    @property
    def deployed(self) -> Deployment:
        return _there(self.deployment)

    @property
    def entry_address(self) -> str:
        entry = self.deployed.server(self.deployed.entry)
        return entry.access_ip or entry.fixed_ip

    @property
    def logins(self) -> Guests:
        return _there(self.guests)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    error: BaseException


def _there(value: T | None) -> T:
    if value is None:
        raise AssertionError("an earlier stage sets this")
    return value


def in_parallel(
    work: Mapping[CloudLabel, Callable[[], T]],
    switch: StopSwitch,
    *,
    patience: int = 2,
    on_stop: Callable[[], None] = lambda: None,
) -> dict[CloudLabel, Done[T] | Failed]:
    """The outcome of each, errors included, all at once in threads of their own.

    Args:
        patience: So many presses of the switch stop the waiting: what did not end by then has failed with
            KeyboardInterrupt, and its thread is left to itself.
        on_stop: Called once when the switch is found pressed, to hasten the end.
    """
    results: queue.Queue[tuple[CloudLabel, Done[T] | Failed]] = queue.Queue()

    def run(label: CloudLabel, call: Callable[[], T]) -> None:
        try:
            results.put((label, Done(call())))
        except BaseException as error:  # noqa: BLE001 (an outcome, given to the caller)
            results.put((label, Failed(error)))

    for label, call in work.items():
        threading.Thread(target=run, args=(label, call), name=f"cloud {label}", daemon=True).start()
    outcomes: dict[CloudLabel, Done[T] | Failed] = {}
    is_told = False
    while len(outcomes) < len(work) and switch.presses < patience:
        if switch.is_on and not is_told:
            is_told = True
            on_stop()
        try:
            label, outcome = results.get(timeout=0.2)
        except queue.Empty:
            continue
        outcomes[label] = outcome
    return outcomes | {label: Failed(KeyboardInterrupt()) for label in work if label not in outcomes}
