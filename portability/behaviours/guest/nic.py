"""The network card that a server sees."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, unknown
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

MODEL = Behaviour(
    id="guest.nic_model_offload",
    means="Which kind of network card a server has, and what work it takes over.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Glance image property hw_vif_model; Nova, hw_machine_type",
    breaks="Slower network; tuning that names a driver does nothing.",
    remedy="openstack image set --property hw_vif_model=virtio IMAGE",
    cost=Cost.SERVER,
    impact=Impact.HARMLESS,
)
NAME = Behaviour(
    id="guest.nic_name",
    means="What a server calls its network card.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="systemd.net-naming-scheme(7): the name follows the slot, which follows the machine type",
    breaks="Configuration that names ens3 or eth0 does not apply.",
    remedy="Match by MAC address or driver: [Match] Driver=virtio_net; in Ansible, ansible_default_ipv4.interface",
    cost=Cost.SERVER,
    impact=Impact.HARMLESS,
)

_TELLING = ("generic-receive-offload", "tcp-segmentation-offload", "tx-checksumming", "rx-checksumming")


@of_facts(MODEL)
def model(told: ServerFacts) -> Iterator[Reading]:
    nic, role = told.facts.nic, told.server.role
    if nic is None:
        yield unknown(MODEL, "no interface leads to a default route", subject=role)
    else:
        on = [name for name in _TELLING if name in told.facts.offloads]
        yield measured(MODEL, tuple(sorted([f"driver {nic.driver}", *on])), subject=role)


@of_facts(NAME)
def name(told: ServerFacts) -> Iterator[Reading]:
    nic, role = told.facts.nic, told.server.role
    if nic is None:
        yield unknown(NAME, "no interface leads to a default route", subject=role)
    else:
        yield measured(NAME, nic.name, subject=role)
