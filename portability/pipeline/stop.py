"""Ctrl-C: first, end what runs and clean up; second, stop waiting for it and clean up; third, stop cleaning up."""

import threading
from collections.abc import Callable, Iterable
from typing import Any, cast

from portability.cloud.protocol import Cloud
from portability.errors import Interrupted
from portability.guest.access import Guests
from portability.guest.known_hosts import HostKey
from portability.guest.shell import Shell


class StopSwitch:
    """How often somebody asked to stop. Signal handlers press it, workers look at it."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.presses = 0

    def press(self) -> None:
        self.presses += 1
        self._event.set()

    @property
    def is_on(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Nothing, or:

        Raises:
            Interrupted: when somebody asked to stop.
        """
        if self._event.is_set():
            raise Interrupted("interrupted")

    def sleep(self, seconds: float) -> None:
        """Sleep, but wake up when somebody asks to stop.

        Raises:
            Interrupted: when somebody did.
        """
        self._event.wait(seconds)
        self.check()


class _Stoppable:
    """Every method call looks at the switch first, so that a worker thread ends at its next step."""

    def __init__(self, target: Any, check: Callable[[], None]) -> None:
        self._target = target
        self._check = check

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if not callable(value):
            return value

        def checked(*args: Any, **kwargs: Any) -> Any:
            self._check()
            return value(*args, **kwargs)

        return checked


def stoppable_cloud(cloud: Cloud, switch: StopSwitch) -> Cloud:
    return cast(Cloud, _Stoppable(cloud, switch.check))


def stoppable_shell(shell: Shell, switch: StopSwitch) -> Shell:
    return cast(Shell, _Stoppable(shell, switch.check))


class _StoppableGuests:
    """Logins whose every command looks at the switch first."""

    def __init__(self, guests: Guests, switch: StopSwitch) -> None:
        self._guests = guests
        self._switch = switch

    def shell(self, role: str) -> Shell:
        self._switch.check()
        return stoppable_shell(self._guests.shell(role), self._switch)

    def pin(self, role: str, keys: Iterable[HostKey]) -> None:
        self._guests.pin(role, keys)


def stoppable_guests(guests: Guests, switch: StopSwitch) -> Guests:
    return cast(Guests, _StoppableGuests(guests, switch))
