"""Nova: what one does to a server that exists."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portability.errors import LabError
from portability.lab.api.web import Answer, Call, Endpoint
from portability.lab.metadata import server_ports
from portability.lab.state.compute import Server, VmState, get_server
from portability.lab.state.faults import Fault, bad_request, conflict, not_found
from portability.lab.state.identity import now
from portability.lab.state.network import Port, SecurityGroup

Action = Callable[[Call, Server, Any], Answer]

_NOT_OFFERED = {
    *("createImage", "resize", "confirmResize", "revertResize", "rebuild", "shelve", "unshelve", "suspend", "resume"),
    *("rescue", "unrescue", "changePassword", "os-getVNCConsole", "createBackup"),
}
"""Real actions that this cloud's policy does not grant."""


def _act(call: Call) -> Answer:
    if not isinstance(call.body, dict) or len(call.body) != 1:
        raise bad_request("Malformed request body")
    [(name, details)] = call.body.items()
    server = get_server(call.cloud.store, call.project_id, call.path["id"])
    action = _ACTIONS.get(name)
    if action is not None:
        return action(call, server, details)
    if name in _NOT_OFFERED:
        raise Fault(403, f"Policy doesn't allow os_compute_api:servers:{name} to be performed.")
    raise bad_request(f"There is no such action: {name}")


def _begin(call: Call, server: Server, action: str, allowed: tuple[VmState, ...], task: str) -> None:
    """The server, marked as being worked on.

    Raises:
        Fault: 409 when its state forbids the action.
    """
    with call.cloud.store.change():
        current = get_server(call.cloud.store, call.project_id, server.id)
        check_idle(current, action, allowed)
        call.cloud.store.put(replace(current, task_state=task, updated_at=now()))


def check_idle(server: Server, action: str, allowed: tuple[VmState, ...]) -> None:
    if server.vm_state not in allowed:
        raise conflict(f"Cannot '{action}' instance {server.id} while it is in vm_state {server.vm_state.value}")
    if server.task_state is not None:
        raise conflict(f"Cannot '{action}' instance {server.id} while it is in task_state {server.task_state}")
    if server.locked:
        raise conflict(f"Instance {server.id} is locked")


def _start(call: Call, server: Server, _: Any) -> Answer:
    _begin(call, server, "start", (VmState.STOPPED,), "powering-on")
    call.cloud.compute.start(server.id)
    return Answer(status=202)


def _stop(call: Call, server: Server, _: Any) -> Answer:
    _begin(call, server, "stop", (VmState.ACTIVE, VmState.ERROR), "powering-off")
    call.cloud.compute.stop(server.id)
    return Answer(status=202)


def _reboot(call: Call, server: Server, details: Any) -> Answer:
    kind = details.get("type", "").upper() if isinstance(details, dict) else ""
    if kind not in ("SOFT", "HARD"):
        raise bad_request(f"Invalid input for field/attribute type. Value: {kind}. It is not one of ['SOFT', 'HARD']")
    is_hard = kind == "HARD"
    allowed = (VmState.ACTIVE, VmState.STOPPED, VmState.PAUSED, VmState.ERROR) if is_hard else (VmState.ACTIVE,)
    _begin(call, server, "reboot", allowed, "rebooting_hard" if is_hard else "rebooting")
    call.cloud.compute.reboot(server.id, hard=is_hard)
    return Answer(status=202)


def _pause(call: Call, server: Server, _: Any) -> Answer:
    _begin(call, server, "pause", (VmState.ACTIVE,), "pausing")
    call.cloud.compute.pause(server.id)
    return Answer(status=202)


def _unpause(call: Call, server: Server, _: Any) -> Answer:
    _begin(call, server, "unpause", (VmState.PAUSED,), "unpausing")
    call.cloud.compute.unpause(server.id)
    return Answer(status=202)


def _lock(call: Call, server: Server, _: Any) -> Answer:
    call.cloud.store.put(replace(server, locked=True))
    return Answer(status=202)


def _unlock(call: Call, server: Server, _: Any) -> Answer:
    call.cloud.store.put(replace(server, locked=False))
    return Answer(status=202)


def _console_output(call: Call, server: Server, details: Any) -> Answer:
    length = details.get("length") if isinstance(details, dict) else None
    if length is not None and not str(length).lstrip("-").isdigit():
        raise bad_request(f"Invalid input for field/attribute length. Value: {length}.")
    lines = None if length is None or int(length) < 0 else int(length)
    if server.launched_at is None:
        raise conflict(f"Instance {server.id} is not ready")
    try:
        output = call.cloud.compute.console(server.id, lines=lines)
    except LabError as error:
        raise conflict(f"Guest does not have a console available: {error}") from error
    return Answer(body={"output": output})


def _add_group(call: Call, server: Server, details: Any) -> Answer:
    return _change_groups(call, server, details, is_added=True)


def _remove_group(call: Call, server: Server, details: Any) -> Answer:
    return _change_groups(call, server, details, is_added=False)


def _change_groups(call: Call, server: Server, details: Any, *, is_added: bool) -> Answer:
    name = details.get("name") if isinstance(details, dict) else None
    own = [group for group in call.cloud.store.all(SecurityGroup) if group.project_id == call.project_id]
    group = next((group for group in own if name in (group.id, group.name)), None)
    if group is None:
        raise not_found(f"Security group {name} not found for project {call.project_id}.")
    with call.cloud.store.change():
        for port in server_ports(call.cloud.store, server):
            call.cloud.store.put(_with_group(server, port, group.id, is_added=is_added))
    call.cloud.network.changed()
    return Answer(status=202)


def _with_group(server: Server, port: Port, group_id: str, *, is_added: bool) -> Port:
    if is_added:
        return replace(port, security_groups=(*(g for g in port.security_groups if g != group_id), group_id))
    if group_id not in port.security_groups:
        raise not_found(f"Security group {group_id} not associated with the instance {server.id}")
    return replace(port, security_groups=tuple(g for g in port.security_groups if g != group_id))


def _list_actions(call: Call) -> Answer:
    get_server(call.cloud.store, call.project_id, call.path["id"])
    return Answer(body={"instanceActions": []})


_ACTIONS: dict[str, Action] = {
    "os-start": _start,
    "os-stop": _stop,
    "reboot": _reboot,
    "pause": _pause,
    "unpause": _unpause,
    "lock": _lock,
    "unlock": _unlock,
    "os-getConsoleOutput": _console_output,
    "addSecurityGroup": _add_group,
    "removeSecurityGroup": _remove_group,
}

ENDPOINTS = (
    Endpoint("POST", "/v2.1/servers/{id}/action", _act),
    Endpoint("GET", "/v2.1/servers/{id}/os-instance-actions", _list_actions),
)
