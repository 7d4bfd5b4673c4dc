"""The SSH shell against a real SSH server."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from portability.errors import CommandFailed, HostKeyChanged, Unreachable
from portability.guest.access import Guests
from portability.guest.known_hosts import KnownHosts
from portability.guest.shell import output
from portability.guest.ssh import KEPT_BYTES, Login, SshShell, port_open
from portability.model.deployment import Deployment, ServerInfo
from tests.guest.ssh_server import SshServer, make_key


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    with SshServer(tmp_path, make_key(tmp_path / "id")) as server:
        yield server


def login(server: SshServer, tmp_path: Path, *, user: str = "debian") -> Login:
    return Login(
        name="db-0",
        cloud="onprem",
        host_name="pb-x-db-0",
        host="127.0.0.1",
        port=server.port,
        user=user,
        private_key=str(tmp_path / "id"),
        connect_timeout=5,
    )


@pytest.fixture
def shell(server: SshServer, tmp_path: Path) -> Iterator[SshShell]:
    shell = SshShell(login(server, tmp_path), KnownHosts(tmp_path / "known_hosts"))
    yield shell
    shell.close()


def test_a_command_gives_status_and_both_streams(shell: SshShell) -> None:
    result = shell.run("echo out; echo err >&2; exit 3")
    assert (result.status, result.stdout, result.stderr) == (3, "out\n", "err\n")


def test_quotes_dollars_and_newlines_arrive_as_they_are(shell: SshShell) -> None:
    text = 'it\'s "$HOME" `x`\n\\n *'
    assert output(shell, "printf", "%s", text) == text


def test_a_status_is_never_ignored_by_output(shell: SshShell) -> None:
    with pytest.raises(CommandFailed, match="ended with 1"):
        output(shell, "false")


def test_standard_input_of_megabytes_goes_through_while_the_command_prints(shell: SshShell) -> None:
    assert shell.run("tee /dev/stderr | wc -c", stdin=b"x" * 3_000_000).stdout.strip() == "3000000"


def test_output_is_cut_at_the_limit_and_the_command_still_ends(shell: SshShell) -> None:
    result = shell.run("head -c 3000000 /dev/zero; exit 5")
    assert (len(result.stdout), result.status) == (KEPT_BYTES, 5)


def test_a_command_that_takes_too_long_is_unreachable(shell: SshShell) -> None:
    with pytest.raises(Unreachable, match=r"onprem/db-0.*within"):
        shell.run("sleep 20", timeout=0.2)


def test_patience_gives_a_command_on_a_slow_server_its_time(server: SshServer, tmp_path: Path) -> None:
    patient = SshShell(replace(login(server, tmp_path), patience=100.0), KnownHosts(tmp_path / "known_hosts"))
    assert patient.run("sleep 0.3; echo late", timeout=0.1).stdout == "late\n"
    patient.close()


def test_threads_share_one_connection(shell: SshShell, server: SshServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda i: shell.run(f"echo {i}").stdout.strip(), range(24)))
    assert results == [str(i) for i in range(24)]
    assert server.connections == 1


def test_a_broken_connection_is_made_anew_for_the_next_command(shell: SshShell, server: SshServer) -> None:
    shell.run("true")
    server.drop()
    assert shell.run("echo back").stdout == "back\n"
    assert server.connections == 2


def test_a_server_that_is_away_is_unreachable(tmp_path: Path) -> None:
    with SshServer(tmp_path, make_key(tmp_path / "id")) as server:
        where = login(server, tmp_path)
    with pytest.raises(Unreachable, match=f"127.0.0.1:{where.port}"):
        SshShell(where, KnownHosts(tmp_path / "known_hosts")).run("true")


def test_a_wrong_user_is_unreachable_and_says_as_whom(server: SshServer, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="as root"):
        SshShell(login(server, tmp_path, user="root"), KnownHosts(tmp_path / "k")).connect()


def test_another_host_key_is_an_error_also_in_the_next_process(server: SshServer, tmp_path: Path) -> None:
    with_first_key = SshShell(login(server, tmp_path), KnownHosts(tmp_path / "known_hosts")).connect()
    with_first_key.close()
    server.new_host_key()
    with pytest.raises(HostKeyChanged):
        SshShell(login(server, tmp_path), KnownHosts(tmp_path / "known_hosts")).connect()


def test_the_pinned_keys_are_in_the_format_of_openssh(shell: SshShell, server: SshServer, tmp_path: Path) -> None:
    shell.connect()
    line = f"pb-x-db-0,127.0.0.1 ssh-ed25519 {server.host_key.get_base64()}\n"
    assert (tmp_path / "known_hosts").read_text() == line
    assert (tmp_path / "known_hosts").stat().st_mode & 0o777 == 0o600


def test_the_jump_server_carries_the_connection(shell: SshShell, server: SshServer, tmp_path: Path) -> None:
    with SshServer(tmp_path, make_key(tmp_path / "id2")) as inner:
        where = Login(
            name="app-0",
            cloud="onprem",
            host_name="pb-x-app-0",
            host="127.0.0.1",
            port=inner.port,
            user="debian",
            private_key=str(tmp_path / "id2"),
            connect_timeout=5,
        )
        behind = SshShell(where, KnownHosts(tmp_path / "known_hosts"), jump=shell)
        assert behind.run("echo inside").stdout == "inside\n"
        behind.close()
    assert server.connections == 1


def test_a_jump_server_that_does_not_forward_is_told(tmp_path: Path) -> None:
    key = make_key(tmp_path / "id")
    with SshServer(tmp_path, key, forwards=False) as closed:
        hosts = KnownHosts(tmp_path / "known_hosts")
        entry = SshShell(login(closed, tmp_path), hosts)
        with pytest.raises(Unreachable, match="no channel to"):
            SshShell(login(closed, tmp_path), hosts, jump=entry).connect()
        entry.close()


class StalledTransport:
    """A connection whose server tries in vain to reach another one."""

    closed = False

    def is_active(self) -> bool:
        return not self.closed

    def open_channel(self, *arguments: object, timeout: float) -> None:
        raise paramiko.SSHException("Timeout opening channel.")

    def close(self) -> None:
        self.closed = True


def test_a_tunnel_that_does_not_come_leaves_the_connection_to_its_other_users(shell: SshShell) -> None:
    stalled = StalledTransport()
    shell._transport = stalled  # type: ignore[assignment]
    with pytest.raises(Unreachable, match=r"no tunnel to 10\.0\.0\.9:22"):
        shell.open_tunnel("10.0.0.9", 22)
    assert not stalled.closed


def test_port_open_tells_a_listener_from_nobody(server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    assert port_open("127.0.0.1", server.port, 1.0)
    assert not port_open("127.0.0.1", closed, 1.0)


def test_guests_reach_the_inner_servers_through_the_entry() -> None:
    def server(role: str, access: str | None) -> ServerInfo:
        return ServerInfo(
            id=role,
            name=f"pb-x-{role}",
            role=role,
            tier=role[:-2],
            fixed_ip="10.0.0.9",
            access_ip=access,
            port_id="p",
            flavor="f",
        )

    deployment = Deployment(
        cloud="onprem",
        servers=(server("edge-0", "127.0.0.1"), server("db-0", None)),
        entry="edge-0",
        application_url="http://127.0.0.1:80",
        user="debian",
        private_key="/nonexistent",
        network_id="n",
        security_groups=(),
    )
    guests = Guests(deployment, Path("/nonexistent/known_hosts"))
    inner = guests._shell("db-0")
    assert inner._jump is guests._shell("edge-0")
    assert inner is guests._shell("db-0")
