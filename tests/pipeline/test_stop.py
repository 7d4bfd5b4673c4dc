"""Ctrl-C: who notices, and who waits for whom."""

import threading

import pytest

from portability.errors import Interrupted
from portability.pipeline.side import Done, Failed, in_parallel
from portability.pipeline.stop import StopSwitch, stoppable_cloud


class CountingCloud:
    label = "onprem"

    def __init__(self) -> None:
        self.asked = 0

    def count(self, kind: str) -> int:
        self.asked += 1
        return 3


def test_a_stoppable_cloud_answers_until_the_switch_is_pressed() -> None:
    switch, cloud = StopSwitch(), CountingCloud()
    guarded = stoppable_cloud(cloud, switch)  # type: ignore[arg-type]
    assert guarded.label == "onprem"
    assert guarded.count("server") == 3  # type: ignore[arg-type]
    switch.press()
    with pytest.raises(Interrupted):
        guarded.count("server")  # type: ignore[arg-type]
    assert cloud.asked == 1


def test_sleeping_ends_when_the_switch_is_pressed() -> None:
    switch = StopSwitch()
    threading.Timer(0.01, switch.press).start()
    with pytest.raises(Interrupted):
        switch.sleep(60)


def test_parallel_work_gives_one_outcome_each_errors_included() -> None:
    def fail() -> int:
        raise ValueError("no")

    outcomes = in_parallel({"a": lambda: 1, "b": fail}, StopSwitch())
    assert outcomes["a"] == Done(1)
    failed = outcomes["b"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ValueError)


def test_parallel_work_runs_at_once() -> None:
    meet = threading.Barrier(2, timeout=5)
    outcomes = in_parallel({"a": lambda: meet.wait() >= 0, "b": lambda: meet.wait() >= 0}, StopSwitch())
    assert set(outcomes.values()) == {Done(True)}


def test_a_second_press_stops_the_waiting() -> None:
    switch, never = StopSwitch(), threading.Event()
    switch.press()
    switch.press()
    outcomes = in_parallel({"a": lambda: never.wait(60)}, switch)
    never.set()
    failed = outcomes["a"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, KeyboardInterrupt)


def test_one_press_waits_for_workers_to_end_by_themselves() -> None:
    switch = StopSwitch()
    switch.press()

    def worker() -> None:
        switch.check()

    failed = in_parallel({"a": worker}, switch)["a"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, Interrupted)
