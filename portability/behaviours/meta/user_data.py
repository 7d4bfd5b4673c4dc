"""How much user data arrives."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_canaries, refused, unknown
from portability.behaviours.views import CanaryView
from portability.model.behaviour import Behaviour, Cost, Level, Scale

SIZE_LIMIT = Behaviour(
    id="meta.user_data.size_limit",
    means="How many bytes of user data a server can be given that arrive unchanged, up to what Nova allows.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="bytes",
    authority="Nova API, servers, user_data: at most 65535 characters of base64",
    breaks="A large cloud-config is refused or cut on one cloud.",
    remedy="Keep user data under 16 KiB: compress it (cloud-init reads gzip), or let it fetch the rest.",
    cost=Cost.SERVER,
)


@of_canaries(SIZE_LIMIT)
def size_limit(view: CanaryView) -> Iterator[Reading]:
    """Read from the warm-up canary, which carries as much as the API accepted."""
    run = next((run for run in view.runs if run.repetition == 0), None)
    if run is None or run.facts is None:
        yield unknown(SIZE_LIMIT, (run.failure if run else "") or "the first canary did not come up", subject="canary")
        return
    got = run.facts.user_data_sha256
    if not got:
        yield unknown(SIZE_LIMIT, "cloud-init kept no user data to compare", subject="canary")
    elif got != run.user_data_sha256:
        yield refused(
            SIZE_LIMIT, f"{run.user_data_size} bytes were accepted and did not arrive unchanged", subject="canary"
        )
    else:
        detail = f"more was refused: {run.user_data_refusal}" if run.user_data_refusal else "all that Nova allows"
        yield measured(SIZE_LIMIT, run.user_data_size, subject="canary", detail=detail)
