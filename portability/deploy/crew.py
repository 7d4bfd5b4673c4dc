"""Threads that make things at once, and stop together when one of them fails."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class GivenUp(Exception):
    """The block that the crew worked for has ended: what this thread does is no longer wanted."""


class Crew:
    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._reason: BaseException | None = None

    def start(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        def work() -> T:
            try:
                return call(*args, **kwargs)
            except BaseException as error:
                self.give_up(error)
                raise

        return self._pool.submit(work)

    def check(self) -> None:
        """Nothing, or the first error of any thread of the crew: for long waits, once a tick."""
        if self._reason is not None:
            raise self._reason

    def give_up(self, reason: BaseException) -> None:
        self._reason = self._reason or reason


@contextmanager
def crew(size: int, *, name: str) -> Iterator[Crew]:
    """A crew that is at rest when the block is left, also by an error: no thread goes on making things."""
    pool = ThreadPoolExecutor(size, thread_name_prefix=name)
    members = Crew(pool)
    try:
        yield members
    except BaseException:
        members.give_up(GivenUp())
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


def finish(*futures: Future[Any]) -> None:
    """Nothing, when all are done, or the first error as soon as there is one."""
    results(futures)


def results(futures: Iterable[Future[T]]) -> tuple[T, ...]:
    """What they give, in their order, or the first error as soon as there is one."""
    waited = tuple(futures)
    done, _ = wait(waited, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
    return tuple(future.result() for future in waited)
