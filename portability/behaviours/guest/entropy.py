"""Random numbers."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, unknown
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Level, Scale

ENTROPY = Behaviour(
    id="guest.entropy",
    means="Whether a server can make keys without waiting for randomness.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="SCS-0101; random(7): 256 bits since Linux 5.18",
    breaks="The first boot waits for SSH keys, the first TLS connection for randomness.",
    remedy="openstack image set --property hw_rng_model=virtio IMAGE; or a kernel from 5.18 on.",
    cost=Cost.SERVER,
    accepted=("enough",),
)
SOURCE = Behaviour(
    id="guest.entropy.source",
    means="Whether a server has a hardware source of randomness.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Glance image property hw_rng_model; Nova adds a virtio device since Ussuri",
    breaks="Nothing with kernels from 5.18 on and a processor that has RDRAND.",
    remedy="openstack image set --property hw_rng_model=virtio IMAGE",
    cost=Cost.SERVER,
)

_ENOUGH = 256


@of_facts(ENTROPY)
def entropy(told: ServerFacts) -> Iterator[Reading]:
    role, bits = told.server.role, told.facts.entropy
    if bits is None:
        yield unknown(ENTROPY, "the kernel does not tell", subject=role)
    else:
        yield measured(ENTROPY, "enough" if bits >= _ENOUGH else "low", subject=role, detail=f"{bits} bits")


@of_facts(SOURCE)
def source(told: ServerFacts) -> Iterator[Reading]:
    # virtio_rng.0, virtio_rng.1: the number is the kernel's.
    kind = told.facts.hwrng.split(".")[0]
    yield measured(SOURCE, kind or "none", subject=told.server.role)
