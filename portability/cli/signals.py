"""Ctrl-C and `kill` while clouds are being worked on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from portability.pipeline.stop import StopSwitch


@contextmanager
def stop_switch() -> Iterator[StopSwitch]:
    """A switch that SIGINT, SIGTERM and the hang-up of a terminal press, as long as the block lasts; once it is
    pressed, until the program ends: an impatient press must not cut off the last words.
    """
    switch = StopSwitch()

    def press(_signal: int, _frame: FrameType | None) -> None:
        switch.press()

    before = {number: signal.signal(number, press) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield switch
    finally:
        if not switch.is_on:
            for number, handler in before.items():
                signal.signal(number, handler)
