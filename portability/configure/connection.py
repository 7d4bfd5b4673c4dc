"""How OpenSSH reaches the servers of a deployment: known host keys only, and through the entry server where needed."""

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from portability.errors import ConfigurationFailed
from portability.model.deployment import Deployment, ServerInfo
from portability.model.units import Seconds

_LOGIN_TIMEOUT: Seconds = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What `ssh` has to be told for one deployment."""

    deployment: Deployment
    known_hosts: Path
    sockets: Path
    """A folder for control sockets, with a short path: the address of a Unix socket ends after 108 bytes (unix(7))."""

    def options(self, server: ServerInfo) -> tuple[str, ...]:
        """For a login on this server, key file and user apart."""
        trusted = self._trust(server)
        if self.is_behind_entry(server):
            return (*trusted, "-o", f"ProxyCommand={self._proxy_command()}")
        return trusted

    def is_behind_entry(self, server: ServerInfo) -> bool:
        return server.access_ip is None and server.role != self.deployment.entry

    def jump(self, *words: str) -> tuple[str, ...]:
        """An `ssh` command about the connection to the entry server that all others go through: logging in on it once
        for each of them would cost it a second of CPU a time.
        """
        entry = self.deployment.server(self.deployment.entry)
        return (
            "ssh",
            *self._trust(entry),
            *("-i", self.deployment.private_key),
            *("-l", self.deployment.user),
            *("-o", f"ControlPath={_literal(self.sockets / 'entry')}"),
            *words,
            entry.access_ip or entry.fixed_ip,
        )

    def _proxy_command(self) -> str:
        return shlex.join(self.jump("-o", "ControlMaster=no", "-W", "[%h]:%p"))

    def _trust(self, server: ServerInfo) -> tuple[str, ...]:
        """Host keys are pinned under the server's name: two clouds may use the same addresses inside."""
        return (
            *("-F", "none"),
            *("-o", "BatchMode=yes"),
            *("-o", "IdentitiesOnly=yes"),
            *("-o", "StrictHostKeyChecking=yes"),
            *("-o", f"HostKeyAlias={server.name}"),
            *("-o", f'UserKnownHostsFile="{_literal(self.known_hosts)}"'),
            *("-o", "GlobalKnownHostsFile=none"),
            *("-o", "UpdateHostKeys=no"),
            *("-o", "ConnectTimeout=60"),
            *("-o", "ServerAliveInterval=10"),
            *("-o", "LogLevel=ERROR"),
        )


@contextmanager
def connected(deployment: Deployment, *, known_hosts: Path) -> Iterator[Connection]:
    """A Connection whose way through the entry server is open, and closed with everything else afterwards.

    Raises:
        ConfigurationFailed: the entry server cannot be logged in to.
    """
    with tempfile.TemporaryDirectory(prefix="pb-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        connection = Connection(deployment=deployment, known_hosts=known_hosts.resolve(), sockets=Path(folder))
        try:
            if any(connection.is_behind_entry(server) for server in deployment.servers):
                _open_jump(connection)
            yield connection
        finally:
            _close(connection)


def _open_jump(connection: Connection) -> None:
    # -f: returns once logged in and goes on in the background; -N: for forwarding only.
    command = connection.jump("-M", "-N", "-f")
    problem = f"not within {_LOGIN_TIMEOUT:.0f} s"
    with suppress(subprocess.TimeoutExpired):
        # Not a pipe: the background process would hold it open. Nor the terminal: Ctrl-C is for us to handle.
        log = connection.sockets / "entry.log"
        with log.open("wb") as sink:
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                timeout=_LOGIN_TIMEOUT,
                check=False,
                start_new_session=True,
            )
        if ended.returncode == 0:
            return
        problem = log.read_text(errors="replace").strip()[-300:] or f"ssh ended with {ended.returncode}"
    deployment = connection.deployment
    raise ConfigurationFailed(deployment.cloud, f"no SSH connection to {deployment.entry}: {problem}")


def _close(connection: Connection) -> None:
    """End what holds a control socket: the jump's, and those that Ansible keeps for its next task."""
    for socket in connection.sockets.iterdir():
        if socket.is_socket():
            command = ("ssh", "-F", "none", "-o", f"ControlPath={_literal(socket)}", "-O", "exit", "none")
            with suppress(subprocess.TimeoutExpired):
                subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=5,
                    check=False,
                )
    end_processes(connection.sockets)


def end_processes(mark: Path) -> None:
    """End what was started with this path, which is ours alone, in its command line.

    Where Ansible is cancelled, its main process is killed and its workers, each in a session of its own, go on. Nothing
    happens on systems without /proc: there they end with their task.
    """
    for folder in Path("/proc").glob("[0-9]*"):
        # Both may be gone between one look and the next.
        with suppress(OSError):
            if os.fsencode(mark) in (folder / "cmdline").read_bytes() and int(folder.name) != os.getpid():
                os.kill(int(folder.name), signal.SIGTERM)


def _literal(path: Path) -> str:
    """A path in an option in which `ssh` expands % (ssh_config(5), TOKENS)."""
    return str(path).replace("%", "%%")
