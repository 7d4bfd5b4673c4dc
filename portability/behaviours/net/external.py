"""How servers become reachable from outside."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_cloud
from portability.behaviours.views import CloudView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale
from portability.model.plan import AccessModel

MODEL = Behaviour(
    id="net.ext.model",
    means="How a server becomes reachable: by a floating IP on a router, or directly on a network of the provider.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="SCS-0126; openstacksdk, network configuration in clouds.yaml",
    breaks="Templates with routers and floating IPs are refused where servers stand directly on a network, and the "
    "other way round; a server that sees its public address listens on it.",
    remedy="Let the template choose per cloud: a port on the provider's network, or network, router and floating IP. "
    "In clouds.yaml: networks: [{name: NET, routes_externally: true, nat_source: true}]",
    cost=Cost.NO_SERVER,
    absorbed_by="access",
)
AMBIGUITY = Behaviour(
    id="net.ext.ambiguity",
    means="Whether there is exactly one network by which servers can become reachable.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="SCS-0126: one default external network; openstacksdk: Multiple possible networks found",
    breaks="Tools that choose by themselves take a network that leads nowhere, or none.",
    remedy="Name the network, in clouds.yaml: networks: [{name: NET, routes_externally: true, "
    "default_interface: true}]",
    cost=Cost.NO_SERVER,
    impact=Impact.HARMLESS,
    absorbed_by="network",
)


@of_cloud(MODEL)
def model(view: CloudView) -> Iterator[Reading]:
    binding = view.binding
    yield measured(MODEL, binding.access.value, detail=f"by the network {binding.network.name}")


@of_cloud(AMBIGUITY)
def ambiguity(view: CloudView) -> Iterator[Reading]:
    is_floating = view.binding.access is AccessModel.FLOATING
    fitting = sorted(
        network.name
        for network in view.offer.networks
        if (network.is_external if is_floating else network.is_shared and not network.is_external)
    )
    value = {0: "none", 1: "one"}.get(len(fitting), "several")
    yield measured(AMBIGUITY, value, detail=", ".join(fitting[:6]))
