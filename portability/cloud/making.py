"""Creates that are sure: after a fault the thing is looked for by name before it is asked for again."""

from collections.abc import Callable
from typing import Any, TypeVar

import tenacity

from portability.cloud.faults import is_unsure, words_of

T = TypeVar("T")

ATTEMPTS = 3


def make(
    call: Callable[[], T],
    look: Callable[[], T | None],
    *,
    what: str,
    on_remark: Callable[[str], None],
    sleep: Callable[[float], None] | None = None,
) -> T:
    """What `call` gives; or, where its answer was lost, what `look` finds; or what a further `call` gives.

    A service that makes the thing only after we looked ends in two of them: both carry our name, tear-down finds both.
    """

    def attempt() -> T:
        try:
            return call()
        except Exception as error:
            if is_unsure(error) and (found := look()) is not None:
                on_remark(f"{what}: {words_of(error)}; it was made all the same")
                return found
            raise

    def tell(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        on_remark(f"{what}: {words_of(error) if isinstance(error, Exception) else error}; asking again")

    options: dict[str, Any] = {"sleep": sleep} if sleep else {}
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(is_unsure),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential_jitter(initial=0.5, max=5.0),
        before_sleep=tell,
        reraise=True,
        **options,
    )
    return retrying(attempt)
