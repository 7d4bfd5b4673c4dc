"""What servers are asked to reach outside."""

import socket

import pytest

from portability.observe.doorstep import PUBLIC_TARGETS, targets


def test_beside_a_private_observer_it_opens_a_door_and_closes_it() -> None:
    with targets("127.0.0.1") as ((host, port),):
        assert host == "127.0.0.1"
        with socket.create_connection((host, port), timeout=5) as visit:
            assert visit.recv(1) == b""
    with pytest.raises(OSError):  # noqa: PT011 (refused or reset: it is closed)
        socket.create_connection((host, port), timeout=5)


def test_servers_that_do_not_see_the_observer_are_asked_for_public_resolvers() -> None:
    # No route, or a private source: what the world sees of us is not known here.
    with targets("198.41.0.4") as found:
        assert found == PUBLIC_TARGETS
