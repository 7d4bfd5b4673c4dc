"""A login over SSH. paramiko is imported on the first connection: it is slow to load."""

import logging
import select
import shlex
import socket
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from portability.errors import HostKeyChanged, Unreachable
from portability.guest.known_hosts import KnownHosts
from portability.guest.shell import DEFAULT_TIMEOUT, CommandResult
from portability.model.units import Seconds

if TYPE_CHECKING:
    import paramiko

KEPT_BYTES = 1 << 20
CONNECT_TIMEOUT: Seconds = 15.0
KEEPALIVE: Seconds = 15.0

# A connection that fails is a value here; paramiko would print a traceback of its reader thread as well.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


def port_open(host: str, port: int, timeout: Seconds) -> bool:
    """Whether a TCP connection was accepted within the time."""
    try:
        with socket.create_connection((host, port), timeout=timeout):
            return True
    except OSError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where and as whom to log in."""

    name: str
    """The role, for messages."""
    cloud: str
    host_name: str
    """The server's full name on its cloud, under which its host keys are pinned."""
    host: str
    """Its address, as seen from the observer or from the jump server."""
    user: str
    private_key: str
    """Path."""
    port: int = 22
    connect_timeout: Seconds = CONNECT_TIMEOUT
    patience: float = 1.0
    """What commands are given to end in is multiplied by it: emulated servers are slow, not dead."""

    @property
    def label(self) -> str:
        return f"{self.cloud}/{self.name}"


class SshShell:
    """A Shell over one SSH connection that several threads may use; a broken one is made anew for the next command."""

    def __init__(self, login: Login, known_hosts: KnownHosts, *, jump: "SshShell | None" = None) -> None:
        self._login = login
        self._known_hosts = known_hosts
        self._jump = jump
        self._lock = threading.Lock()
        self._transport: paramiko.Transport | None = None

    @property
    def name(self) -> str:
        return self._login.name

    def connect(self) -> Self:
        """Log in now, not with the first command.

        Raises:
            Unreachable: no connection, or the login failed.
            HostKeyChanged: another server answers.
        """
        self._connected()
        return self

    def run(
        self, script: str, *, stdin: bytes = b"", timeout: Seconds = DEFAULT_TIMEOUT, as_root: bool = False
    ) -> CommandResult:
        command = f"exec {'sudo -n ' if as_root else ''}/bin/sh -c {shlex.quote(script)}"
        start = time.monotonic()
        channel = self._open("session", None, timeout=self._login.connect_timeout)
        try:
            deadline = timeout * self._login.patience
            return _run(channel, command, stdin, start=start, timeout=deadline, label=self._login.label)
        finally:
            channel.close()

    def close(self) -> None:
        with self._lock:
            if self._transport is not None:
                self._transport.close()
                self._transport = None

    def open_tunnel(self, host: str, port: int, *, timeout: Seconds = CONNECT_TIMEOUT) -> "paramiko.Channel":
        """A TCP connection from this server to another one (RFC 4254, 7.2).

        Raises:
            Unreachable: the server does not forward, or the other one does not answer.
        """
        return self._open("direct-tcpip", (host, port), timeout=timeout)

    def _open(self, kind: str, target: tuple[str, int] | None, *, timeout: Seconds) -> "paramiko.Channel":
        from paramiko import ChannelException, SSHException

        # Opening a channel changes nothing on the server, so it may be tried again; a command may not.
        for attempt in (1, 2):
            transport = self._connected()
            try:
                source = ("127.0.0.1", 0) if target else None
                return transport.open_channel(kind, target, source, timeout=timeout)
            except ChannelException as error:
                raise self._unreachable(f"no channel to {target or 'a shell'}: {error.text}") from error
            except (SSHException, EOFError, OSError) as error:
                # A tunnel that does not come is a matter of the server behind: others use this connection well.
                if target and transport.is_active():
                    raise self._unreachable(f"no tunnel to {target[0]}:{target[1]}: {error}") from error
                self._drop(transport)
                if attempt == 2:
                    raise self._unreachable(f"the connection broke: {error or type(error).__name__}") from error
        raise AssertionError("the loop ends by return or raise")

    def _connected(self) -> "paramiko.Transport":
        with self._lock:
            if self._transport is None or not self._transport.is_active():
                self._transport = self._log_in()
            return self._transport

    def _drop(self, transport: "paramiko.Transport") -> None:
        transport.close()
        with self._lock:
            if self._transport is transport:
                self._transport = None

    def _log_in(self) -> "paramiko.Transport":
        import paramiko

        login = self._login
        transport: paramiko.Transport | None = None
        try:
            transport = paramiko.Transport(self._reach())
            _prefer(transport, self._known_hosts.types(login.host_name))
            transport.banner_timeout = transport.auth_timeout = login.connect_timeout
            transport.start_client(timeout=login.connect_timeout)
            key = transport.get_remote_server_key()
            self._known_hosts.check(login.host_name, (key.get_name(), key.get_base64()), addresses=(login.host,))
            transport.auth_publickey(login.user, _key(login.private_key))
            transport.set_keepalive(int(KEEPALIVE))
        except (paramiko.SSHException, EOFError, OSError) as error:
            if transport is not None:
                transport.close()
            raise self._unreachable(f"no SSH login as {login.user}: {error or type(error).__name__}") from error
        except (Unreachable, HostKeyChanged):
            if transport is not None:
                transport.close()
            raise
        return transport

    def _reach(self) -> "socket.socket | paramiko.Channel":
        login = self._login
        if self._jump is not None:
            return self._jump.open_tunnel(login.host, login.port, timeout=login.connect_timeout)
        connection = socket.create_connection((login.host, login.port), timeout=login.connect_timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _unreachable(self, problem: str) -> Unreachable:
        where = f"{self._login.host}:{self._login.port}"
        through = f" through {self._jump.name}" if self._jump is not None else ""
        return Unreachable(self._login.label, f"{problem} ({where}{through})")


@cache
def _key(path: str) -> "paramiko.PKey":
    import paramiko

    return paramiko.PKey.from_path(Path(path))


def _prefer(transport: "paramiko.Transport", types: tuple[str, ...]) -> None:
    """Ask for a host key of a type that is pinned: a server has several, and one of another type proves nothing."""
    options = transport.get_security_options()
    wanted = set(types) | ({"rsa-sha2-512", "rsa-sha2-256"} if "ssh-rsa" in types else set())
    kept = tuple(kind for kind in options.key_types if kind in wanted)
    if kept:
        options.key_types = kept


class _Kept:
    """Output up to a limit; the rest is read and dropped, so that the command goes on."""

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        self._data += data[: KEPT_BYTES - len(self._data)]

    def text(self) -> str:
        return self._data.decode("utf-8", errors="replace")


def _run(
    channel: "paramiko.Channel", command: str, stdin: bytes, *, start: Seconds, timeout: Seconds, label: str
) -> CommandResult:
    from paramiko import SSHException

    deadline = start + timeout
    out, err = _Kept(), _Kept()
    try:
        ready = channel.fileno()
        channel.settimeout(timeout)
        channel.exec_command(command)
        feeder = threading.Thread(target=_feed, args=(channel, stdin), daemon=True)
        feeder.start()
        while not _drain(channel, out, err):
            if not _readable(ready, deadline - time.monotonic()):
                raise Unreachable(label, f"{command[:120]!r} did not end within {timeout:.0f} s")
        if not channel.status_event.wait(max(0.0, deadline - time.monotonic())):
            raise Unreachable(label, f"{command[:120]!r} gave no exit status within {timeout:.0f} s")
        _drain(channel, out, err)
    except (SSHException, EOFError, OSError) as error:
        raise Unreachable(label, f"the connection broke during {command[:120]!r}: {error}") from error
    status = channel.recv_exit_status()
    if status == -1:
        raise Unreachable(label, f"the connection broke during {command[:120]!r}")
    return CommandResult(status=status, stdout=out.text(), stderr=err.text(), seconds=time.monotonic() - start)


def _feed(channel: "paramiko.Channel", stdin: bytes) -> None:
    """A thread of its own: a command that prints while it reads must not wait for us to read."""
    try:
        if stdin:
            channel.sendall(stdin)
        channel.shutdown_write()
    except (OSError, EOFError):
        return  # The command ended without reading it all; its status tells.


def _drain(channel: "paramiko.Channel", out: _Kept, err: _Kept) -> bool:
    """Take what is there; whether it was the last of both streams."""
    ended = channel.eof_received or channel.closed
    while channel.recv_ready():
        out.add(channel.recv(65536))
    while channel.recv_stderr_ready():
        err.add(channel.recv_stderr(65536))
    return bool(ended)


def _readable(descriptor: int, timeout: Seconds) -> bool:
    if timeout <= 0:
        return False
    poll = select.poll()  # select() fails on descriptors above 1023.
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout * 1000))
