"""Ansible's events, as recorded from ansible-runner 2.4 with ansible-core 2.19, shortened to what is read of them."""

from typing import Any

import pytest

from portability.configure.tasks import TaskLog, problem
from portability.model.event import Event, Progress
from portability.model.run import TaskTime


def event(kind: str, **data: Any) -> dict[str, Any]:
    common = {"host": "db-0", "task": "Run it", "role": "postgresql", "task_action": "ansible.builtin.systemd_service"}
    return {"event": kind, "event_data": {**common, **data}}


def log() -> tuple[TaskLog, list[Event]]:
    heard: list[Event] = []
    return TaskLog("here", heard.append), heard


def test_a_task_that_ends_is_kept_with_its_time() -> None:
    tasks, _ = log()
    tasks.take(event("runner_on_ok", duration=1.23456, res={"changed": True}))
    assert tasks.times() == (
        TaskTime(cloud="here", role="postgresql", task="Run it", host="db-0", seconds=1.235, changed=True, ok=True),
    )
    assert tasks.problem() == ""


def test_a_task_that_begins_is_told() -> None:
    tasks, heard = log()
    tasks.take(event("runner_on_start"))
    (told,) = heard
    assert isinstance(told, Progress)
    assert (told.cloud, told.text, told.done) == ("here", "db-0: Run it", 0)


def test_includes_and_skipped_tasks_are_no_work() -> None:
    tasks, _ = log()
    tasks.take(event("runner_on_ok", task_action="ansible.builtin.include_role", duration=0.1, res={}))
    tasks.take(event("runner_on_skipped", duration=0.1, res={}))
    tasks.take(event("playbook_on_stats"))
    assert tasks.times() == ()


def test_the_first_failure_is_the_problem() -> None:
    tasks, _ = log()
    tasks.take(event("runner_on_failed", duration=1.0, res={"msg": "first"}))
    tasks.take(event("runner_on_failed", duration=1.0, res={"msg": "second"}))
    assert tasks.problem() == "task postgresql: 'Run it' failed on db-0: first"
    assert [time.ok for time in tasks.times()] == [False, False]


def test_an_ignored_failure_is_none() -> None:
    tasks, _ = log()
    tasks.take(event("runner_on_failed", ignore_errors=True, duration=1.0, res={"msg": "never mind"}))
    assert tasks.problem() == ""
    assert tasks.times()[0].ok


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"msg": "non-zero return code", "stderr": "no disk\n"}, "non-zero return code: no disk"),
        ({"msg": "All items completed", "results": [{}, {"failed": True, "msg": "2nd"}]}, "2nd"),
        ({"msg": "All items completed", "results": [{"unreachable": True, "msg": "no route"}]}, "no route"),
        ({"exception": "Traceback"}, "Traceback"),
        ({"rc": 3}, '{"rc": 3}'),
    ],
)
def test_a_problem_shows_what_the_task_said(result: dict[str, Any], said: str) -> None:
    assert problem(event("runner_on_failed", res=result)["event_data"]).endswith(f"db-0: {said}")


def test_of_a_long_output_the_end_is_shown() -> None:
    words = problem(event("runner_on_failed", res={"msg": "x" * 5000 + "the end"})["event_data"])
    assert words.endswith("the end")
    assert len(words) < 400
