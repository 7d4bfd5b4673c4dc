"""Ctrl-C and `kill` while clouds are being worked on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from portability.pipeline.stop import StopSwitch


@contextmanager
def stop_switch() -> Iterator[StopSwitch]:
    """A switch that SIGINT, SIGTERM and the hang-up of a terminal press, as long as the block lasts."""
    switch = StopSwitch()

    def press(_signal: int, _frame: FrameType | None) -> None:
        switch.press()

    before = {number: signal.signal(number, press) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield switch
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
