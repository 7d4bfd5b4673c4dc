"""Removing what a run made on one cloud, however far it came, and looking again until it is gone."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from portability.clock import TimeUp, wait_until
from portability.cloud.ledger import Entry
from portability.cloud.protocol import Cloud, Kind, Resource, VolumeStatus
from portability.errors import CloudError, Refused
from portability.model.event import Listener, Note, Progress
from portability.model.run import Stage
from portability.model.units import Seconds

THREADS = 8
TICK: Seconds = 0.5
ASK_AGAIN_AFTER: Seconds = 15.0
"""A deletion that was accepted and shows no effect is asked for again: services forget."""
STEP_TIMEOUT: Seconds = 180.0
TIMEOUT: Seconds = 600.0
"""For all steps together."""
ROUNDS = 2
"""The second is for what was still being made while the first one looked."""

STEPS: tuple[tuple[Kind, ...], ...] = (
    (Kind.FLOATING_IP, Kind.SERVER, Kind.KEY_PAIR),
    (Kind.VOLUME, Kind.PORT),
    (Kind.ROUTER,),
    (Kind.SUBNET,),
    (Kind.NETWORK, Kind.SECURITY_GROUP),
)
"""Within a step all kinds at once; a step needs the ones before it to be through."""


def tear_down(
    cloud: Cloud,
    *,
    prefix: str,
    listener: Listener,
    ledger: tuple[Entry, ...] = (),
    deadline_factor: float = 1.0,
    sleep: Callable[[Seconds], None] = time.sleep,
) -> tuple[Resource, ...]:
    """What is left in spite of all. Only what carries the prefix is deleted, the floating IPs that the ledger names,
    and the unnamed boot volumes of our servers.

    Raises:
        CloudError: the cloud does not even tell what is left.
    """
    ground = _Ground(
        cloud=cloud,
        prefix=prefix,
        known=_ids(ledger, cloud.label),
        listener=listener,
        deadline=time.monotonic() + TIMEOUT * deadline_factor,
        step_timeout=STEP_TIMEOUT * deadline_factor,
        sleep=sleep,
    )
    with ThreadPoolExecutor(THREADS, thread_name_prefix=f"tear-down-{cloud.label}") as pool:
        left = ground.look(pool, tuple(Kind))
        if any(item.kind is Kind.SERVER for item in left):
            ground.boot_volumes = ground.find_boot_volumes(left)
        for _ in range(ROUNDS):
            if not left and not ground.boot_volumes and not ground.blind:
                break
            for step in STEPS:
                ground.clear(pool, step, tuple(item for item in left if item.kind in step))
            left = ground.look(pool, tuple(Kind))
        if ground.blind:
            raise ground.blind[min(ground.blind)]
        for item in left:
            reason = ground.refusals.get(item.id, "deletion was accepted, and it is still there")
            listener(Note(cloud=cloud.label, text=f"{item.kind} {item.name} is left: {reason}"))
        return left


@dataclass(slots=True, kw_only=True)
class _Ground:
    """What is being cleared, and what was learned on the way."""

    cloud: Cloud
    prefix: str
    known: Mapping[Kind, frozenset[str]]
    """Ids from the ledger."""
    listener: Listener
    deadline: Seconds
    """Monotonic."""
    step_timeout: Seconds
    sleep: Callable[[Seconds], None]
    boot_volumes: frozenset[str] = frozenset()
    last_seen: dict[Kind, tuple[Resource, ...]] = field(default_factory=dict)
    blind: dict[Kind, CloudError] = field(default_factory=dict)
    """Kinds whose last look failed: what was seen before still counts."""
    refusals: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Seconds] = field(default_factory=dict)
    """When deletion was last accepted, by id."""

    def look(self, pool: ThreadPoolExecutor, kinds: Iterable[Kind]) -> tuple[Resource, ...]:
        return tuple(item for found in pool.map(self._ours, kinds) for item in found)

    def _ours(self, kind: Kind) -> tuple[Resource, ...]:
        ids = self.known.get(kind, frozenset()) | (self.boot_volumes if kind is Kind.VOLUME else frozenset())
        try:
            found = self.cloud.find(kind, "" if ids else self.prefix)
        except CloudError as error:
            self.blind[kind] = error
            return self.last_seen.get(kind, ())
        self.blind.pop(kind, None)
        ours = tuple(item for item in found if item.name.startswith(self.prefix) or item.id in ids)
        self.last_seen[kind] = ours
        return ours

    def find_boot_volumes(self, found: tuple[Resource, ...]) -> frozenset[str]:
        """Volumes that Nova made for servers of ours that boot from a volume: it gives them no name, and deletes them
        with the server if all goes well.
        """
        servers = {item.id for item in found if item.kind is Kind.SERVER}
        try:
            return frozenset(volume.id for volume in self.cloud.volumes("") if _is_root_of(volume, servers))
        except CloudError as error:
            text = f"boot volumes cannot be looked for: {error.message}"
            self.listener(Note(cloud=self.cloud.label, text=text))
            return frozenset()

    def clear(self, pool: ThreadPoolExecutor, kinds: tuple[Kind, ...], first: tuple[Resource, ...]) -> None:
        """Delete until nothing of these kinds is found, or the time is up."""
        if not first and not self.blind.keys() & set(kinds) and not (Kind.VOLUME in kinds and self.boot_volumes):
            return
        names = " and ".join(f"{kind}s" for kind in kinds if any(item.kind is kind for item in first))
        self.listener(Progress(cloud=self.cloud.label, stage=Stage.TEAR_DOWN, text=names, total=len(first), done=0))
        tuple(pool.map(self._delete, first))
        waited_for = set(kinds)

        def still_there() -> tuple[Resource, ...]:
            left = self.look(pool, tuple(waited_for))
            waited_for.intersection_update(item.kind for item in left)
            due = [item for item in left if time.monotonic() - self.asked.get(item.id, 0.0) > ASK_AGAIN_AFTER]
            tuple(pool.map(self._delete, due))
            return left

        try:
            wait_until(
                still_there,
                lambda left: not left,
                what=f"{names} gone",
                timeout=max(0.0, min(self.step_timeout, self.deadline - time.monotonic())),
                interval=TICK,
                sleep=self.sleep,
            )
        except TimeUp:
            return  # the next steps free what they can; what is left is told at the end

    def _delete(self, item: Resource) -> None:
        """Ask for deletion. A refusal is kept: a later tick asks again, because much is refused only for a while."""
        try:
            self.cloud.delete(item)
        except CloudError as error:
            self.refusals[item.id] = error.message
            if item.kind is Kind.VOLUME and isinstance(error, Refused):
                self._detach(item)
        else:
            self.asked[item.id] = time.monotonic()

    def _detach(self, volume: Resource) -> None:
        """For volumes that hang on a server which is not ours to delete, or whose server lost track of them."""
        try:
            status = next((one for one in self.cloud.volumes(volume.name) if one.id == volume.id), None)
            if status is not None and status.attached_to and status.status == "in-use":
                self.cloud.detach_volume(status.attached_to, volume_id=volume.id)
        except CloudError as error:
            self.refusals[volume.id] = error.message


def _ids(ledger: tuple[Entry, ...], label: str) -> dict[Kind, frozenset[str]]:
    """Ids that only the ledger may know: floating IPs have no name, and not every cloud keeps their description."""
    ids: dict[Kind, set[str]] = {}
    for entry in ledger:
        if entry.cloud == label and entry.id and entry.kind is Kind.FLOATING_IP:
            ids.setdefault(entry.kind, set()).add(entry.id)
    return {kind: frozenset(known) for kind, known in ids.items()}


def _is_root_of(volume: VolumeStatus, servers: set[str]) -> bool:
    return not volume.name and volume.attached_to in servers and (volume.device or "").endswith("da")
