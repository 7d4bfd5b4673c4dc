"""Whether a server can pretend to be another."""

import ipaddress
import shlex
from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_scratch, refused, unknown
from portability.behaviours.views import Place, ScratchView
from portability.cloud.protocol import Kind, Resource
from portability.errors import Refused
from portability.model.behaviour import Behaviour, Cost, Level, Scale

SPOOF = Behaviour(
    id="net.port_security.spoof",
    means="Whether packets are dropped that a server sends from an address which is not its own.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Neutron, port security; SCS-0126 requires it on shared networks",
    breaks="Where it is on, virtual addresses, routing containers and VPN gateways do not work unasked; where it is "
    "off, a server that was broken into can pretend to be the database.",
    remedy="Name the further addresses of a port: openstack port set --allowed-address ip-address=ADDRESS PORT",
    cost=Cost.SERVER,
    accepted=("dropped",),
)


@of_scratch(SPOOF)
def spoof(view: ScratchView) -> Iterator[Reading]:
    """The foreign address is that of a port which we make for it: nobody else's address is taken."""
    place = view.places[-1]
    group_ids = tuple(group for tier, group in view.deployment.security_groups if tier == place.server.tier)
    name = f"{view.prefix}spoof-port"
    try:
        port = view.cloud.create_port(
            name, network_id=view.deployment.network_id, group_ids=group_ids, description=view.description
        )
    except Refused as error:
        yield refused(SPOOF, error.message)
        return
    try:
        yield _try(place, port.fixed_ip)
    finally:
        view.cloud.delete(Resource(kind=Kind.PORT, id=port.id, name=name))


def _try(place: Place, foreign: str) -> Reading:
    nic, gateway = place.told.facts.nic, _neighbour(place)
    if nic is None or not gateway:
        return unknown(SPOOF, "no default route: nobody to ask")
    gateway_, nic_, own = shlex.quote(gateway), shlex.quote(nic.name), shlex.quote(f"{foreign}/32")
    # Exit status 3: even our own address gets no answer, so that silence would say nothing.
    script = f"""
ping -n -c 1 -W 1 {gateway_} >/dev/null || exit 3
ip address add {own} dev {nic_} || exit 4
trap 'ip address del {own} dev {nic_}' EXIT
ping -n -c 3 -i 0.2 -W 1 -I {shlex.quote(foreign)} {gateway_} >/dev/null && exit 0
exit 5
"""
    status = place.shell.run(script, timeout=20.0, as_root=True).status
    detail = f"{place.server.role} asked its gateway from the address of another port"
    if status in (0, 5):
        return measured(SPOOF, "passes" if status == 0 else "dropped", detail=detail)
    return unknown(SPOOF, "the gateway does not answer ping" if status == 3 else "the address could not be added")


def _neighbour(place: Place) -> str:
    """The gateway, if it is in the server's own network."""
    nic, gateway = place.told.facts.nic, place.told.facts.gateway
    if nic is None or not gateway:
        return ""
    networks = [ipaddress.ip_interface(address).network for address in nic.addresses]
    return gateway if any(ipaddress.ip_address(gateway) in network for network in networks) else ""
