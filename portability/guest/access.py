"""Shells on the servers of a deployment."""

import threading
from collections.abc import Iterable
from pathlib import Path

from portability.guest.known_hosts import HostKey, KnownHosts
from portability.guest.shell import Shell
from portability.guest.ssh import Login, SshShell
from portability.model.deployment import Deployment, ServerInfo


class Guests:
    """One Shell a role, connected on first use, through the entry server where a role has no address outside.

    Thread-safe. Of the deployment only addresses, names, user and key are read.
    """

    def __init__(self, deployment: Deployment, known_hosts: Path, *, patience: float = 1.0) -> None:
        self._deployment = deployment
        self._patience = patience
        self._known_hosts = KnownHosts(known_hosts)
        self._lock = threading.Lock()
        self._shells: dict[str, SshShell] = {}

    def shell(self, role: str) -> Shell:
        """A login on this server, made now where there is none.

        Raises:
            Unreachable: no connection, or the login failed.
            HostKeyChanged: another server answers.
        """
        return self._shell(role).connect()

    def pin(self, role: str, keys: Iterable[HostKey]) -> None:
        """Pin host keys that were learned elsewhere, as from the console log.

        Raises:
            HostKeyChanged: the server was met with another one.
        """
        server = self._deployment.server(role)
        self._known_hosts.pin(server.name, keys, addresses=(server.access_ip or server.fixed_ip,))

    def close(self) -> None:
        """Close the connections, those that others go through last. A later `shell` connects again."""
        with self._lock:
            shells = tuple(self._shells.values())
        for shell in reversed(shells):
            shell.close()

    def _shell(self, role: str) -> SshShell:
        server = self._deployment.server(role)
        jump = None
        if server.access_ip is None and role != self._deployment.entry:
            jump = self._shell(self._deployment.entry)
        with self._lock:
            if role not in self._shells:
                self._shells[role] = SshShell(self._login(server), self._known_hosts, jump=jump)
            return self._shells[role]

    def _login(self, server: ServerInfo) -> Login:
        return Login(
            patience=self._patience,
            name=server.role,
            cloud=self._deployment.cloud,
            host_name=server.name,
            host=server.access_ip or server.fixed_ip,
            user=self._deployment.user,
            private_key=self._deployment.private_key,
        )
