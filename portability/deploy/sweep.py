"""What earlier runs left on a cloud: found by name alone, listed before it is deleted."""

import shlex
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from portability.cloud.names import PREFIX, parse_name, run_prefix
from portability.cloud.protocol import Cloud, Kind, Resource
from portability.deploy.teardown import tear_down
from portability.model.event import Listener

_COMMANDS = {
    Kind.FLOATING_IP: "floating ip",
    Kind.SERVER: "server",
    Kind.VOLUME: "volume",
    Kind.PORT: "port",
    Kind.ROUTER: "router",
    Kind.SUBNET: "subnet",
    Kind.NETWORK: "network",
    Kind.SECURITY_GROUP: "security group",
    Kind.KEY_PAIR: "keypair",
}


def find_leftovers(
    cloud: Cloud,
    run: str | None = None,
    older_than: timedelta | None = None,
    *,
    started: Callable[[str], datetime | None] | None = None,
    now: datetime | None = None,
) -> tuple[Resource, ...]:
    """What carries a name of ours, in an order in which it can be deleted; of one run only where it is named.

    `older_than` needs `started`, which tells from a run's id when it began, and `now`; what tells no such time is out.
    """
    with ThreadPoolExecutor(len(Kind)) as pool:
        found = [item for items in pool.map(lambda kind: cloud.find(kind, PREFIX), Kind) for item in items]

    def is_meant(item: Resource) -> bool:
        name = parse_name(item.name)
        if name is None or run not in (None, name.run):
            return False
        if older_than is None:
            return True
        began = started(name.run) if started else None
        return began is not None and now is not None and now - began > older_than

    return tuple(item for item in found if is_meant(item))


def sweep(cloud: Cloud, leftovers: tuple[Resource, ...], *, listener: Listener) -> tuple[Resource, ...]:
    """Delete these and all that goes by the same runs' names; gives what is left in spite of it."""
    names = (parse_name(item.name) for item in leftovers)
    prefixes = sorted({run_prefix(name.run, name.side) for name in names if name})
    return tuple(left for prefix in prefixes for left in tear_down(cloud, prefix=prefix, listener=listener))


def delete_command(cloud_name: str, resource: Resource) -> str:
    """What a person types to delete it with python-openstackclient."""
    identity = resource.name if resource.kind is Kind.KEY_PAIR else resource.id
    return f"openstack --os-cloud {shlex.quote(cloud_name)} {_COMMANDS[resource.kind]} delete {shlex.quote(identity)}"
