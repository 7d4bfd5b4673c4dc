"""What Neutron's resources share: common attributes, lists, checks of what a client sends."""

import ipaddress
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from portability.lab.api.listing import links, matches, page, sort
from portability.lab.api.web import Answer, Body, Call
from portability.lab.state.faults import Fault, bad_request
from portability.lab.state.identity import now

T = TypeVar("T")


def time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def common(record: Any) -> Body:
    """The attributes that every Neutron resource has."""
    return {
        "id": record.id,
        "project_id": record.project_id,
        "tenant_id": record.project_id,
        "description": record.description,
        "created_at": time(record.created_at),
        "updated_at": time(record.updated_at),
        "revision_number": record.revision,
        "tags": list(record.tags),
    }


def collection(call: Call, name: str, bodies: Iterable[Body]) -> Answer:
    """A list with filters, order, pages and `fields`."""
    found = [body for body in bodies if matches(call, body)]
    chosen, following = page(call, sort(call, found, default="id", descending=False))
    fields = {value for key, value in call.query if key == "fields"}
    if fields:
        chosen = [{key: value for key, value in body.items() if key in fields} for body in chosen]
    return Answer(body={name: chosen, **links(call, name, following)})


def check_fields(part: Body, allowed: Iterable[str], *, verb: str, known: Iterable[str] = ()) -> None:
    """Nothing, when all attributes may be sent.

    Raises:
        Fault: 400 in Neutron's words, which differ for read-only and for unknown attributes.
    """
    may = {*allowed, "project_id", "tenant_id"} if verb == "POST" else set(allowed)
    for name in part:
        if name in may:
            continue
        if name in known:
            raise bad_request(f"Attribute '{name}' not allowed in {verb}")
        raise bad_request(f"Unrecognized attribute(s) '{name}'")


def text(part: Body, name: str, default: str = "") -> str:
    value = part.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise invalid(name, f"'{value}' is not a valid string.")
    if len(value) > 255:
        raise invalid(name, f"'{value}' exceeds maximum length of 255.")
    return value


def flag(part: Body, name: str, default: bool) -> bool:
    value = part.get(name, default)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool) and value not in (0, 1):
        raise invalid(name, f"'{value}' cannot be converted to boolean.")
    return bool(value)


def invalid(name: str, reason: str) -> Fault:
    return bad_request(f"Invalid input for {name}. Reason: {reason}")


def address(name: str, value: Any) -> str:
    """The text, when it is an IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(str(value)))
    except ValueError as error:
        raise invalid(name, f"'{value}' is not a valid IP address.") from error


def cidr(name: str, value: Any) -> str:
    """The range, IPv4 or IPv6, with the bits behind the prefix cleared."""
    try:
        return str(ipaddress.ip_network(str(value), strict=False))
    except ValueError as error:
        raise invalid(name, f"'{value}' is not a valid IP subnet.") from error


def changed(record: T, **fields: Any) -> T:
    """The record with these fields, a new time and the next revision."""
    revision = record.revision + 1  # type: ignore[attr-defined]  # every Neutron record has one
    result: T = replace(record, updated_at=now(), revision=revision, **fields)  # type: ignore[type-var]
    return result


def refuse_policy(rule: str) -> Fault:
    return Fault(403, f"(rule:{rule}) is disallowed by policy", kind="PolicyNotAuthorized")
