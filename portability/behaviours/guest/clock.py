"""The clock of a server."""

import time
from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, of_server, unknown
from portability.behaviours.views import ServerFacts, ServerView
from portability.guest.facts import ClockOffset
from portability.guest.shell import Shell, output
from portability.model.behaviour import Behaviour, Better, Cost, Impact, Level, Margin, Scale

OFFSET = Behaviour(
    id="guest.clock.offset",
    means="How far a server's clock is from ours.",
    scale=Scale.QUANTITY,
    level=Level.RECOMMENDED,
    unit="ms",
    authority="SCS-0129; Keystone and TLS reject what is minutes off, databases that lease need less than a second",
    breaks="Tokens and certificates are not yet or no longer valid; logs of both clouds cannot be put in order.",
    remedy="apt install chrony; in /etc/chrony/chrony.conf: server NTP_OF_THE_CLOUD iburst, makestep 1 3",
    cost=Cost.SERVER,
    better=Better.LOWER,
    margin=Margin(relative=0.0, absolute=100.0, reason="what a time server on the internet reaches at worst"),
)
SOURCE = Behaviour(
    id="guest.clock.source",
    means="By what a server measures time.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Linux, clocksource; kvm-clock under KVM, tsc where the processor's counter is passed on",
    breaks="Asking for the time is slow (acpi_pm, hpet), or the clock jumps after a migration.",
    remedy="Boot with clocksource=tsc, or run chrony with makestep.",
    cost=Cost.SERVER,
    impact=Impact.HARMLESS,
)
SYNC = Behaviour(
    id="guest.clock.sync",
    means="Which program keeps a server's clock right.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="SCS-0129: servers get their time by NTP",
    breaks="The clock drifts by seconds a day where nothing keeps it.",
    remedy="apt install chrony",
    cost=Cost.SERVER,
)

_READINGS = 6


@of_server(OFFSET)
def offset(view: ServerView) -> Iterator[Reading]:
    """The amount, ahead or behind: by half a round trip at most it is not told which."""
    role = view.told.server.role
    for repetition in range(_READINGS):
        found = ask(view.shell)
        yield measured(
            OFFSET,
            abs(found.middle) * 1000,
            subject=role,
            repetition=repetition,
            resolution=found.uncertainty * 1000,
            detail="ahead" if found.middle > 0 else "behind",
        )


def ask(shell: Shell) -> ClockOffset:
    """One reading: the server's clock was read between sending and receiving.

    Raises:
        GuestError: the server could not be asked.
    """
    sent = time.time()
    told = float(output(shell, "date", "+%s.%N"))
    return ClockOffset(low=told - time.time(), high=told - sent)


@of_facts(SOURCE)
def source(told: ServerFacts) -> Iterator[Reading]:
    role, name = told.server.role, told.facts.clocksource
    yield measured(SOURCE, name, subject=role) if name else unknown(SOURCE, "/sys does not tell", subject=role)


@of_facts(SYNC)
def sync(told: ServerFacts) -> Iterator[Reading]:
    yield measured(SYNC, ", ".join(told.facts.time_sync) or "nothing", subject=told.server.role)
