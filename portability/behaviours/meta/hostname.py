"""What a server is called inside."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Level, Scale

SHORT_NAME = Behaviour(
    id="meta.hostname_short",
    means="Whether a server calls itself by the name that it has on the cloud.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Tempest, test_host_name_is_same_as_server_name (SCS-0128); Nova, sanitize_hostname",
    breaks="Certificates, cluster members and log files carry names that nobody knows.",
    remedy="Set it in user data: #cloud-config, hostname: NAME; or with ansible.builtin.hostname.",
    cost=Cost.SERVER,
    accepted=("true",),
)
FQDN = Behaviour(
    id="meta.hostname_fqdn",
    means="The domain that a server believes to be in.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Nova option [api] dhcp_domain (default novalocal); Neutron option dns_domain (default openstacklocal)",
    breaks="Host-based access rules, certificates and cluster names that contain the domain.",
    remedy="Set it in user data: #cloud-config, fqdn: NAME.DOMAIN, prefer_fqdn_over_hostname: false; and /etc/hosts by "
    "Ansible.",
    cost=Cost.SERVER,
)


@of_facts(SHORT_NAME)
def short_name(told: ServerFacts) -> Iterator[Reading]:
    name = told.facts.hostname.split(".")[0]
    detail = f"calls itself {told.facts.hostname}, the cloud {told.server.name}"
    yield measured(SHORT_NAME, name == told.server.name, subject=told.server.role, detail=detail)


@of_facts(FQDN)
def fqdn(told: ServerFacts) -> Iterator[Reading]:
    _, _, domain = told.facts.fqdn.partition(".")
    yield measured(FQDN, domain or "none", subject=told.server.role, detail=told.facts.fqdn)
