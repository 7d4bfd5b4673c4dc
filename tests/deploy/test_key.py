import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from portability.deploy.key import make_key


def test_the_file_holds_the_private_half_for_its_owner_alone(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    assert stat.S_IMODE(key.private_key.stat().st_mode) == 0o600
    private = load_ssh_private_key(key.private_key.read_bytes(), password=None)
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert key.public_key.startswith(public)
    assert public.startswith("ssh-ed25519 ")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    first = make_key(tmp_path / "key").private_key.read_bytes()
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == first
