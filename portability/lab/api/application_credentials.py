"""Keystone v3: application credentials of one's own."""

import secrets
from datetime import UTC, datetime
from typing import Any

from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.state.faults import Fault, bad_request, not_found
from portability.lab.state.identity import (
    ROLE_NAMES,
    ApplicationCredential,
    User,
    add_application_credential,
    remove_application_credential,
)


def _own_user(call: Call) -> User:
    user = call.cloud.store.get(User, call.user_id)
    if user is None or call.path["user"] != user.id:
        raise Fault(403, "You are not authorized to perform the requested action.")
    return user


def _body(call: Call, credential: ApplicationCredential) -> Body:
    expires = credential.expires_at
    return {
        "id": credential.id,
        "name": credential.name,
        "description": credential.description,
        "project_id": credential.project_id,
        "user_id": credential.user_id,
        "roles": [{"id": call.cloud.stable_id(f"role/{name}").hex, "name": name} for name in ROLE_NAMES],
        "expires_at": f"{expires:%Y-%m-%dT%H:%M:%S.%f}" if expires else None,
        "unrestricted": credential.unrestricted,
        "system": None,
    }


def _list(call: Call) -> Answer:
    user = _own_user(call)
    own = [found for found in call.cloud.store.all(ApplicationCredential) if found.user_id == user.id]
    shown = [_body(call, found) for found in own if call.arg("name") in (None, found.name)]
    links = {"self": call.url, "next": None, "previous": None}
    return Answer(body={"application_credentials": shown, "links": links})


def _get(call: Call) -> ApplicationCredential:
    user = _own_user(call)
    credential = call.cloud.store.get(ApplicationCredential, call.path["id"])
    if credential is None or credential.user_id != user.id:
        raise not_found(f"Could not find Application Credential: {call.path['id']}.")
    return credential


def _show(call: Call) -> Answer:
    return Answer(body={"application_credential": _body(call, _get(call))})


def _create(call: Call) -> Answer:
    user = _own_user(call)
    _refuse_restricted(call)
    part = call.part("application_credential")
    name = part.get("name")
    if not isinstance(name, str) or not name:
        raise bad_request("'name' is a required property")
    for role in part.get("roles") or ():
        if role.get("name", ROLE_NAMES[0]) not in ROLE_NAMES:
            raise bad_request(f"Could not find role assignment with role: {role.get('name')}.")
    secret = part.get("secret") or secrets.token_urlsafe(64)
    credential = add_application_credential(
        call.cloud.store,
        user,
        name=name,
        secret=str(secret),
        description=part.get("description"),
        expires_at=_moment(part.get("expires_at")),
        unrestricted=bool(part.get("unrestricted", False)),
    )
    return Answer(status=201, body={"application_credential": {**_body(call, credential), "secret": secret}})


def _refuse_restricted(call: Call) -> None:
    """Who came with an application credential may make or delete others only if it says so."""
    used = call.token.application_credential_id if call.token else None
    credential = call.cloud.store.get(ApplicationCredential, used)
    if used is not None and (credential is None or not credential.unrestricted):
        raise Fault(
            403, "You are not authorized to perform the requested action: using method 'application_credential'."
        )


def _moment(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text).removesuffix("Z"))
    except ValueError as error:
        raise bad_request(f"'{text}' is not a 'date-time'") from error
    return moment.replace(tzinfo=UTC)


def _delete(call: Call) -> Answer:
    credential = _get(call)
    _refuse_restricted(call)
    remove_application_credential(call.cloud.store, credential)
    return Answer(status=204)


ENDPOINTS = (
    Endpoint("GET", "/v3/users/{user}/application_credentials", _list),
    Endpoint("POST", "/v3/users/{user}/application_credentials", _create),
    Endpoint("GET", "/v3/users/{user}/application_credentials/{id}", _show),
    Endpoint("DELETE", "/v3/users/{user}/application_credentials/{id}", _delete),
)
