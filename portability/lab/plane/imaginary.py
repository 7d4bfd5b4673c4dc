"""A data plane that carries nothing and remembers what it was told."""

import socket
from pathlib import Path

from portability.errors import LabError
from portability.lab.topology import Topology


class ImaginaryPlane:
    """Satisfies `Plane`. `topology` is the last one applied, `joined` the ports of each server.

    While `failure` says something, applying fails with it.
    """

    def __init__(self) -> None:
        self.topology = Topology()
        self.joined: dict[str, tuple[str, ...]] = {}
        self.failure = ""

    def apply(self, topology: Topology) -> None:
        if self.failure:
            raise LabError(self.failure)
        self.topology = topology

    def port_namespace(self, port_id: str) -> Path | None:
        del port_id
        return None

    def join(self, server_id: str, port_ids: tuple[str, ...]) -> Path | None:
        self.joined[server_id] = port_ids
        return None

    def leave(self, server_id: str) -> None:
        self.joined.pop(server_id, None)

    def metadata_socket(self, network_id: str) -> socket.socket | None:
        del network_id
        return None

    def tear_down(self) -> None:
        self.topology = Topology()
        self.joined.clear()
