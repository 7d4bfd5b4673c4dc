"""The memory that a server sees."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, unknown
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Level, Scale

REAL = Behaviour(
    id="guest.mem.real",
    means="Whether a server has the memory that its flavor promises.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Nova, flavors; SCS-0100",
    breaks="Caches sized for the flavor (shared_buffers) do not fit, and processes are killed.",
    remedy="Size from /proc/meminfo, not from the flavor: shared_buffers = 25 % of MemTotal",
    cost=Cost.SERVER,
    accepted=("true",),
)

_USABLE = 0.85
"""Of the flavor: firmware, kernel and crash kernel take 30 to 60 MiB, which is much of a small server."""


@of_facts(REAL)
def real(told: ServerFacts) -> Iterator[Reading]:
    role = told.server.role
    if told.facts.memory_kib is None:
        yield unknown(REAL, "/proc/meminfo shows no MemTotal", subject=role)
        return
    has, promised = told.facts.memory_kib / 1024, told.flavor.ram_mib
    detail = f"{has:.0f} MiB of {promised} MiB"
    # Containers without a limit of their own see their host's memory.
    detail += ", its host's" if told.facts.is_container and has > promised * 1.1 else ""
    yield measured(REAL, has >= promised * _USABLE, subject=role, detail=detail)
