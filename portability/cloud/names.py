"""Names of what a run makes on a cloud: `pb-<run id><side>-<role>`, valid for every service."""

import re
from dataclasses import dataclass

PREFIX = "pb-"
LONGEST_NAME = 63
"""A server's name becomes its host name: one DNS label (RFC 1035, 2.3.4). All other services allow more."""

_RUN_ID = re.compile(r"[a-z0-9]{1,20}")
_NAME = re.compile(rf"{PREFIX}(?P<run>[a-z0-9]{{1,20}})(?P<side>[ab])-(?P<role>[a-z0-9-]+)(?:\s.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    run: str
    side: str
    """`a` the baseline, `b` the candidate: a cloud can be compared with itself."""
    role: str


def run_prefix(run_id: str, side: str) -> str:
    """What the names of all resources begin with that one side of a run makes, `pb-<run id><side>-`.

    Raises:
        ValueError: the id has other characters than lower-case letters and digits, or the side is not a or b.
    """
    if not _RUN_ID.fullmatch(run_id) or side not in ("a", "b"):
        raise ValueError(f"no names can be made of run {run_id!r} and side {side!r}")
    return f"{PREFIX}{run_id}{side}-"


def resource_name(prefix: str, role: str) -> str:
    """The whole name of a resource.

    Raises:
        ValueError: it is longer than 63 characters or has characters that a host name must not have.
    """
    name = prefix + role
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name) or name.endswith("-") or " " in name:
        raise ValueError(f"{name!r} is no name for a server: up to {LONGEST_NAME} of a-z, 0-9 and '-' are allowed")
    return name


def parse_name(text: str) -> Name | None:
    """The parts of a name, or of a description that begins with one; None: it is not one of ours."""
    match = _NAME.fullmatch(text)
    return match and Name(run=match["run"], side=match["side"], role=match["role"])


def description(run_id: str, *, owner: str, expires: str) -> str:
    """One line for whoever finds a resource: what it is, whose, and from when it is safe to delete."""
    return f"portability run {run_id}, owner {owner or 'unknown'}, delete after {expires}"
