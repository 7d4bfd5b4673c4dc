"""The one SSH key of a run."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    private_key: Path
    """OpenSSH format, no passphrase, mode 0600."""
    public_key: str
    """One line, as in authorized_keys."""


def make_key(path: Path) -> RunKey:
    """A new Ed25519 key in a new file.

    Raises:
        FileExistsError: a key is never written over.
    """
    # 40 ms to import: paid by who makes a key
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private)
    return RunKey(private_key=path, public_key=f"{public.decode()} portability")
