"""The host keys of one run: the first seen is pinned, another one is an error."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from portability.errors import HostKeyChanged

HostKey: TypeAlias = tuple[str, str]
"""Type and base64, as in OpenSSH's known_hosts."""


class KnownHosts:
    """A file in OpenSSH's format (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), so that `ssh` can read it too. Thread-safe.

    The first name of a line is the server's own on its cloud, and the one that is checked here; addresses behind it are
    for OpenSSH. Two clouds may use the same addresses inside.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._keys: dict[str, dict[str, str]] = {}
        if path.exists():
            self._read(path.read_text(encoding="ascii"))

    def types(self, name: str) -> tuple[str, ...]:
        """Types of the keys that are pinned for this name."""
        with self._lock:
            return tuple(self._keys.get(name, ()))

    def pin(self, name: str, keys: Iterable[HostKey], *, addresses: tuple[str, ...] = ()) -> None:
        """Pin keys learned elsewhere, as from the console log.

        Raises:
            HostKeyChanged: another key of the same type is pinned for this name.
        """
        for key in keys:
            self.check(name, key, addresses=addresses)

    def check(self, name: str, key: HostKey, *, addresses: tuple[str, ...] = ()) -> None:
        """Accept the key that is pinned, or pin it where none of its type is.

        Raises:
            HostKeyChanged: another one is pinned.
        """
        kind, blob = key
        with self._lock:
            known = self._keys.setdefault(name, {}).setdefault(kind, "")
            if known and known != blob:
                raise HostKeyChanged(
                    name,
                    f"its {kind} host key is not the one it had before",
                    way_out="a rebuilt server, another server at this address, or an intruder: look before you go on",
                )
            if not known:
                self._keys[name][kind] = blob
                self._append(f"{','.join((name, *addresses))} {kind} {blob}\n")

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="ascii") as file:
            file.write(line)

    def _read(self, text: str) -> None:
        for line in text.splitlines():
            names, _, rest = line.partition(" ")
            kind, _, blob = rest.partition(" ")
            if blob and not names.startswith("#"):
                self._keys.setdefault(names.split(",")[0], {})[kind] = blob.split()[0]
