"""All services of one cloud as one application, under the path prefixes that devstack uses."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from portability.lab.api import compute, identity, image, network, volume
from portability.lab.api.web import router
from portability.lab.cloud import Cloud

SERVICES = (identity.SERVICE, compute.SERVICE, network.SERVICE, image.SERVICE, volume.SERVICE)

App = Callable[[Any, Any, Any], Awaitable[None]]


def application(cloud: Cloud) -> App:
    """An ASGI application that answers for the cloud."""
    inner = Starlette(routes=[Mount(service.prefix, app=router(service, cloud)) for service in SERVICES])

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": _plain(scope["path"])}
        await inner(scope, receive, send)

    return answer


def _plain(path: str) -> str:
    """The path without what clients may add: a slash at its end, Neutron's .json, Cinder's old project id."""
    path = path.rstrip("/").removesuffix(".json")
    parts = path.split("/")
    if len(parts) > 3 and parts[1:3] == ["volume", "v3"] and len(parts[3]) == 32:
        del parts[3]
        return "/".join(parts)
    return path if path.count("/") > 1 else path + "/"
