"""A place in the world outside for servers to reach: the observer itself, where they can see it."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from portability.cloud.vantage import observer_cidr

PUBLIC_TARGETS = (("1.1.1.1", 443), ("9.9.9.9", 53), ("8.8.8.8", 53))
"""Public resolvers, which answer over TCP from everywhere: no names are needed to reach them. One is enough."""


@contextmanager
def targets(address: str) -> Iterator[tuple[tuple[str, int], ...]]:
    """What the servers behind `address` should reach if they have a way out.

    Where the observer stands in the same private world (a lab, a company's network), a port that it opens meanwhile:
    nobody else is bothered, and the world of these servers may well end there. Else public resolvers.
    """
    cidr = observer_cidr(address)
    own = None if cidr is None else ipaddress.ip_interface(cidr).ip
    if own is None or own.is_global:
        yield PUBLIC_TARGETS
        return
    with socket.create_server((str(own), 0), backlog=64) as door:
        threading.Thread(target=_open_and_close, args=(door,), name="doorstep", daemon=True).start()
        try:
            yield ((str(own), door.getsockname()[1]),)
        finally:
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)


def _open_and_close(door: socket.socket) -> None:
    with suppress(OSError):  # the door was closed
        while True:
            visitor, _ = door.accept()
            visitor.close()
