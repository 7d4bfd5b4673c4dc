"""Nova: key pairs."""

import base64
import binascii
import hashlib
import re

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portability.lab.api.listing import links, page
from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.state.compute import Keypair
from portability.lab.state.faults import Fault, bad_request, conflict, not_found
from portability.lab.state.identity import now

_NAME = re.compile(r"[\w \-.@]{1,255}")


def _body(call: Call, keypair: Keypair) -> Body:
    body: Body = {"name": keypair.name, "public_key": keypair.public_key, "fingerprint": keypair.fingerprint}
    if call.version >= (2, 2):
        body["type"] = "ssh"
    return body


def _own(call: Call) -> list[Keypair]:
    return [keypair for keypair in call.cloud.store.all(Keypair) if keypair.user_id == call.user_id]


def _list(call: Call) -> Answer:
    found = sorted((_body(call, keypair) for keypair in _own(call)), key=lambda body: body["name"])
    chosen, following = page(call, found, key="name")
    return Answer(body={"keypairs": [{"keypair": body} for body in chosen], **links(call, "keypairs", following)})


def _get(call: Call) -> Keypair:
    keypair = call.cloud.store.get(Keypair, f"{call.user_id}/{call.path['name']}")
    if keypair is None:
        raise not_found(f"Keypair {call.path['name']} not found for user {call.user_id}")
    return keypair


def _show(call: Call) -> Answer:
    keypair = _get(call)
    number = _own(call).index(keypair) + 1
    extra = {
        "id": number,
        "user_id": keypair.user_id,
        "created_at": f"{keypair.created_at:%Y-%m-%dT%H:%M:%S.000000}",
        "deleted": False,
        "deleted_at": None,
        "updated_at": None,
    }
    return Answer(body={"keypair": {**_body(call, keypair), **extra}})


def _create(call: Call) -> Answer:
    part = call.part("keypair")
    name = part.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise bad_request("Keypair data is invalid: Keypair name contains unsafe characters")
    if call.version >= (2, 2) and part.get("type", "ssh") != "ssh":
        raise bad_request("Invalid input for field/attribute type. This cloud makes SSH key pairs only.")
    public, private = part.get("public_key"), None
    if public is None:
        if call.version >= (2, 92):
            raise bad_request("Invalid input for field/attribute keypair. 'public_key' is a required property")
        public, private = _generate()
    fingerprint = _fingerprint(str(public))
    with call.cloud.store.change():
        if call.cloud.store.get(Keypair, f"{call.user_id}/{name}"):
            raise conflict(f"Key pair '{name}' already exists.")
        if len(_own(call)) >= call.cloud.settings.quotas.key_pairs:
            raise Fault(403, "Quota exceeded, too many key pairs.")
        keypair = call.cloud.store.put(
            Keypair(
                id=f"{call.user_id}/{name}",
                user_id=call.user_id,
                name=name,
                public_key=str(public),
                fingerprint=fingerprint,
                created_at=now(),
            )
        )
    body = {**_body(call, keypair), "user_id": keypair.user_id}
    if private is not None:
        body["private_key"] = private
    return Answer(status=201 if call.version >= (2, 2) else 200, body={"keypair": body})


def _generate() -> tuple[str, str]:
    """A fresh RSA pair, as Nova makes it: public line and private PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return f"{public.decode()} Generated-by-Nova", private.decode()


def _fingerprint(public_key: str) -> str:
    """MD5 of the key in the old notation, which is what Nova shows."""
    parts = public_key.split()
    try:
        data = base64.b64decode(parts[1], validate=True)
        length = int.from_bytes(data[:4], "big")
        if data[4 : 4 + length].decode() != parts[0]:
            raise ValueError(parts[0])
    except (IndexError, binascii.Error, ValueError) as error:
        raise bad_request("Keypair data is invalid: failed to generate fingerprint") from error
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return ":".join(digest[place : place + 2] for place in range(0, 32, 2))


def _delete(call: Call) -> Answer:
    call.cloud.store.remove(_get(call))
    return Answer(status=204 if call.version >= (2, 2) else 202)


ENDPOINTS = (
    Endpoint("GET", "/v2.1/os-keypairs", _list),
    Endpoint("POST", "/v2.1/os-keypairs", _create),
    Endpoint("GET", "/v2.1/os-keypairs/{name}", _show),
    Endpoint("DELETE", "/v2.1/os-keypairs/{name}", _delete),
)
