"""The promise of a data plane: one call makes the network of a cloud look like a topology."""

import socket
from pathlib import Path
from typing import Protocol

from portability.lab.topology import Topology


class Plane(Protocol):
    """The network of one cloud. Every call is idempotent and safe to repeat after a crash of the caller."""

    def apply(self, topology: Topology) -> None:
        """Make it so: add what is missing, change what differs, remove what is not listed. Serialised by the plane.

        Raises:
            PlaneError: with the command and its output; what was applied so far stays, a later call repairs it.
        """

    def port_namespace(self, port_id: str) -> Path | None:
        """The network namespace that holds the server's end of the port as an interface; None where nothing is real.

        A server with several ports has them all in one namespace, see `join`.
        """

    def join(self, server_id: str, port_ids: tuple[str, ...]) -> Path | None:
        """One namespace for a server with these ports as eth0, eth1, … in this order, MAC addresses set, links up.

        The guest configures addresses itself (DHCP or what cloud-init was told). Ports may come later (hot plug):
        call again with the longer list.
        """

    def leave(self, server_id: str) -> None:
        """Remove the server's namespace and the links in it; nothing happens when there is none."""

    def metadata_socket(self, network_id: str) -> socket.socket | None:
        """A listening TCP socket on 169.254.169.254:80 as seen by the servers of this network; None without metadata.

        The peer address of an accepted connection is the fixed IP of the asking server. The caller closes it.
        """

    def tear_down(self) -> None:
        """Remove everything this cloud ever had on this machine, also what a crashed process left."""
