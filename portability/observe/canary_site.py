"""What the canaries of one cloud stand on: a network, a port with an address, a key."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from portability.cloud.protocol import Cloud, Kind, Resource, RuleSpec
from portability.cloud.vantage import observer_cidr
from portability.errors import CloudError, Refused
from portability.model.plan import AccessModel, Binding, Flavor
from portability.model.units import CloudLabel, GiB, Seconds
from portability.model.workload import IPProtocol

SERVICE_PORT = 8080
_SSH_PORT = 22
_ANYWHERE = "0.0.0.0/0"
_REMOVAL: Seconds = 90.0
_SMALLEST_BOOT_VOLUME: GiB = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryCloud:
    """All that is needed to boot canaries on one cloud."""

    label: CloudLabel
    cloud: Cloud
    binding: Binding
    prefix: str
    """What every name begins with, so that the teardown finds it."""
    description: str
    public_key: str
    private_key: str
    """Path."""
    known_hosts: Path
    """A file of the canaries' own: they come and go at one address."""
    observer_cidr: str | None = None
    """None: it is worked out from the route to the canary; open to all where that cannot tell it."""
    patience: float = 1.0
    """Every deadline is multiplied by it."""
    check: Callable[[], None] = lambda: None
    """Called while waiting; may raise to end the wait."""

    @property
    def flavor(self) -> Flavor:
        """The smallest of the application's; one with a disk, if there is one."""
        flavors = [flavor for _, flavor in self.binding.flavors]
        return min(flavors, key=lambda flavor: (flavor.disk_gib == 0, flavor.ram_mib, flavor.vcpus, flavor.name))

    @property
    def boot_volume(self) -> GiB | None:
        if self.flavor.disk_gib:
            return None
        return max(self.binding.image.min_disk_gib, _SMALLEST_BOOT_VOLUME)


@dataclass(slots=True, kw_only=True)
class Site:
    """Made once, used by one canary after the other."""

    owner: CanaryCloud
    made: list[Resource] = field(default_factory=list)
    key_pair: str = ""
    port_id: str = ""
    address: str = ""
    """Where the observer reaches the canary."""
    fixed_ip: str = ""
    network_id: str = ""


def prepare(owner: CanaryCloud, site: Site) -> None:
    """Make it. What was made is in `site.made`, also when it fails.

    Raises:
        CloudError: something was refused or cannot be had.
    """
    cloud, prefix, note = owner.cloud, f"{owner.prefix}canary", owner.description
    site.key_pair = _keep(site, cloud.create_key_pair(f"{prefix}-key", public_key=owner.public_key)).name
    group = _keep(site, cloud.create_security_group(f"{prefix}-group", description=note))
    is_floating = owner.binding.access is AccessModel.FLOATING
    site.network_id = _own_network(owner, site) if is_floating else owner.binding.network.id
    port = cloud.create_port(f"{prefix}-port", network_id=site.network_id, group_ids=(group.id,), description=note)
    site.made.append(Resource(kind=Kind.PORT, id=port.id, name=port.name))
    site.port_id, site.fixed_ip = port.id, port.fixed_ip
    site.address = port.fixed_ip
    if is_floating:
        external = owner.binding.network.id
        # A floating IP has no name: its description stands in, and begins with the prefix.
        text = f"{prefix}-address {note}"
        floating = cloud.create_floating_ip(external_network_id=external, port_id=port.id, description=text)
        site.address = _keep(site, floating).name
    source = owner.observer_cidr or observer_cidr(site.address) or _ANYWHERE
    for rule in (
        RuleSpec(protocol=IPProtocol.TCP, port=_SSH_PORT, cidr=source),
        RuleSpec(protocol=IPProtocol.TCP, port=SERVICE_PORT, cidr=source),
        RuleSpec(protocol=IPProtocol.ICMP, port=None, cidr=source),
    ):
        cloud.add_rule(group.id, rule)


def _own_network(owner: CanaryCloud, site: Site) -> str:
    cloud, prefix, note = owner.cloud, f"{owner.prefix}canary", owner.description
    network = _keep(site, cloud.create_network(f"{prefix}-net", description=note))
    subnet = _keep(
        site,
        cloud.create_subnet(
            f"{prefix}-subnet", network_id=network.id, cidr=owner.binding.cidr or "10.0.0.0/24", description=note
        ),
    )
    router = _keep(
        site, cloud.create_router(f"{prefix}-router", external_network_id=owner.binding.network.id, description=note)
    )
    cloud.add_router_interface(router.id, subnet_id=subnet.id)
    return network.id


def _keep(site: Site, resource: Resource) -> Resource:
    site.made.append(resource)
    return resource


_ORDER = tuple(Kind)
"""Kind's own: an order in which things can be deleted."""


def remove(site: Site, *, sleep: Callable[[Seconds], None] = time.sleep) -> tuple[str, ...]:
    """Delete all of it; gives what could not be deleted, in words. The teardown will try again."""
    problems = []
    deadline = time.monotonic() + _REMOVAL * site.owner.patience
    for resource in sorted(site.made, key=lambda resource: _ORDER.index(resource.kind)):
        problem = _delete(site.owner.cloud, resource, deadline=deadline, sleep=sleep)
        if problem:
            problems.append(f"{resource.kind} {resource.name}: {problem}")
    site.made.clear()
    return tuple(problems)


def _delete(cloud: Cloud, resource: Resource, *, deadline: Seconds, sleep: Callable[[Seconds], None]) -> str:
    while True:
        try:
            cloud.delete(resource)
        except Refused as error:
            # 409: something that hangs on it is still going.
            if error.status != 409 or time.monotonic() > deadline:
                return error.message
            sleep(0.5)
        except CloudError as error:
            return error.message
        else:
            return ""
