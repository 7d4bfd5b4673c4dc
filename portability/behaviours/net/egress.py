"""The way out."""

from collections.abc import Iterator

from portability.behaviours.inside import look_outwards
from portability.behaviours.probes import Reading, measured, of_server
from portability.behaviours.views import ServerView
from portability.model.behaviour import Behaviour, Cost, Level, Scale

EGRESS = Behaviour(
    id="net.snat.default_egress",
    means="Whether a server reaches the world outside without more ado.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Neutron, routers: enable_snat (default true); SCS-0126",
    breaks="Packages, certificates and backups to the outside fail on the cloud without a way out.",
    remedy='Bake packages into the image or name a mirror or proxy: Acquire::http::Proxy "http://PROXY:PORT"; or a '
    "router with SNAT: openstack router set --external-gateway NET --enable-snat ROUTER",
    cost=Cost.SERVER,
)


@of_server(EGRESS)
def default_egress(view: ServerView) -> Iterator[Reading]:
    gateway = view.told.facts.gateway
    targets = ", ".join(f"{host}:{port}" for host, port in view.egress_targets)
    detail = f"asked {targets}; {'default route by ' + gateway if gateway else 'no default route'}"
    yield measured(EGRESS, bool(look_outwards(view)["egress"]), subject=view.told.server.role, detail=detail)
