"""Probes in a fair order: facts on both clouds at once, quantities on one cloud at a time, to and fro."""

import logging
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import Any

from portability import clock
from portability.behaviours.catalogue import probes as all_probes
from portability.behaviours.probes import Probe, Reading, refused, unknown
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
from portability.errors import CloudError, GuestError, Refused
from portability.guest.facts import collect
from portability.guest.local import LocalShell
from portability.guest.shell import Shell
from portability.model.behaviour import Behaviour
from portability.model.event import Listener, Progress
from portability.model.observation import Observation
from portability.model.run import Stage
from portability.model.workload import OUTSIDE
from portability.observe import context as views
from portability.observe.context import Met, ObserveContext
from portability.observe.journal import Journal
from portability.observe.traffic import source_views

__all__ = ["ObserveContext", "observe"]

log = logging.getLogger(__name__)

_THREADS = 8
_NOTHING = {
    CanaryView: "no canary was booted",
    PairView: "no two servers that talk to each other could be asked",
    ScratchView: "no server could be asked",
}
"""Why a view may not exist."""


def observe(
    contexts: tuple[ObserveContext, ...],
    *,
    journal: Journal,
    listener: Listener,
    seed: int,
    only: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    probes: tuple[Probe, ...] | None = None,
    outside: Shell | None = None,
) -> None:
    """At least one outcome for each behaviour in scope on each cloud, in the journal.

    `only` and `without` are patterns of ids, or areas. What fails inside a server or is refused by a cloud is an
    outcome; other errors pass through.
    """
    chosen = tuple(probe for probe in probes or all_probes() if _in_scope(probe, only=only, without=without))
    wanted = frozenset(b.id for probe in chosen for b in probe.behaviours if _matches(b, only=only, without=without))
    shell = outside or LocalShell(OUTSIDE)
    observers = [
        _Observer(context, wanted=wanted, journal=journal, listener=listener, outside=shell) for context in contexts
    ]
    facts = [probe for probe in chosen if not probe.is_timed]
    quantities = [probe for probe in chosen if probe.is_timed]
    with ThreadPoolExecutor(max(1, len(observers))) as pool:
        for future in [pool.submit(observer.look, facts) for observer in observers]:
            future.result()
    for number, (observer, probe) in enumerate(_alternating(observers, quantities, seed=seed)):
        observer.tell(probe.behaviours[0].id, done=number, total=len(quantities) * len(observers))
        observer.read(probe)
    for observer in observers:
        observer.fill_gaps(chosen)


def _alternating(
    observers: "list[_Observer]", quantities: list[Probe], *, seed: int
) -> "Iterator[tuple[_Observer, Probe]]":
    """A B, B A, A B, …: neither cloud is always the first, which finds the observer's caches cold."""
    order = list(observers)
    random.Random(seed).shuffle(order)
    for probe in quantities:
        yield from ((observer, probe) for observer in order)
        order.reverse()


def _in_scope(probe: Probe, *, only: tuple[str, ...], without: tuple[str, ...]) -> bool:
    return any(_matches(behaviour, only=only, without=without) for behaviour in probe.behaviours)


def _matches(behaviour: Behaviour, *, only: tuple[str, ...], without: tuple[str, ...]) -> bool:
    def fits(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(behaviour.id, pattern) or behaviour.area == pattern for pattern in patterns)

    return (not only or fits(only)) and not fits(without)


class _Observer:
    """One cloud, and what was met on it."""

    def __init__(
        self,
        context: ObserveContext,
        *,
        wanted: frozenset[str],
        journal: Journal,
        listener: Listener,
        outside: Shell,
    ) -> None:
        self._context = context
        self._wanted = wanted
        self._journal = journal
        self._listener = listener
        self._outside = outside
        self._met: dict[str, Met] = {}
        self._missed: dict[str, str] = {}
        """Roles of servers that nobody could ask, and why."""
        self._server_views: dict[str, ServerView] = {}
        self._seen: set[str] = set()

    def look(self, probes: Iterable[Probe]) -> None:
        """All servers' facts, then all probes of facts; what concerns different servers runs at once."""
        roles = [server.role for server in self._context.deployment.servers]
        self.tell("facts of the servers")
        with ThreadPoolExecutor(_THREADS) as pool:
            for role, outcome in zip(roles, pool.map(self._meet, roles), strict=True):
                if isinstance(outcome, str):
                    self._missed[role] = outcome
                else:
                    self._met[role] = outcome
            self._server_views = {role: views.server_view(self._context, met) for role, met in self._met.items()}
            probes = tuple(probes)
            self.tell("probes of facts", done=0, total=len(probes))
            # What is of one server stays in one thread: its view remembers what was already looked at.
            own = [probe for probe in probes if probe.view is ServerView]
            jobs = [pool.submit(self._read_all, own, view) for view in self._server_views.values()]
            for probe in probes:
                if probe.view is not ServerView:
                    jobs += [pool.submit(self._read_one, probe, view) for view in self._views(probe)]
                self._tell_missed(probe)
            for job in jobs:
                job.result()

    def _meet(self, role: str) -> Met | str:
        try:
            shell = self._context.guests.shell(role)
            collected = collect(shell)
        except GuestError as error:
            return str(error)
        if self._context.evidence is not None:
            self._context.evidence.save(collected.evidence, self._context.label, role, "facts")
        return Met(server=self._context.deployment.server(role), shell=shell, facts=collected.facts)

    def read(self, probe: Probe) -> None:
        """One probe alone, view after view."""
        for view in self._views(probe):
            self._read_one(probe, view)
        self._tell_missed(probe)

    def _read_all(self, probes: Iterable[Probe], view: ServerView) -> None:
        for probe in probes:
            self._read_one(probe, view)

    def _read_one(self, probe: Probe, view: Any) -> None:
        """What the probe yields; an error of guest or cloud is the outcome of what it had not yet read."""
        read = set()
        try:
            for reading in probe.read(view):
                read.add(reading.behaviour)
                self._write(reading)
        except Refused as error:
            log.debug("%s: %s: %s", self._context.label, probe.name, error)
            self._write_rest(probe, read, refused, error.message, _subject(view))
        except (GuestError, CloudError, clock.TimeUp) as error:
            log.debug("%s: %s: %s", self._context.label, probe.name, error)
            self._write_rest(probe, read, unknown, str(error), _subject(view))

    def _write_rest(self, probe: Probe, read: set[str], outcome: Any, reason: str, subject: str) -> None:
        for behaviour in probe.behaviours:
            if behaviour.id not in read:
                self._write(outcome(behaviour, reason, subject=subject))

    def _tell_missed(self, probe: Probe) -> None:
        """Servers that could not be asked are unknown, not absent."""
        if probe.view in (ServerFacts, ServerView, SourceView):
            for role, reason in self._missed.items():
                self._write_rest(probe, set(), unknown, reason, role)

    def fill_gaps(self, probes: Iterable[Probe]) -> None:
        """An outcome for what no view gave a reading of."""
        for probe in probes:
            for behaviour in probe.behaviours:
                if behaviour.id not in self._seen:
                    self._write(unknown(behaviour, _NOTHING.get(probe.view, "there was nothing to read it from")))

    def _views(self, probe: Probe) -> Iterable[Any]:
        context, met = self._context, self._met
        match probe.view:
            case kind if kind is CloudView:
                return views.cloud_views(context)
            case kind if kind is CanaryView:
                return views.canary_views(context)
            case kind if kind is ApplicationView:
                return views.application_views(context)
            case kind if kind is ServerFacts:
                return [view.told for view in self._server_views.values()]
            case kind if kind is ServerView:
                return self._server_views.values()
            case kind if kind is SourceView:
                return source_views(context, met, outside=self._outside)
            case kind if kind is PairView:
                return views.pair_views(context, met)
            case kind if kind is ScratchView:
                return views.scratch_views(context, met)
            case _:
                raise TypeError(f"nobody makes a {probe.view.__name__} for {probe.name}")

    def _write(self, reading: Reading) -> None:
        if reading.behaviour not in self._wanted:
            return
        self._seen.add(reading.behaviour)
        evidence = None
        if reading.evidence and self._context.evidence is not None:
            parts = (self._context.label, reading.subject, reading.behaviour)
            evidence = self._context.evidence.save(reading.evidence, *parts)
        self._journal.write(
            Observation(
                cloud=self._context.label,
                behaviour=reading.behaviour,
                subject=reading.subject,
                outcome=reading.outcome,
                at=clock.now(),
                repetition=reading.repetition,
                resolution=reading.resolution,
                evidence=evidence,
                detail=reading.detail,
            )
        )

    def tell(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        event = Progress(cloud=self._context.label, stage=Stage.OBSERVE, text=text, done=done, total=total)
        self._listener(event)


def _subject(view: Any) -> str:
    """Whose outcome it is when a probe fails on this view."""
    match view:
        case ServerFacts(server=server):
            return server.role
        case ServerView(told=told):
            return told.server.role
        case SourceView(name=name):
            return name
        case PairView(flow=flow):
            return flow.name
        case CanaryView():
            return "canary"
        case _:
            return ""
