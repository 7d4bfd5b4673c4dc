"""Resolvers and names."""

import shlex
from collections.abc import Iterator

from portability.behaviours.inside import look_outwards
from portability.behaviours.probes import Reading, measured, of_server, unknown
from portability.behaviours.views import ServerView
from portability.model.behaviour import Behaviour, Cost, Impact, Level, Scale

RESOLVER = Behaviour(
    id="net.dns.default_resolver",
    means="Whether the resolver that a server is given answers.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="SCS-0127; Neutron, DNS resolution for instances",
    breaks="Every name lookup waits for seconds and fails; package installation and certificates with it.",
    remedy="Name resolvers per cloud: openstack subnet set --dns-nameserver ADDRESS SUBNET",
    cost=Cost.SERVER,
)
INTERNAL_NAMES = Behaviour(
    id="net.dns.internal_names",
    means="Whether servers find each other by name.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="SCS-0127; Neutron, DNS integration: default domain openstacklocal",
    breaks="An application that finds its parts by name works on one cloud only.",
    remedy="Write /etc/hosts with Ansible, from the inventory; or run a name server of your own.",
    cost=Cost.SEVERAL,
    impact=Impact.CHANGE,
)

_NEUTRON = "openstacklocal"
"""Neutron's default domain; servers believe to be in Nova's, novalocal."""


@of_server(RESOLVER)
def resolver(view: ServerView) -> Iterator[Reading]:
    role, servers = view.told.server.role, view.told.facts.resolvers
    answers = look_outwards(view)["resolver"]
    if not servers:
        yield measured(RESOLVER, "none given", subject=role)
    elif not answers:
        yield unknown(RESOLVER, f"only a local one is known: {', '.join(servers)}", subject=role)
    else:
        best = next(word for word in ("resolves", "answers", "silent") if word in answers)
        words = {
            "resolves": "resolves public names",
            "answers": "answers, but knows no public names",
            "silent": "silent",
        }
        yield measured(RESOLVER, words[best], subject=role, detail=f"{len(servers)} given")


@of_server(INTERNAL_NAMES)
def internal_names(view: ServerView) -> Iterator[Reading]:
    role = view.told.server.role
    if not view.peers:
        yield unknown(INTERNAL_NAMES, "there is no other server", subject=role)
        return
    peer = view.peers[0]
    domains = dict.fromkeys((view.told.facts.fqdn.partition(".")[2], _NEUTRON))
    names = [peer.name, *(f"{peer.name}.{domain}" for domain in domains if domain)]
    # -s dns: what /etc/hosts says is not the cloud's doing.
    asked = "; ".join(f"getent -s dns ahostsv4 {shlex.quote(name)} | head -n1; echo ." for name in names)
    found = view.shell.run(asked, timeout=20.0).stdout.split(".\n")
    known = [name for name, text in zip(names, found, strict=False) if peer.fixed_ip in text.split()]
    value = "no" if not known else "short names" if peer.name in known else "full names only"
    detail = f"{', '.join(known) or 'none'} of {', '.join(names)}"
    yield measured(INTERNAL_NAMES, value, subject=role, detail=detail)
