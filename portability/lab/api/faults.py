"""How each service writes that it refuses."""

from portability.lab.api.web import Answer
from portability.lab.state.faults import Fault

_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
_NOVA_NAMES = {
    400: "badRequest",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    406: "computeFault",
    409: "conflictingRequest",
    413: "overLimit",
    429: "overLimit",
}


def identity(fault: Fault) -> Answer:
    title = _TITLES.get(fault.status, "Conflict")
    return Answer(status=fault.status, body={"error": {"code": fault.status, "title": title, "message": fault.message}})


def compute(fault: Fault) -> Answer:
    """Nova's; Cinder's is the same."""
    name = _NOVA_NAMES.get(fault.status, "computeFault")
    headers = {"retry-after": "0"} if fault.status == 413 else {}
    return Answer(status=fault.status, body={name: {"code": fault.status, "message": fault.message}}, headers=headers)


def network(fault: Fault) -> Answer:
    return Answer(
        status=fault.status,
        body={"NeutronError": {"type": fault.kind or "NeutronException", "message": fault.message, "detail": ""}},
    )


def image(fault: Fault) -> Answer:
    """Glance lets webob write a page."""
    title = f"{fault.status} {_TITLES.get(fault.status, 'Conflict')}"
    page = (
        f"<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n  {fault.message}"
        "<br /><br />\n\n\n </body>\n</html>"
    )
    return Answer(status=fault.status, text=page)
