"""The largest packet: on the interface, on the way, and as the cloud promises it."""

import json
from collections.abc import Iterator
from typing import Any

from portability.behaviours.probes import Reading, measured, of_facts, of_traffic, unknown
from portability.behaviours.views import ServerFacts, SourceView, Target
from portability.guest.facts import Interface
from portability.guest.python import run_python
from portability.model.behaviour import Behaviour, Cost, Level, Scale

INTERFACE = Behaviour(
    id="net.mtu.interface",
    means="The largest packet that a server sends.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="bytes",
    authority="Neutron, MTU considerations; RFC 2132, option 26",
    breaks="Container bridges and tunnels with a size written down lose large packets where it is smaller.",
    remedy='Take the size from the interface: /etc/docker/daemon.json {"mtu": MTU}; tunnels: MTU minus their overhead.',
    cost=Cost.SERVER,
)
PATH = Behaviour(
    id="net.mtu.path_internal",
    means="The largest packet that arrives at another server in one piece.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="bytes",
    authority="Tempest, test_mtu_sized_frames; RFC 1191",
    breaks="Connections open, then hang with the first large answer: TLS handshakes, query results.",
    remedy="openstack network set --mtu MTU NETWORK; or clamp: nft add rule inet filter forward tcp flags syn "
    "tcp option maxseg size set rt mtu",
    cost=Cost.SEVERAL,
)
CONSISTENT = Behaviour(
    id="net.mtu.consistent",
    means="Whether the network, the server's interface and the way to the other servers agree on the largest packet.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Neutron, MTU considerations: instances use the network's MTU",
    breaks="Packets between the sizes vanish without an error.",
    remedy="openstack network set --mtu MTU NETWORK, then renew the servers' leases: networkctl renew INTERFACE",
    cost=Cost.SEVERAL,
    accepted=("true",),
)


@of_facts(INTERFACE)
def interface(told: ServerFacts) -> Iterator[Reading]:
    nic, role = told.facts.nic, told.server.role
    if nic is None:
        yield unknown(INTERFACE, "no interface leads to a default route", subject=role)
    else:
        yield measured(INTERFACE, nic.mtu, subject=role, detail=nic.name)


@of_traffic(PATH, CONSISTENT)
def path(view: SourceView) -> Iterator[Reading]:
    """Along the flows that the application has: nothing else passes the security groups."""
    if view.told is None:
        return
    nic = view.told.facts.nic
    allowed = tuple(target for target in view.targets if target.flow is not None)
    if nic is None:
        yield unknown(CONSISTENT, "no interface leads to a default route", subject=view.name)
        return
    asked = {"mtu": [[target.host, target.port, min(nic.mtu, target.mtu or nic.mtu)] for target in allowed]}
    told: Any = []
    if allowed:
        told = run_python(view.shell, "tcp.py", json.dumps(asked), timeout=120.0, as_root=True)["mtu"]
    sizes = {target: int(found[0]) for target, found in zip(allowed, told, strict=True) if found}
    for target, found in zip(allowed, told, strict=True):
        subject = f"{view.name}->{target.name}"
        if found:
            yield measured(PATH, int(found[0]), subject=subject, detail=str(found[1]))
        else:
            yield unknown(PATH, "not even small packets are answered", subject=subject)
    yield _consistency(view.told, nic, sizes)


def _consistency(told: ServerFacts, nic: Interface, sizes: dict[Target, int]) -> Reading:
    role, wrong = told.server.role, []
    promised = promised_mtu(told)
    if promised is not None and promised != nic.mtu:
        wrong.append(f"the network has {promised}, the interface {nic.mtu}")
    for target, size in sizes.items():
        expected = min(nic.mtu, target.mtu or nic.mtu)
        if size < expected:
            wrong.append(f"{size} is the most that reaches {target.server.role}, {expected} is due")
    detail = "; ".join(wrong) or f"{nic.mtu} everywhere" + ("" if promised else ", the network's own is not told")
    return measured(CONSISTENT, not wrong, subject=role, detail=detail)


def promised_mtu(told: ServerFacts) -> int | None:
    """The network's MTU: from the API where the network was there before us, else as Nova tells the server."""
    if told.network_mtu is not None:
        return told.network_mtu
    drive, nic = told.facts.drive, told.facts.nic
    return dict(drive.link_mtus).get(nic.mac) if drive and nic else None
