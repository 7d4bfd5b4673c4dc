"""What Ansible is told about the servers of a deployment. Pure: values in, an inventory structure out."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from portability.configure.connection import Connection
from portability.model.deployment import AttachedVolume, Deployment, ServerInfo
from portability.model.workload import OUTSIDE, Flow, Workload


def inventory(deployment: Deployment, workload: Workload, *, secrets: Path, connection: Connection) -> dict[str, Any]:
    """The inventory in the form of Ansible's YAML inventory plugin. Roles learn all that they need to know about other
    servers from the flows, so that no role names a tier.
    """
    hosts = {server.role: _host(deployment, workload, server, connection) for server in deployment.servers}
    tiers = {tier.name: _group(server.role for server in deployment.tier(tier.name)) for tier in workload.tiers}
    return {
        "all": {
            "vars": _common(deployment, workload, secrets),
            "hosts": hosts,
            "children": {"entry": _group([deployment.entry]), **tiers},
        }
    }


def _group(roles: Iterable[str]) -> dict[str, Any]:
    return {"hosts": {role: {} for role in roles}}


def _common(deployment: Deployment, workload: Workload, secrets: Path) -> dict[str, Any]:
    application = workload.application
    return {
        "ansible_user": deployment.user,
        "ansible_ssh_private_key_file": deployment.private_key,
        # Looking for it would cost each server a round trip; cloud-init is written in Python 3, so there it is.
        "ansible_python_interpreter": "/usr/bin/python3",
        "secrets_file": str(secrets),
        "application": {"port": application.port, "health_path": application.health_path},
    }


def _host(deployment: Deployment, workload: Workload, server: ServerInfo, connection: Connection) -> dict[str, Any]:
    return {
        "ansible_host": server.access_ip or server.fixed_ip,
        "ansible_ssh_common_args": shlex.join(connection.options(server)),
        "tier_roles": list(workload.tier(server.tier).roles),
        "serves": _serves(deployment, workload, server.tier),
        "calls": _calls(deployment, workload, server.tier),
        "volumes": [_volume(volume) for volume in server.volumes],
    }


def _serves(deployment: Deployment, workload: Workload, tier: str) -> list[dict[str, Any]]:
    """Each port that this tier is asked on, with the addresses that may ask; none: anybody."""
    flows = [flow for flow in workload.flows if flow.target == tier]
    ports = dict.fromkeys(flow.port for flow in flows)
    return [{"port": port, "sources": _sources(deployment, flows, port)} for port in ports]


def _sources(deployment: Deployment, flows: list[Flow], port: int) -> list[str]:
    tiers = [flow.source for flow in flows if flow.port == port]
    if OUTSIDE in tiers:
        return []
    return [server.fixed_ip for tier in tiers for server in deployment.tier(tier)]


def _calls(deployment: Deployment, workload: Workload, tier: str) -> list[dict[str, Any]]:
    """Each port of another tier that this one asks, with the servers that answer there."""
    return [
        {
            "tier": flow.target,
            "port": flow.port,
            "servers": [{"name": one.role, "address": one.fixed_ip} for one in deployment.tier(flow.target)],
        }
        for flow in workload.flows
        if flow.source == tier
    ]


def _volume(volume: AttachedVolume) -> dict[str, str]:
    return {"name": volume.name, "id": volume.volume_id}
