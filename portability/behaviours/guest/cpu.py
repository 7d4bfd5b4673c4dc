"""The processor that a server sees."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, unknown
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

ISA = Behaviour(
    id="guest.cpu.isa",
    means="Which generation of x86-64 programs a server can run.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="x86-64 psABI, micro-architecture levels; Nova, CPU models",
    breaks='Programs end with "CPU does not support x86-64-v2" or an illegal instruction.',
    remedy="Take a flavor on newer hosts, or build for the oldest level of both: -march=x86-64-v2",
    cost=Cost.SERVER,
)
FLAGS = Behaviour(
    id="guest.cpu.flags",
    means="Every feature of the processor that a server is shown.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="/proc/cpuinfo; Nova option [libvirt] cpu_mode",
    breaks="Programs tuned for one processor (AVX-512, AES-NI) are slower on the other, or do not start.",
    remedy="Build for a level, not for the build machine: never -march=native",
    cost=Cost.SERVER,
    impact=Impact.HARMLESS,
)

# x86-64 psABI, 3.1.1, with the names that Linux gives the flags.
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset(["cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2"]),
    frozenset(["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"]),
    frozenset(["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]),
    frozenset(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
)
# Kernel and hypervisor decide about these, not the processor, and they change from boot to boot or host to host.
_NOISE = frozenset(
    {"rep_good", "nopl", "tsc_known_freq", "arat", "constant_tsc", "nonstop_tsc", "tsc_reliable", "cpuid"}
)


@of_facts(ISA)
def isa(told: ServerFacts) -> Iterator[Reading]:
    role, facts = told.server.role, told.facts
    if facts.machine != "x86_64":
        yield measured(ISA, facts.machine, subject=role)
        return
    level = x86_level(facts.cpu_flags)
    if level is None:
        yield unknown(ISA, "/proc/cpuinfo shows no flags", subject=role)
    else:
        yield measured(ISA, f"x86-64-v{level}", subject=role, detail=facts.cpu_model)


@of_facts(FLAGS)
def flags(told: ServerFacts) -> Iterator[Reading]:
    role, known = told.server.role, told.facts.cpu_flags
    if known:
        yield measured(FLAGS, tuple(sorted(set(known) - _NOISE)), subject=role, detail=told.facts.cpu_model)
    else:
        yield unknown(FLAGS, "/proc/cpuinfo shows no flags", subject=role)


def x86_level(flags: tuple[str, ...]) -> int | None:
    """1 to 4; None: not even the first, so the flags are not to be trusted."""
    known, level = set(flags), 0
    for needed in _LEVELS:
        if not needed <= known:
            break
        level += 1
    return level or None
