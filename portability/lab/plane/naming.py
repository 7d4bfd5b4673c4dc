"""What the plane calls its namespaces and links: from a prefix and ids to names that Linux takes."""

import hashlib
import re

from portability.errors import LabError
from portability.lab.topology import RouterInterface

SERVICE_LINK = "svc"
"""The link in a network's service namespace; alone there, so it needs no id."""

GATEWAY_LINK = "qg"
"""The external link in a router's namespace."""

_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,32}")


class Names:
    """The names of one plane. A dot ends the prefix: `a` does not claim what is `a-b`'s."""

    def __init__(self, prefix: str) -> None:
        if not _PREFIX.fullmatch(prefix):
            raise LabError(f"{prefix!r} cannot start the name of a network namespace: only letters, digits, _ and -")
        self.prefix = prefix

    @property
    def switch(self) -> str:
        return f"{self.prefix}.sw"

    def service(self, network_id: str) -> str:
        return f"{self.prefix}.n.{network_id}"

    def router(self, router_id: str) -> str:
        return f"{self.prefix}.r.{router_id}"

    def server(self, server_id: str) -> str:
        return f"{self.prefix}.s.{server_id}"

    def is_ours(self, namespace: str) -> bool:
        return namespace.startswith(f"{self.prefix}.")

    def is_server(self, namespace: str) -> bool:
        return namespace.startswith(f"{self.prefix}.s.")

    def observer_link(self, network_id: str) -> str:
        """The host's own link on a network, in the host's namespace: 14 characters at most."""
        return f"{self.prefix[:5]}{digest(self.prefix, network_id)[:9]}"


def bridge(network_id: str) -> str:
    return f"br{digest(network_id)}"


def tap(port_id: str) -> str:
    return f"tap{digest(port_id)}"


def service_tap(network_id: str) -> str:
    return f"svc{digest(network_id)}"


def observer_tap(network_id: str) -> str:
    return f"obs{digest(network_id)}"


def router_tap(router_id: str, leg: RouterInterface) -> str:
    return f"rtr{digest(router_id, leg.network_id, leg.ip)}"


def router_link(leg: RouterInterface) -> str:
    return f"qr{digest(leg.network_id, leg.ip)}"


def zone(network_id: str) -> int:
    """The connection tracking zone of a network: two networks may use the same addresses."""
    return int(digest(network_id)[:4], 16) % 65535 + 1


def table(leg: RouterInterface) -> int:
    """The routing table of one leg of a router."""
    return 1000 + int(digest(leg.network_id, leg.ip)[:5], 16)


def mac(*parts: str) -> str:
    """A steady MAC address with Neutron's usual first half."""
    tail = digest(*parts)[:6]
    return f"fa:16:3e:{tail[:2]}:{tail[2:4]}:{tail[4:6]}"


def digest(*parts: str) -> str:
    """Eleven characters, so that with three letters before them a link's name stays below 16."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:11]
