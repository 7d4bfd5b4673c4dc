"""Which services of the catalogue answer: being listed is not enough."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from keystoneauth1 import exceptions as keystone
from openstack.connection import Connection

from portability.model.plan import Service

TIMEOUT = (5.0, 10.0)
_ALIASES = {
    "volumev3": "block-storage",
    "volumev2": "block-storage",
    "volume": "block-storage",
    "block-store": "block-storage",
}
"""Older catalogues' names of what the service types authority calls block-storage."""


def read_services(sdk: Connection) -> tuple[Service, ...]:
    """Each service type of the catalogue once, asked at the root of its endpoint."""
    session: Any = sdk.session
    access = session.auth.get_access(session)
    urls = access.service_catalog.get_endpoints_data(
        interface=sdk.config.get_interface(), region_name=sdk.config.region_name or None
    )
    ends = {_ALIASES.get(kind, kind): data[0].url for kind, data in sorted(urls.items()) if data}
    with ThreadPoolExecutor(max_workers=6) as pool:
        return tuple(pool.map(lambda item: _ask(session, *item), sorted(ends.items())))


def _ask(session: Any, kind: str, url: str) -> Service:
    """Any answer below 500 is one: without version discovery an endpoint may well say 401 or 404 at its root."""
    try:
        answer = session.get(url, raise_exc=False, timeout=TIMEOUT, headers={"Accept": "application/json"})
    except keystone.ClientException as error:
        return Service(type=kind, answers=False, detail=" ".join(str(error).split())[:200])
    if answer.status_code >= 500:
        return Service(type=kind, answers=False, detail=f"HTTP {answer.status_code}")
    return Service(type=kind, answers=True, detail=_version(answer))


def _version(answer: Any) -> str:
    """The version that a discovery document tells, with the newest microversion; empty where there is none."""
    try:
        document = answer.json()
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    versions = document.get("versions") or [document.get("version")]
    if isinstance(versions, dict):  # Keystone at its root: {"versions": {"values": […]}}
        versions = versions.get("values") or []
    current = [
        one for one in versions if isinstance(one, dict) and one.get("status", "").lower() in ("current", "stable")
    ]
    if not current:
        return ""
    newest = current[-1].get("version") or current[-1].get("max_version") or ""
    return f"{current[-1].get('id', '')}{', up to ' + newest if newest else ''}"
