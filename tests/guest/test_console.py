"""Host keys out of console logs."""

from pathlib import Path

import pytest

from portability.errors import HostKeyChanged
from portability.guest.console import host_keys, last_line
from portability.guest.known_hosts import KnownHosts

LOG = """[   14.512] cloud-init[402]: Cloud-init v. 22.4.2 running 'modules:final'
ci-info: no authorized SSH keys fingerprints found for user debian.
<14>Nov 22 20:14:05 cloud-init: #############################################################
<14>Nov 22 20:14:05 cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----
<14>Nov 22 20:14:05 cloud-init: 256 SHA256:abc root@host (ED25519)
<14>Nov 22 20:14:05 cloud-init: -----END SSH HOST KEY FINGERPRINTS-----
-----BEGIN SSH HOST KEY KEYS-----
ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= root@host
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL= root@host
-----END SSH HOST KEY KEYS-----
[   15.0] cloud-init[402]: Cloud-init v. 22.4.2 finished\r
"""


def test_the_keys_of_the_block_are_found() -> None:
    assert host_keys(LOG) == (
        ("ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY="),
        ("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIL="),
    )


def test_a_log_that_was_cut_in_the_block_gives_none() -> None:
    assert host_keys(LOG[: LOG.index("-----END SSH HOST KEY KEYS")]) == ()
    assert host_keys("") == ()


def test_the_last_boot_counts() -> None:
    again = LOG.replace("AAAAC3NzaC1lZDI1NTE5AAAAIL=", "AAAAnew=")
    assert ("ssh-ed25519", "AAAAnew=") in host_keys(LOG + again)
    assert ("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIL=") not in host_keys(LOG + again)


def test_the_last_line_has_something_on_it() -> None:
    assert last_line("iPXE\n\n  \n") == "iPXE"
    assert last_line("") == ""


def test_a_key_learned_from_the_console_is_not_replaced_by_what_the_network_says(tmp_path: Path) -> None:
    hosts = KnownHosts(tmp_path / "known_hosts")
    hosts.pin("pb-x-db-0", host_keys(LOG))
    with pytest.raises(HostKeyChanged):
        hosts.check("pb-x-db-0", ("ssh-ed25519", "AAAAother="))
    hosts.check("pb-x-app-0", ("ssh-ed25519", "AAAAother="))
