"""Keystone v3: getting a token, and what a member may ask about it."""

from typing import Any

from portability.lab.api import application_credentials, faults
from portability.lab.api.versions import keystone_document
from portability.lab.api.web import Answer, Body, Call, Endpoint, Service
from portability.lab.state.faults import Fault, bad_request, not_found
from portability.lab.state.identity import (
    DOMAIN_ID,
    DOMAIN_NAME,
    ROLE_NAMES,
    Project,
    Token,
    User,
    check_application_credential,
    check_password,
    find_token,
    issue_token,
)

_DOMAIN = {"id": DOMAIN_ID, "name": DOMAIN_NAME}


def _authenticate(call: Call) -> Answer:
    auth = call.part("auth")
    identity = auth.get("identity")
    if not isinstance(identity, dict):
        raise bad_request("'identity' is a required property")
    methods = identity.get("methods", [])
    if methods == ["application_credential"]:
        return _with_application_credential(call, identity.get("application_credential", {}))
    if methods == ["password"]:
        user = _password_user(call, identity)
    elif methods == ["token"]:
        old = find_token(call.cloud.store, identity.get("token", {}).get("id"))
        found = call.cloud.store.get(User, old.user_id) if old else None
        if found is None:
            raise Fault(401, "The request you have made requires authentication.")
        user = found
    else:
        raise Fault(401, "The request you have made requires authentication.")
    project = _scope(call, auth.get("scope"), user)
    secret, token = issue_token(call.cloud.store, user, project)
    return Answer(status=201, body=_token_body(call, token), headers={"x-subject-token": secret})


def _with_application_credential(call: Call, asked: Body) -> Answer:
    store = call.cloud.store
    owner = asked.get("user", {})
    credential = check_application_credential(
        store,
        str(asked.get("secret", "")),
        credential_id=asked.get("id"),
        name=asked.get("name"),
        user=owner.get("id") or owner.get("name"),
    )
    user, project = store.get(User, credential.user_id), store.get(Project, credential.project_id)
    if user is None:
        raise Fault(401, "The request you have made requires authentication.")
    secret, token = issue_token(store, user, project, application_credential_id=credential.id)
    return Answer(status=201, body=_token_body(call, token), headers={"x-subject-token": secret})


def _password_user(call: Call, identity: Body) -> User:
    asked = identity.get("password", {}).get("user", {})
    domain = asked.get("domain", _DOMAIN)
    if "id" not in asked and domain.get("id", DOMAIN_ID) != DOMAIN_ID and domain.get("name") != DOMAIN_NAME:
        raise Fault(401, "The request you have made requires authentication.")
    return check_password(
        call.cloud.store, str(asked.get("password", "")), name=asked.get("name"), user_id=asked.get("id")
    )


def _scope(call: Call, scope: Any, user: User) -> Project | None:
    own = call.cloud.store.get(Project, user.project_id)
    if scope is None:
        return own
    if not isinstance(scope, dict) or "project" not in scope:
        return None
    asked = scope["project"]
    if own is None or asked.get("id", own.id) != own.id or asked.get("name", own.name) != own.name:
        raise Fault(401, "The request you have made requires authentication.")
    return own


def _token_body(call: Call, token: Token) -> Body:
    user = call.cloud.store.get(User, token.user_id)
    body: Body = {
        "methods": ["application_credential" if token.application_credential_id else "password"],
        "user": {
            "id": token.user_id,
            "name": user.name if user else "",
            "domain": _DOMAIN,
            "password_expires_at": None,
        },
        "audit_ids": [token.audit_id],
        "issued_at": f"{token.issued_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "expires_at": f"{token.expires_at:%Y-%m-%dT%H:%M:%S.%f}Z",
    }
    project = call.cloud.store.get(Project, token.project_id)
    if project:
        body["project"] = {"id": project.id, "name": project.name, "domain": _DOMAIN}
        body["is_domain"] = False
        body["roles"] = [{"id": call.cloud.stable_id(f"role/{name}").hex, "name": name} for name in ROLE_NAMES]
        body["catalog"] = _catalogue(call)
    return {"token": body}


_CATALOGUE = (
    ("identity", "keystone", "/identity"),
    ("compute", "nova", "/compute/v2.1"),
    ("network", "neutron", "/network"),
    ("image", "glance", "/image"),
    ("block-storage", "cinder", "/volume/v3"),
)


def _catalogue(call: Call) -> list[Body]:
    region = call.cloud.settings.region
    return [
        {
            "type": type_,
            "name": name,
            "id": call.cloud.stable_id(f"service/{name}").hex,
            "endpoints": [
                {
                    "id": call.cloud.stable_id(f"endpoint/{name}").hex,
                    "interface": "public",
                    "region": region,
                    "region_id": region,
                    "url": call.origin + path,
                }
            ],
        }
        for type_, name, path in _CATALOGUE
    ]


def _subject(call: Call) -> tuple[str, Token]:
    secret = call.headers.get("x-subject-token")
    token = find_token(call.cloud.store, secret)
    if secret is None or token is None or token.user_id != call.user_id:
        raise not_found("Could not find token.")
    return secret, token


def _show_token(call: Call) -> Answer:
    secret, token = _subject(call)
    return Answer(body=_token_body(call, token), headers={"x-subject-token": secret})


def _revoke_token(call: Call) -> Answer:
    _, token = _subject(call)
    call.cloud.store.remove(token)
    return Answer(status=204)


def _show_catalogue(call: Call) -> Answer:
    return Answer(body={"catalog": _catalogue(call), "links": {"self": call.url}})


def _project(project: Project) -> Body:
    return {
        "id": project.id,
        "name": project.name,
        "domain_id": DOMAIN_ID,
        "parent_id": DOMAIN_ID,
        "description": "",
        "enabled": True,
        "is_domain": False,
        "tags": [],
        "options": {},
    }


def _own_projects(call: Call) -> Answer:
    user = call.cloud.store.get(User, call.user_id)
    project = call.cloud.store.get(Project, user.project_id) if user else None
    found = [_project(project)] if project else []
    return Answer(body={"projects": found, "links": {"self": call.url, "next": None, "previous": None}})


def _show_project(call: Call) -> Answer:
    project = call.cloud.store.get(Project, call.path["id"])
    if project is None or project.id != call.project_id:
        raise Fault(403, "You are not authorized to perform the requested action: identity:get_project.")
    return Answer(body={"project": _project(project)})


def _show_user(call: Call) -> Answer:
    user = call.cloud.store.get(User, call.path["id"])
    if user is None or user.id != call.user_id:
        raise Fault(403, "You are not authorized to perform the requested action: identity:get_user.")
    return Answer(
        body={
            "user": {
                "id": user.id,
                "name": user.name,
                "domain_id": DOMAIN_ID,
                "default_project_id": user.project_id,
                "enabled": True,
                "password_expires_at": None,
                "options": {},
            }
        }
    )


def _admin_only(_: Call) -> Answer:
    raise Fault(403, "You are not authorized to perform the requested action.")


SERVICE = Service(
    type="identity",
    prefix="/identity",
    refuse=faults.identity,
    endpoints=(
        Endpoint("GET", "", lambda call: keystone_document(call, alone=False), is_open=True),
        Endpoint("GET", "/v3", lambda call: keystone_document(call, alone=True), is_open=True),
        Endpoint("POST", "/v3/auth/tokens", _authenticate, is_open=True),
        Endpoint("GET", "/v3/auth/tokens", _show_token),
        Endpoint("DELETE", "/v3/auth/tokens", _revoke_token),
        Endpoint("GET", "/v3/auth/catalog", _show_catalogue),
        Endpoint("GET", "/v3/auth/projects", _own_projects),
        Endpoint("GET", "/v3/users/{id}/projects", _own_projects),
        Endpoint("GET", "/v3/users/{id}", _show_user),
        Endpoint("GET", "/v3/projects/{id}", _show_project),
        *application_credentials.ENDPOINTS,
        Endpoint("GET", "/v3/projects", _admin_only),
        Endpoint("GET", "/v3/users", _admin_only),
        Endpoint("GET", "/v3/services", _admin_only),
        Endpoint("GET", "/v3/endpoints", _admin_only),
    ),
)
