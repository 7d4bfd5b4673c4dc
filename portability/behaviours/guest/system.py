"""The operating system inside."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, unknown
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

COLLATION = Behaviour(
    id="guest.os.collation",
    means="Whether text is sorted in the same order: a database's indexes depend on it.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="PostgreSQL wiki, Locale data changes: glibc 2.28 changed the order",
    breaks="Indexes of a database whose files move (volume, base backup, replica) are silently wrong: rows are not "
    "found, keys become double.",
    remedy="Move by dump, or after the move: REINDEX DATABASE db; ALTER DATABASE db REFRESH COLLATION VERSION;",
    cost=Cost.SERVER,
)
KERNEL = Behaviour(
    id="guest.kernel",
    means="Which Linux a server runs.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Linux, uname(2)",
    breaks="Features and fixes of one kernel are missing in the other.",
    remedy="Use the same image on both clouds, or bring both up to date: apt full-upgrade",
    cost=Cost.SERVER,
    impact=Impact.HARMLESS,
)
RELEASE = Behaviour(
    id="guest.os.release",
    means="Which operating system a server really runs, whatever its image is called.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="os-release(5)",
    breaks="Packages and their versions differ: the application runs on something it was not tried on.",
    remedy="Choose the image by os_distro and os_version, or upload the same one to both clouds.",
    cost=Cost.SERVER,
)
USERS = Behaviour(
    id="guest.os.users",
    means="Which people have an account on a new server.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="cloud-init, system_info default_user; Glance image property os_admin_user",
    breaks="The login user of one cloud does not exist on the other, or the provider has an account of its own.",
    remedy="Name the user in user data: #cloud-config, users: [default, {name: NAME, ssh_authorized_keys: [KEY]}]",
    cost=Cost.SERVER,
    absorbed_by="user",
)
VIRTUALISATION = Behaviour(
    id="guest.virtualisation",
    means="What kind of machine a server is.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="systemd-detect-virt(1)",
    breaks="Drivers, agents and licences that are bound to a hypervisor.",
    remedy="Keep the drivers of both in the image's initramfs: MODULES=most",
    cost=Cost.SERVER,
    impact=Impact.HARMLESS,
)


@of_facts(COLLATION)
def collation(told: ServerFacts) -> Iterator[Reading]:
    facts, role = told.facts, told.server.role
    if not facts.libc or not facts.collation:
        yield unknown(COLLATION, "neither the C library nor a locale is known", subject=role)
    else:
        orders = ", ".join(f"{locale} {order}" for locale, order in facts.collation)
        yield measured(COLLATION, f"{facts.libc}, {orders}", subject=role)


@of_facts(KERNEL)
def kernel(told: ServerFacts) -> Iterator[Reading]:
    yield _text(KERNEL, told, told.facts.kernel)


@of_facts(RELEASE)
def release(told: ServerFacts) -> Iterator[Reading]:
    yield _text(RELEASE, told, told.facts.distro)


@of_facts(USERS)
def users(told: ServerFacts) -> Iterator[Reading]:
    yield measured(USERS, told.facts.users, subject=told.server.role)


@of_facts(VIRTUALISATION)
def virtualisation(told: ServerFacts) -> Iterator[Reading]:
    yield _text(VIRTUALISATION, told, told.facts.virtualisation)


def _text(behaviour: Behaviour, told: ServerFacts, value: str) -> Reading:
    role = told.server.role
    return measured(behaviour, value, subject=role) if value else unknown(behaviour, "not told", subject=role)
