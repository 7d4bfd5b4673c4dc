"""Keystone: projects, users, tokens."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from portability.lab.state.faults import Fault
from portability.lab.state.store import Store

TOKEN_LIFETIME = timedelta(hours=1)
"""Keystone's default is one hour."""
DOMAIN_ID = "default"
DOMAIN_NAME = "Default"
ROLE_NAMES = ("member", "reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    name: str
    project_id: str
    salt: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    id: str
    """The SHA-256 of what the client holds: the database is no place for credentials."""
    user_id: str
    project_id: str | None
    issued_at: datetime
    expires_at: datetime
    audit_id: str


KINDS = (Project, User, Token)


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid4())


def add_project(store: Store, name: str, user_name: str, password: str) -> Project:
    """A project with one ordinary member."""
    with store.change():
        project = store.put(Project(id=uuid4().hex, name=name))
        salt = secrets.token_hex(8)
        hashed = _hash(password, salt)
        store.put(User(id=uuid4().hex, name=user_name, project_id=project.id, salt=salt, password_hash=hashed))
    return project


def check_password(store: Store, password: str, *, name: str | None, user_id: str | None) -> User:
    """The user whose password this is.

    Raises:
        Fault: 401 with the same words for every reason, as Keystone does.
    """
    for user in store.all(User):
        if user.id == user_id or (user_id is None and user.name == name):
            if hmac.compare_digest(user.password_hash, _hash(password, user.salt)):
                return user
            break
    raise Fault(401, "The request you have made requires authentication.")


def issue_token(store: Store, user: User, project: Project | None) -> tuple[str, Token]:
    """The secret for the client, and what is remembered of it."""
    secret = "gAAAAA" + secrets.token_urlsafe(80)
    issued = now()
    token = Token(
        id=_digest(secret),
        user_id=user.id,
        project_id=project.id if project else None,
        issued_at=issued,
        expires_at=issued + TOKEN_LIFETIME,
        audit_id=secrets.token_urlsafe(16),
    )
    with store.change():
        for old in store.all(Token):
            if old.expires_at < issued:
                store.remove(old)
        store.put(token)
    return secret, token


def find_token(store: Store, secret: str | None) -> Token | None:
    """The token that the secret stands for, while it is valid."""
    if not secret:
        return None
    token = store.get(Token, _digest(secret))
    return token if token and token.expires_at > now() else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _hash(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=1024, r=8, p=1).hex()
