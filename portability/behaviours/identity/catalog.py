"""Which services a cloud has."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

NEEDED = ("identity", "compute", "network", "image", "block-storage")
OTHERS = ("load-balancer", "object-store", "key-manager", "dns", "shared-file-system", "orchestration")

SERVICES = Behaviour(
    id="identity.catalog.services",
    means="The services without which no server with a volume can be made are in the catalogue and answer.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="OpenStack service types authority; SCS-0123-v2, mandatory IaaS services",
    breaks="Nothing can be deployed without them.",
    remedy="Ask the provider for the missing service, or whether it is in another region: openstack catalog list",
    cost=Cost.NO_SERVER,
    impact=Impact.BLOCKER,
    accepted=("answers",),
)
OTHER_SERVICES = Behaviour(
    id="identity.catalog.other_services",
    means="Which further services the cloud has: load balancers, object storage, DNS, secrets, shared file systems.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="OpenStack service types authority; SCS-0123-v2 asks for load-balancer and object-store",
    breaks="A design that uses one of them has no counterpart on the other cloud.",
    remedy="Use what both have: haproxy with keepalived for load-balancer, MinIO for object-store, a secrets store of "
    "your own for key-manager.",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
)


@of_cloud(SERVICES)
def needed_services(view: CloudView) -> Iterator[Reading]:
    return _services(view, SERVICES, NEEDED)


@of_cloud(OTHER_SERVICES)
def other_services(view: CloudView) -> Iterator[Reading]:
    return _services(view, OTHER_SERVICES, OTHERS)


def _services(view: CloudView, behaviour: Behaviour, types: tuple[str, ...]) -> Iterator[Reading]:
    known = {service.type: service for service in view.offer.services}
    for kind in types:
        service = known.get(kind)
        value = "absent" if service is None else "answers" if service.answers else "fails"
        yield measured(behaviour, value, subject=kind, detail=service.detail if service else "")
