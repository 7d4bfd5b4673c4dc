"""What all services share: a call, an answer, how a path finds its handler, and who may call."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from portability.lab.cloud import Cloud
from portability.lab.state.faults import Fault, bad_request
from portability.lab.state.identity import Token, find_token

log = logging.getLogger(__name__)

Version = tuple[int, int]
Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, read and authenticated."""

    cloud: Cloud
    token: Token | None
    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    body: Any
    headers: Mapping[str, str]
    origin: str
    """http://host:port"""
    url: str
    """Of this request, without the query."""
    version: Version

    @property
    def project_id(self) -> str:
        if self.token is None or self.token.project_id is None:
            raise Fault(401, "The request you have made requires authentication.")
        return self.token.project_id

    @property
    def user_id(self) -> str:
        if self.token is None:
            raise Fault(401, "The request you have made requires authentication.")
        return self.token.user_id

    def arg(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), None)

    def part(self, key: str) -> Body:
        """The object under the body's one key.

        Raises:
            Fault: 400 when the body is anything else.
        """
        if not isinstance(self.body, dict) or not isinstance(self.body.get(key), dict):
            raise bad_request(f"Invalid input for field/attribute {key}. '{key}' is a required property")
        part: Body = self.body[key]
        return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str
    """Below the service's prefix, with {names}."""
    handler: Handler
    is_open: bool = False
    """Needs no token: version documents, and getting a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    type: str
    prefix: str
    endpoints: tuple[Endpoint, ...]
    refuse: Callable[[Fault], Answer]
    """The service's way to write a refusal."""
    microversions: tuple[Version, Version] | None = None
    legacy_version_header: str | None = None


def router(service: Service, cloud: Cloud) -> Router:
    """An ASGI application for one service of one cloud."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in service.endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    routes = [Route(path or "/", _serve(service, cloud, found), methods=None) for path, found in by_path.items()]
    routes.append(Route("/{rest:path}", _serve(service, cloud, {}), methods=None))
    return Router(routes, redirect_slashes=False)


def _serve(service: Service, cloud: Cloud, endpoints: Mapping[str, Endpoint]) -> Any:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        return await run_in_threadpool(_respond, service, cloud, endpoints, request, raw)

    return _AnyMethod(answer)


class _AnyMethod:
    """Starlette answers 405 by itself for plain functions; a service has its own body for that."""

    def __init__(self, answer: Callable[[Request], Any]) -> None:
        self._answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        response = await self._answer(Request(scope, receive, send))
        await response(scope, receive, send)


def _respond(
    service: Service, cloud: Cloud, endpoints: Mapping[str, Endpoint], request: Request, raw: bytes
) -> Response:
    headers = {"x-openstack-request-id": f"req-{uuid4()}"}
    try:
        version = _negotiate(service, request, headers)
        answer = _find(endpoints, request)(_call(cloud, endpoints, request, raw, version))
    except Fault as fault:
        answer = _unauthorised(request) if fault.status == 401 else service.refuse(fault)
    headers.update(answer.headers)
    log.debug("%s %s %s -> %s", cloud.name, request.method, request.url.path, answer.status)
    if answer.text is not None:
        headers.setdefault("content-type", "text/html; charset=UTF-8")
        content = answer.text.encode()
    elif answer.body is None:
        content = b""
    else:
        headers.setdefault("content-type", "application/json")
        content = json.dumps(answer.body).encode()
    return Response(content if request.method != "HEAD" else b"", answer.status, headers)


def _find(endpoints: Mapping[str, Endpoint], request: Request) -> Handler:
    if not endpoints:
        raise Fault(404, "The resource could not be found.", kind="HTTPNotFound")
    endpoint = endpoints.get("GET" if request.method == "HEAD" and "HEAD" not in endpoints else request.method)
    if endpoint is None:
        raise Fault(405, "The method specified is not allowed for this resource.", kind="HTTPMethodNotAllowed")
    return endpoint.handler


def _call(cloud: Cloud, endpoints: Mapping[str, Endpoint], request: Request, raw: bytes, version: Version) -> Call:
    endpoint = endpoints.get("GET" if request.method == "HEAD" and "HEAD" not in endpoints else request.method)
    token = find_token(cloud.store, request.headers.get("x-auth-token"))
    if token is None and endpoint is not None and not endpoint.is_open:
        raise Fault(401, "The request you have made requires authentication.")
    return Call(
        cloud=cloud,
        token=token,
        path=request.path_params,
        query=tuple(request.query_params.multi_items()),
        body=_read(raw),
        headers=request.headers,
        origin=f"{request.url.scheme}://{request.url.netloc}",
        url=f"{request.url.scheme}://{request.url.netloc}{request.url.path}",
        version=version,
    )


def _read(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise bad_request("Malformed request body: is not valid JSON") from error


def _unauthorised(request: Request) -> Answer:
    message = "The request you have made requires authentication."
    keystone = f"{request.url.scheme}://{request.url.netloc}/identity"
    return Answer(
        status=401,
        body={"error": {"code": 401, "title": "Unauthorized", "message": message}},
        headers={"www-authenticate": f'Keystone uri="{keystone}"'},
    )


def _negotiate(service: Service, request: Request, headers: dict[str, str]) -> Version:
    """The microversion of this request, also put into the answer's headers.

    Raises:
        Fault: 406 when it is out of range, 400 when it is not a version.
    """
    if service.microversions is None:
        return (0, 0)
    lowest, highest = service.microversions
    header = "openstack-api-version"
    asked = None
    for part in request.headers.get(header, "").split(","):
        if part.strip().startswith(f"{service.type} "):
            asked = part.split()[1]
    if asked is None and service.legacy_version_header:
        asked = request.headers.get(service.legacy_version_header)
    version = lowest
    if asked == "latest":
        version = highest
    elif asked is not None:
        match = re.fullmatch(r"(\d+)\.(\d+)", asked)
        if not match:
            raise Fault(400, f"API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum.")
        version = (int(match[1]), int(match[2]))
        if not lowest <= version <= highest:
            raise Fault(
                406,
                f"Version {asked} is not supported by the API. Minimum is {lowest[0]}.{lowest[1]} and maximum is "
                f"{highest[0]}.{highest[1]}.",
            )
    text = f"{version[0]}.{version[1]}"
    headers[header] = f"{service.type} {text}"
    headers["vary"] = header
    if service.legacy_version_header:
        headers[service.legacy_version_header] = text
        headers["vary"] = f"{header}, {service.legacy_version_header}"
    return version
