"""The one way in which a cloud says no."""


class Fault(Exception):
    """A refusal: HTTP status, the service's own words, and the type that Neutron puts beside them."""

    def __init__(self, status: int, message: str, *, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind


def bad_request(message: str, *, kind: str = "HTTPBadRequest") -> Fault:
    return Fault(400, message, kind=kind)


def forbidden(message: str) -> Fault:
    return Fault(403, message, kind="PolicyNotAuthorized")


def not_found(message: str, *, kind: str = "HTTPNotFound") -> Fault:
    return Fault(404, message, kind=kind)


def conflict(message: str, *, kind: str = "Conflict") -> Fault:
    return Fault(409, message, kind=kind)
