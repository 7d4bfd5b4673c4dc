"""A scratch volume on its way: attached, looked at, written to, detached, attached elsewhere and read."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from portability.behaviours.views import Place, ScratchView
from portability.behaviours.vol.devices import Appearance, appearance
from portability.clock import TimeUp, wait_until
from portability.cloud.protocol import Resource, VolumeStatus
from portability.errors import CloudError, GuestError, NotReached
from portability.model.units import Seconds

log = logging.getLogger(__name__)

TIMEOUT: Seconds = 180.0
INTERVAL: Seconds = 0.2
RESOLUTION: Seconds = 0.25
"""Of the loop inside the server and of the API's list call."""
SIZE_GIB = 1

_LOOK = r"""
look() {
    for node in /dev/[svx]d[a-z] /dev/xvd[a-z] /dev/[sv]d[a-z][a-z] /dev/nvme[0-9]n[0-9]; do
        [ -b "$node" ] && echo "node $node"
    done
    for link in /dev/disk/by-id/*; do [ -L "$link" ] && echo "link ${link##*/} $(readlink -f "$link")"; done
    return 0
}
"""


@dataclass(slots=True, kw_only=True)
class Attachment:
    """One stay on one server."""

    place: Place
    seconds: Seconds
    """From the request until the server had the device."""
    api_device: str | None
    seen: Appearance | None
    detach_seconds: Seconds | None = None
    """From the request until the server had lost it and the API called the volume available."""


@dataclass(slots=True, kw_only=True)
class Scratch:
    view: ScratchView
    volume: Resource
    stays: list[Attachment] = field(default_factory=list)

    def attach(self, place: Place) -> Attachment:
        """Attach and wait for the device inside.

        Raises:
            CloudError, GuestError: refused, or it did not come.
        """
        before = place.shell.run(f"{_LOOK}\nlook", timeout=20.0).stdout
        start = time.monotonic()
        device = self.view.cloud.attach_volume(place.server.id, volume_id=self.volume.id)
        after = self._wait_inside(place, before, is_there=True)
        seconds = time.monotonic() - start
        self._wait_outside("in-use")
        stay = Attachment(
            place=place,
            seconds=seconds,
            api_device=device or self._status().device,
            seen=appearance(before, after, volume_id=self.volume.id),
        )
        self.stays.append(stay)
        return stay

    def detach(self, stay: Attachment) -> None:
        """Detach and wait until it is gone inside and available outside.

        Raises:
            CloudError, GuestError: refused, or it did not go.
        """
        place = stay.place
        before = place.shell.run(f"{_LOOK}\nlook", timeout=20.0).stdout
        start = time.monotonic()
        self.view.cloud.detach_volume(place.server.id, volume_id=self.volume.id)
        inside = _Aside(lambda: self._wait_inside(place, before, is_there=False))
        self._wait_outside("available")
        inside.result()
        stay.detach_seconds = time.monotonic() - start

    def _wait_inside(self, place: Place, before: str, *, is_there: bool) -> str:
        """What the server has under /dev once the number of its disks changed; it looks itself, so that our way to it
        is not measured each time.
        """
        count = sum(line.startswith("node ") for line in before.splitlines())
        test = "-gt" if is_there else "-lt"
        script = f"""{_LOOK}
end=$(( $(date +%s) + {TIMEOUT:.0f} ))
while [ "$(date +%s)" -lt $end ]; do
    now=$(look); [ "$(printf '%s\\n' "$now" | grep -c '^node ')" {test} {count} ] && break; sleep 0.05
done
# udev makes its links a moment after the node.
command -v udevadm >/dev/null && udevadm settle --timeout=3 >/dev/null 2>&1
look
"""
        after = place.shell.run(script, timeout=TIMEOUT + 20).stdout
        if (sum(line.startswith("node ") for line in after.splitlines()) > count) is not is_there:
            change = "appear" if is_there else "vanish"
            raise GuestError(place.server.role, f"the volume did not {change} within {TIMEOUT:.0f} s")
        return after

    def _wait_outside(self, status: str) -> None:
        self._wait(lambda volume: volume.status == status, f"volume {status}")

    def _wait(self, reached: Callable[[VolumeStatus], bool], what: str) -> None:
        def is_over(volume: VolumeStatus) -> bool:
            return reached(volume) or volume.status.startswith("error")

        try:
            volume = wait_until(self._status, is_over, what=what, timeout=TIMEOUT, interval=INTERVAL)
        except TimeUp as error:
            raise NotReached(self.view.cloud.label, str(error)) from error
        if not reached(volume):
            raise NotReached(self.view.cloud.label, f"{what}: it is {volume.status}")

    def _status(self) -> VolumeStatus:
        found = [one for one in self.view.cloud.volumes(self.volume.name) if one.id == self.volume.id]
        if not found:
            raise NotReached(self.view.cloud.label, f"the volume {self.volume.name} is not listed")
        return found[0]

    def remove(self) -> None:
        """Detach where it still is, and ask for deletion.

        Raises:
            CloudError: refused.
        """
        status = self._status()
        if status.attached_to is not None:
            self.view.cloud.detach_volume(status.attached_to, volume_id=self.volume.id)
            self._wait_outside("available")
        self.view.cloud.delete(self.volume)


@contextmanager
def scratch_volume(view: ScratchView) -> Iterator[Scratch]:
    """A volume of the binding's type, available; deleted at the end. What cannot be deleted is left to the teardown.

    Raises:
        CloudError: it could not be made.
    """
    kind = view.binding.volume_type
    volume = view.cloud.create_volume(
        f"{view.prefix}scratch",
        size_gib=SIZE_GIB,
        volume_type=kind.name if kind else None,
        zone=view.binding.volume_zone,
        description=view.description,
    )
    scratch = Scratch(view=view, volume=volume)
    try:
        scratch._wait_outside("available")
        yield scratch
    finally:
        try:
            scratch.remove()
        except CloudError as error:
            log.warning("%s is left for the teardown: %s", volume.name, error)


class _Aside:
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._error: GuestError | None = None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], object]) -> None:
        try:
            call()
        except GuestError as error:
            self._error = error

    def result(self) -> None:
        self._thread.join()
        if self._error is not None:
            raise self._error
