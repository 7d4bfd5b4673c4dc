"""Keeps the data plane as Neutron's memory says: many quick changes become one application."""

import logging
import threading
from collections.abc import Callable

from portability.errors import LabError
from portability.lab import topology
from portability.lab.metadata_service import MetadataService
from portability.lab.plane.protocol import Plane

log = logging.getLogger(__name__)

_RETRY_SECONDS = 2.0
"""A plane that failed is tried again so soon, even when nothing changes."""


class NetworkAgent:
    """One thread; whoever changed the network calls `changed`, whoever needs it true calls `settle`."""

    def __init__(
        self, name: str, plane: Plane, wanted: Callable[[], topology.Topology], metadata: MetadataService
    ) -> None:
        self._plane = plane
        self._wanted = wanted
        self._metadata = metadata
        self._condition = threading.Condition()
        self._asked = 1
        self._applied = 0
        self._tried = 0
        self._failure: LabError | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"network-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def changed(self) -> None:
        with self._condition:
            self._asked += 1
            self._condition.notify_all()

    def settle(self, *, timeout: float = 60.0) -> None:
        """Returns when all that was remembered before the call is true in the plane.

        Raises:
            LabError: when the plane could not do it, or not in time.
        """
        with self._condition:
            self._asked += 1
            target = self._asked
            self._condition.notify_all()
            in_time = self._condition.wait_for(lambda: self._tried >= target or self._stopping, timeout)
            if self._applied >= target:
                return
            if self._failure is not None:
                raise LabError(f"the network could not be made: {self._failure}") from self._failure
            if not in_time:
                raise LabError(f"the network was not made within {timeout:.0f} s")

    def stop(self) -> None:
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self._metadata.stop()

    def _run(self) -> None:
        while True:
            with self._condition:
                pause = _RETRY_SECONDS if self._failure else None
                self._condition.wait_for(lambda: self._asked > self._tried or self._stopping, pause)
                if self._stopping:
                    return
                target = self._asked
            failure = self._apply()
            with self._condition:
                self._tried = target
                self._failure = failure
                if failure is None:
                    self._applied = target
                self._condition.notify_all()

    def _apply(self) -> LabError | None:
        now = self._wanted()
        try:
            self._plane.apply(now)
            self._metadata.serve({network.id for network in now.networks if network.has_metadata})
        except LabError as error:
            log.error("the network could not be applied: %s", error)
            return error
        except OSError as error:
            log.exception("the network could not be applied")
            return LabError(str(error))
        return None
