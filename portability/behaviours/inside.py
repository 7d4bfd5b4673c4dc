"""What several probes look at from inside a server, looked at once."""

import json
from collections.abc import Mapping
from typing import Any

from portability.behaviours.views import ServerView
from portability.errors import GuestError
from portability.guest.python import run_python
from portability.model.units import Seconds

WAIT: Seconds = 1.5
"""For an answer from the neighbourhood, or from the world."""


def look_outwards(view: ServerView) -> Mapping[str, Any]:
    """Metadata documents, resolvers and the way out, as scripts/network.py gives them: one round trip a server.

    Raises:
        GuestError: the server could not be asked.
    """
    known = view.seen
    if "outwards" not in known:
        question = {
            "resolvers": [address for address in view.told.facts.resolvers if not address.startswith("127.")],
            "names": ["example.org", view.told.facts.fqdn or "localhost"],
            "egress": [list(target) for target in view.egress_targets],
            "seconds": WAIT,
        }
        told = run_python(view.shell, "network.py", json.dumps(question), timeout=90.0)
        if not isinstance(told, dict) or not {"metadata", "resolver", "egress"} <= set(told):
            raise GuestError(view.shell.name, "network.py printed something else")
        known["outwards"] = told
    found: Mapping[str, Any] = known["outwards"]
    return found
