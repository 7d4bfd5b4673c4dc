"""Boot canaries: servers that only boot, one at a time, to and fro between the clouds."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from portability import clock
from portability.behaviours.views import CanaryRun
from portability.clock import TimeUp
from portability.errors import CloudError
from portability.model.event import Listener, Progress
from portability.model.journal import Remark
from portability.model.run import CanaryBoot, Stage
from portability.model.units import CloudLabel
from portability.observe.canary_boot import boot_canary, without_run
from portability.observe.canary_site import CanaryCloud, Site, prepare, remove
from portability.observe.journal import Journal

__all__ = ["CanaryCloud", "boot_canaries"]


def boot_canaries(
    clouds: Mapping[CloudLabel, CanaryCloud],
    order: tuple[CloudLabel, ...],
    *,
    journal: Journal,
    listener: Listener,
) -> dict[CloudLabel, tuple[CanaryRun, ...]]:
    """The boots of each cloud, the warm-up first, as material for the probes; each counted one is in the journal.

    The warm-ups run on both clouds at once and are not counted: the first server from an image pays for fetching it.
    The counted ones run one at a time in the given order, since clouds measured one after the other differ by what
    else happened meanwhile. A cloud that fails does not stop the other. An empty order: no canaries.
    """
    if not order:
        return dict.fromkeys(clouds, ())
    stage = _Canaries(clouds, order, journal=journal, listener=listener)
    try:
        stage.warm_up()
        stage.count()
    finally:
        stage.clean_up()
    return {label: tuple(runs) for label, runs in stage.runs.items()}


class _Canaries:
    def __init__(
        self,
        clouds: Mapping[CloudLabel, CanaryCloud],
        order: tuple[CloudLabel, ...],
        *,
        journal: Journal,
        listener: Listener,
    ) -> None:
        self._clouds = clouds
        self._order = order
        self._journal = journal
        self._listener = listener
        self._sites = {label: Site(owner=owner) for label, owner in clouds.items()}
        self._broken: dict[CloudLabel, str] = {}
        self.runs: dict[CloudLabel, list[CanaryRun]] = {label: [] for label in clouds}

    def warm_up(self) -> None:
        with ThreadPoolExecutor(len(self._clouds)) as pool:
            for future in [pool.submit(self._warm_up, label) for label in self._clouds]:
                future.result()

    def _warm_up(self, label: CloudLabel) -> None:
        self._tell(label, 0, "network")
        try:
            prepare(self._clouds[label], self._sites[label])
        except CloudError as error:
            self._broken[label] = str(error)
            self._remark(label, f"no canaries: {error}")
            self.runs[label].append(without_run(0, str(error)))
            return
        self._boot(label, 0)

    def count(self) -> None:
        done = dict.fromkeys(self._clouds, 0)
        for label in self._order:
            done[label] += 1
            self._boot(label, done[label])

    def _boot(self, label: CloudLabel, repetition: int) -> None:
        if label in self._broken:
            run = without_run(repetition, self._broken[label])
        else:
            tell = partial(self._tell, label, repetition)
            try:
                run = boot_canary(self._clouds[label], self._sites[label], repetition=repetition, tell=tell)
            except (CloudError, TimeUp) as error:
                # The port is taken or the API is away: no further boot would tell anything.
                self._broken[label] = str(error)
                run = without_run(repetition, str(error))
        self.runs[label].append(run)
        if repetition:
            self._journal.write(
                CanaryBoot(cloud=label, repetition=repetition, timeline=run.timeline, failure=run.failure)
            )
        if run.failure:
            self._remark(label, f"canary {repetition}: {run.failure}")

    def clean_up(self) -> None:
        with ThreadPoolExecutor(len(self._sites)) as pool:
            for label, problems in zip(self._sites, pool.map(remove, self._sites.values()), strict=True):
                for problem in problems:
                    self._remark(label, f"left for the teardown: {problem}")

    def _tell(self, label: CloudLabel, repetition: int, text: str) -> None:
        total = self._order.count(label)
        name = f"canary {repetition} of {total}" if repetition else "warm-up"
        self._listener(
            Progress(cloud=label, stage=Stage.CANARIES, text=f"{name}: {text}", done=repetition, total=total)
        )

    def _remark(self, label: CloudLabel, text: str) -> None:
        self._journal.write(Remark(cloud=label, text=text, at=clock.now()))
