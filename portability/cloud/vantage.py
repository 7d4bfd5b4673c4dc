"""Where the observer stands, as a cloud sees it."""

import ipaddress
import socket


def observer_cidr(address: str) -> str | None:
    """The single address, as a CIDR, that this machine's traffic to `address` comes from. None: it cannot be known from
    here, because a private source on the way to a public address is translated somewhere (RFC 1918, RFC 3022).

    No packet is sent: connecting a UDP socket only asks the routing table.
    """
    target = ipaddress.ip_address(address)
    with socket.socket(socket.AF_INET6 if target.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return None
        source = ipaddress.ip_address(probe.getsockname()[0])
    if target.is_global and not source.is_global:
        return None
    return f"{source}/{source.max_prefixlen}"
