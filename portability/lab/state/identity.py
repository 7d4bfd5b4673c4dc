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
    application_credential_id: str | None = None
    """What it was got with, if not with a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCredential:
    id: str
    user_id: str
    project_id: str
    name: str
    description: str | None
    salt: str
    secret_hash: str
    expires_at: datetime | None
    unrestricted: bool


KINDS = (Project, User, Token, ApplicationCredential)


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


def add_application_credential(
    store: Store,
    user: User,
    *,
    name: str,
    secret: str,
    description: str | None,
    expires_at: datetime | None,
    unrestricted: bool,
) -> ApplicationCredential:
    """A second way for the user into the project, which can be taken away again.

    Raises:
        Fault: 409 when the user has one of that name.
    """
    with store.change():
        if any(found.user_id == user.id and found.name == name for found in store.all(ApplicationCredential)):
            raise Fault(409, f"Conflict occurred attempting to store application_credential - Duplicate entry {name}.")
        salt = secrets.token_hex(8)
        return store.put(
            ApplicationCredential(
                id=uuid4().hex,
                user_id=user.id,
                project_id=user.project_id,
                name=name,
                description=description,
                salt=salt,
                secret_hash=_hash(secret, salt),
                expires_at=expires_at,
                unrestricted=unrestricted,
            )
        )


def check_application_credential(
    store: Store, secret: str, *, credential_id: str | None, name: str | None, user: str | None
) -> ApplicationCredential:
    """The credential that this is the secret of, found by its id, or by its name and the user's name or id.

    Raises:
        Fault: 401 with the same words for every reason.
    """
    for found in store.all(ApplicationCredential):
        owner = store.get(User, found.user_id)
        is_named = found.name == name and owner is not None and user in (owner.id, owner.name)
        if found.id != credential_id and not (credential_id is None and is_named):
            continue
        is_over = found.expires_at is not None and found.expires_at <= now()
        if not is_over and hmac.compare_digest(found.secret_hash, _hash(secret, found.salt)):
            return found
    raise Fault(401, "The request you have made requires authentication.")


def remove_application_credential(store: Store, credential: ApplicationCredential) -> None:
    """Gone, with the tokens that were got with it."""
    with store.change():
        for token in store.all(Token):
            if token.application_credential_id == credential.id:
                store.remove(token)
        store.remove(credential)


def issue_token(
    store: Store, user: User, project: Project | None, *, application_credential_id: str | None = None
) -> tuple[str, Token]:
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
        application_credential_id=application_credential_id,
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
