"""A real SSH server in this process: runs commands with the local shell, forwards TCP connections."""

import socket
import subprocess
import threading
from pathlib import Path
from typing import Self

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def make_key(path: Path) -> paramiko.PKey:
    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    path.write_bytes(text)
    path.chmod(0o600)
    return paramiko.Ed25519Key.from_private_key_file(str(path))


class _Policy(paramiko.ServerInterface):
    def __init__(self, client_key: paramiko.PKey, forwards: bool) -> None:
        self.client_key = client_key
        self.forwards = forwards
        self.targets: dict[int, tuple[str, int]] = {}

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        fits = username == "debian" and key.get_base64() == self.client_key.get_base64()
        return paramiko.common.AUTH_SUCCESSFUL if fits else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_direct_tcpip_request(self, chanid: int, origin: object, destination: tuple[str, int]) -> int:
        if not self.forwards:
            return paramiko.common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        self.targets[chanid] = destination
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=_execute, args=(channel, command.decode()), daemon=True).start()
        return True


class SshServer:
    """Listens on loopback; `drop()` breaks every connection, `new_host_key()` makes it another server."""

    def __init__(self, folder: Path, client_key: paramiko.PKey, *, forwards: bool = True) -> None:
        self.host_key = make_key(folder / f"host-{id(self)}")
        self.connections = 0
        self._folder, self._client_key, self._forwards = folder, client_key, forwards
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # Closing alone does not wake the thread that accepts.
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        for transport in self._transports:
            transport.close()
        self._transports.clear()

    def new_host_key(self) -> None:
        self.host_key = make_key(self._folder / f"host-{id(self)}-new")

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.host_key)
            self._transports.append(transport)
            policy = _Policy(self._client_key, self._forwards)
            threading.Thread(target=_session, args=(transport, policy), daemon=True).start()


def _session(transport: paramiko.Transport, policy: _Policy) -> None:
    try:
        transport.start_server(server=policy)
    except (paramiko.SSHException, EOFError):
        return
    kept = []  # paramiko closes a channel that nobody refers to.
    while transport.is_active():
        channel = transport.accept(1)
        kept.append(channel)
        if channel is not None and channel.get_id() in policy.targets:
            _forward(channel, policy.targets[channel.get_id()])


def _forward(channel: paramiko.Channel, target: tuple[str, int]) -> None:
    far = socket.create_connection(target)

    def pump(read, write, end) -> None:  # type: ignore[no-untyped-def]
        try:
            while data := read(65536):
                write(data)
            end()
        except OSError:
            return

    threading.Thread(target=pump, args=(channel.recv, far.sendall, far.close), daemon=True).start()
    threading.Thread(target=pump, args=(far.recv, channel.sendall, channel.close), daemon=True).start()


_one_ping = threading.Lock()


def _execute(channel: paramiko.Channel, command: str) -> None:
    # The answer to this comes through the thread that first has to say yes to the command.
    with _one_ping:
        channel.get_transport().global_request("ping@tests", wait=True)
    process = subprocess.Popen(
        ["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    def feed() -> None:
        assert process.stdin is not None
        try:
            while data := channel.recv(65536):
                process.stdin.write(data)
            process.stdin.close()
        except OSError:
            return

    def err() -> None:
        assert process.stderr is not None
        while data := process.stderr.read1(65536):  # type: ignore[union-attr]
            channel.sendall_stderr(data)

    helpers = [threading.Thread(target=feed, daemon=True), threading.Thread(target=err, daemon=True)]
    for helper in helpers:
        helper.start()
    assert process.stdout is not None
    try:
        while data := process.stdout.read1(65536):  # type: ignore[union-attr]
            channel.sendall(data)
        helpers[1].join()
        channel.send_exit_status(process.wait())
    except OSError:
        process.kill()
    channel.close()
