"""What Ansible's events say: how long tasks took, how far the play is, what failed."""

import json
from collections.abc import Mapping
from typing import Any

from portability.model.event import Listener, Progress
from portability.model.run import Stage, TaskTime
from portability.model.units import CloudLabel

_ENDS = {"runner_on_ok": True, "runner_on_failed": False, "runner_on_unreachable": False}
# Where modules put what they have to say, in the order in which it helps.
_SAYS = ("msg", "stderr", "module_stderr", "stdout", "module_stdout")


class TaskLog:
    """A run's tasks as they end. Events come from one thread; times and the problem are asked for afterwards."""

    def __init__(self, cloud: CloudLabel, listener: Listener) -> None:
        self._cloud = cloud
        self._listener = listener
        self._times: list[TaskTime] = []
        self._problem = ""

    def take(self, event: Mapping[str, Any]) -> bool:
        """Note one event of ansible-runner; False, for it need not be written to a file."""
        kind, data = event.get("event", ""), event.get("event_data", {})
        if kind == "runner_on_start":
            self._tell(data)
        if kind in _ENDS:
            is_ok = _ENDS[kind] or bool(data.get("ignore_errors"))
            if not _is_include(data):
                self._times.append(self._time(data, is_ok=is_ok))
            if not is_ok and not self._problem:
                self._problem = problem(data)
        return False

    def times(self) -> tuple[TaskTime, ...]:
        return tuple(self._times)

    def problem(self) -> str:
        """The first task that failed, on which server, and the end of what it said; empty: none."""
        return self._problem

    def _tell(self, data: Mapping[str, Any]) -> None:
        text = f"{data.get('host', '?')}: {_task(data)}"
        self._listener(Progress(cloud=self._cloud, stage=Stage.CONFIGURE, text=text, done=len(self._times)))

    def _time(self, data: Mapping[str, Any], *, is_ok: bool) -> TaskTime:
        return TaskTime(
            cloud=self._cloud,
            role=str(data.get("role", "")),
            task=_task(data),
            host=str(data.get("host", "")),
            seconds=round(float(data.get("duration") or 0.0), 3),
            changed=bool((data.get("res") or {}).get("changed")),
            ok=is_ok,
        )


def problem(data: Mapping[str, Any]) -> str:
    """A failed task in words: task, server, and the end of its output."""
    result = data.get("res") or {}
    failed = [item for item in result.get("results", ()) if item.get("failed") or item.get("unreachable")]
    # Of a loop the result itself only says that all items were tried.
    said = "; ".join(dict.fromkeys(_said(one) for one in (failed or [result])))
    role = f"{data['role']}: " if data.get("role") else ""
    return f"task {role}{_task(data)!r} failed on {data.get('host', '?')}: {said[-600:]}"


def _said(result: Mapping[str, Any]) -> str:
    texts = [str(result.get(key) or "").strip() for key in _SAYS]
    said = ": ".join(dict.fromkeys(text[-300:] for text in texts if text))
    return said or str(result.get("exception") or "").strip()[-300:] or json.dumps(result, default=str)


def _task(data: Mapping[str, Any]) -> str:
    return str(data.get("task") or data.get("name") or "?")


def _is_include(data: Mapping[str, Any]) -> bool:
    return str(data.get("task_action", "")).rsplit(".", 1)[-1] in ("include_role", "include_tasks")
