"""Running the playbook on one deployment: one Ansible process, its events followed while it runs."""

import json
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from portability.configure.connection import Connection, connected, end_processes
from portability.configure.inventory import inventory
from portability.configure.tasks import TaskLog
from portability.errors import ConfigurationFailed, Interrupted
from portability.model.codec import to_json
from portability.model.deployment import Deployment
from portability.model.event import Listener
from portability.model.run import TaskTime
from portability.model.workload import Workload

_PACKAGE = Path(__file__).resolve().parent.parent
# What Ansible and ssh need of our environment. Credentials of clouds stay out, and settings of the user's Ansible.
_KEPT = ("PATH", "TMPDIR", "TERM", "USER", "LOGNAME", "TZ")
# While tasks run on servers the strategy looks for results every millisecond, at the cost of a third of a core.
_SETTINGS = "[defaults]\ninternal_poll_interval = 0.02\n"
_writing = threading.Lock()


def configure(
    deployment: Deployment,
    workload: Workload,
    *,
    run_dir: Path,
    known_hosts: Path,
    listener: Listener,
    extra: Mapping[str, Any] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[TaskTime, ...]:
    """How long each task took on each server, once the application of the workload runs on all of them.

    May run for several deployments at once in threads. Appends to tasks.jsonl in `run_dir`; `extra` are variables for
    the playbook, kept in a private file like the passwords that are made here.

    Raises:
        ConfigurationFailed: with the task that failed, its server, and the end of its output.
        Interrupted: `is_cancelled` said so.
    """
    private = (run_dir / f"ansible-{deployment.cloud}").resolve()
    log = TaskLog(deployment.cloud, listener)
    try:
        with connected(deployment, known_hosts=known_hosts) as connection:
            _prepare(private, deployment, workload, connection=connection, extra=extra or {})
            status = _play(private, workload, log, connection=connection, is_cancelled=is_cancelled)
    finally:
        _forget_secrets(private)
        times = log.times()
        _append(run_dir / "tasks.jsonl", times)
    if is_cancelled():
        raise Interrupted(f"{deployment.cloud}: interrupted while Ansible ran")
    if status != "successful":
        problem = log.problem() or _tail(private / "output.txt") or f"Ansible ended as {status}"
        raise ConfigurationFailed(
            deployment.cloud, problem, way_out=f"all of Ansible's output is in {private / 'output.txt'}"
        )
    return times


def _prepare(
    private: Path, deployment: Deployment, workload: Workload, *, connection: Connection, extra: Mapping[str, Any]
) -> None:
    shutil.rmtree(private, ignore_errors=True)
    private.mkdir(mode=0o700, parents=True)
    file = private / "secrets.json"
    _write_private(file, {"database_password": secrets.token_urlsafe(24), **extra})
    hosts = inventory(deployment, workload, secrets=file, connection=connection)
    _write_private(private / "hosts.json", hosts)
    (private / "ansible.cfg").write_text(_SETTINGS)


def _play(
    private: Path, workload: Workload, log: TaskLog, *, connection: Connection, is_cancelled: Callable[[], bool]
) -> str:
    from ansible_runner.config.runner import RunnerConfig
    from ansible_runner.runner import Runner

    playbooks = _playbooks()
    own = Path(workload.source).parent if workload.source else playbooks
    config = RunnerConfig(
        private_data_dir=str(private),
        project_dir=str(playbooks),
        playbook=str(own / "site.yml" if (own / "site.yml").is_file() else playbooks / "site.yml"),
        inventory=str(private / "hosts.json"),
        ident="run",
        forks=max(5, workload.server_count),
        quiet=True,
        suppress_env_files=True,
    )
    config.prepare()
    # How often is asked whether to stop, in seconds; as a setting it would have to be in a file.
    config.pexpect_timeout = 0.3
    config.command[0] = str(Path(sys.executable).parent / config.command[0])
    config.env = _environment(config.env, private, roles=(own / "roles", playbooks / "roles"), connection=connection)
    hosts = private / "hosts.json"

    def should_stop() -> bool:
        # The other servers cannot make good what failed on one; without this the play would wait for the application.
        if not is_cancelled() and not log.problem():
            return False
        end_processes(hosts)
        return True

    try:
        status, _ = Runner(config, event_handler=log.take, cancel_callback=should_stop).run()
    finally:
        end_processes(hosts)
    return str(status)


def _environment(
    prepared: Mapping[str, str], private: Path, *, roles: tuple[Path, ...], connection: Connection
) -> dict[str, str]:
    from ansible_runner.config._base import get_callback_dir

    runners_own = {name: value for name, value in prepared.items() if os.environ.get(name) != value}
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **runners_own,
        **kept,
        "HOME": str(private),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CALLBACK_PLUGINS": get_callback_dir(),
        "ANSIBLE_CONFIG": str(private / "ansible.cfg"),
        "ANSIBLE_HOME": str(private / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(private / "tmp"),
        "ANSIBLE_LIBRARY": str(_playbooks() / "library"),
        "ANSIBLE_ROLES_PATH": ":".join(str(folder) for folder in roles),
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(connection.sockets),
        "ANSIBLE_SSH_RETRIES": "2",
        # Also for sudo to answer, which emulated guests were seen to take long for.
        "ANSIBLE_TIMEOUT": "120",
        # Pipes of the same host cost nothing, and a task's output is read in one go.
        "ANSIBLE_FORCE_COLOR": "False",
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "False",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _playbooks() -> Path:
    """In the wheel the folder travels inside the package; in a source checkout it stands beside it."""
    shipped = _PACKAGE / "_shipped" / "playbooks"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "playbooks"


def _forget_secrets(private: Path) -> None:
    """Keep Ansible's output and the inventory for whoever wants to know; remove all else."""
    output = private / "artifacts" / "run" / "stdout"
    if output.is_file():
        shutil.move(output, private / "output.txt")
    for name in ("secrets.json", "artifacts", "ansible", "tmp", "env", ".ansible"):
        path = private / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _write_private(file: Path, data: Mapping[str, Any]) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as sink:
        json.dump(data, sink, indent=1)


def _append(file: Path, times: tuple[TaskTime, ...]) -> None:
    with _writing, file.open("a", encoding="utf-8") as sink:
        sink.writelines(f"{to_json(time)}\n" for time in times)


def _tail(file: Path) -> str:
    return file.read_text(errors="replace").strip()[-600:] if file.is_file() else ""
