"""The load-and-truth client: writes at a set rate, whatever the server does, and what became of each of them."""

import asyncio
import json
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from portability.model.units import Seconds

# What a user waits for a button before pressing it again; an answer that comes later is an outage to them.
DEADLINE: Seconds = 3.0
_STORED = (200, 201)
_LARGEST_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write and what came of it."""

    id: str
    sent: Seconds
    """Since the load began."""
    latency: Seconds
    """From sending to the whole answer, connecting included; of failed ones until they were given up."""
    is_acknowledged: bool
    """The server said that it has it."""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes


@dataclass(slots=True, kw_only=True)
class Load:
    """Writes to one address from a thread of its own, from entering the context until its time is up or it is stopped.

    The rate is open-loop: the next request leaves when it is due, not when the last one was answered. A client that
    waits would send less just while the server is in trouble, and so not notice it: "coordinated omission" (Gil Tene,
    "How NOT to Measure Latency").
    """

    url: str
    rate: float
    """Requests a second."""
    seconds: Seconds
    deadline: Seconds = DEADLINE
    clock: Callable[[], Seconds] = time.monotonic
    _started: Seconds = field(default=0.0, init=False)
    _writes: list[Write] = field(default_factory=list, init=False)
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "load"), init=False)
    _end: Future[None] = field(default_factory=Future, init=False)

    def __enter__(self) -> Self:
        self._started = self.clock()
        self._end = self._thread.submit(lambda: asyncio.run(self._send_all()))
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is not None:
            self._stop.set()
        self._thread.shutdown()
        if kind is None:
            # A client that failed in silence would look like a server without fault.
            self._end.result()

    @property
    def elapsed(self) -> Seconds:
        """Since the load began."""
        return self.clock() - self._started

    def writes(self) -> tuple[Write, ...]:
        """All of them in the order of sending, once the load has ended."""
        self._end.result()
        return tuple(sorted(self._writes, key=lambda write: write.sent))

    async def _send_all(self) -> None:
        # How many requests there are does not depend on how punctual this loop is: a late one is sent at once.
        async with asyncio.TaskGroup() as requests:
            for number in range(round(self.rate * self.seconds)):
                await asyncio.sleep(max(0.0, number / self.rate - self.elapsed))
                if self._stop.is_set():
                    return
                requests.create_task(self._write())

    async def _write(self) -> None:
        id_ = str(uuid.uuid4())
        sent = self.elapsed
        problem = ""
        try:
            async with asyncio.timeout(self.deadline):
                answer = await _exchange("POST", self.url, json.dumps({"id": id_}).encode())
            if answer.status not in _STORED:
                problem = f"HTTP {answer.status}"
        except TimeoutError:
            problem = f"no answer within {self.deadline:g} s"
        except (OSError, EOFError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
        self._writes.append(
            Write(id=id_, sent=sent, latency=self.elapsed - sent, is_acknowledged=not problem, problem=problem)
        )


def read_ids(url: str, *, deadline: Seconds = 30.0) -> tuple[str, ...]:
    """Every id that the database has, as the application tells it; repeated as often as it tells them.

    Raises:
        OSError: no answer, or none within the deadline.
        ValueError: an answer that is not what it should be.
    """

    async def ask() -> Answer:
        async with asyncio.timeout(deadline):
            return await _exchange("GET", url, b"")

    answer = asyncio.run(ask())
    if answer.status != 200:
        raise ValueError(f"HTTP {answer.status} from {url}")
    ids = json.loads(answer.body).get("ids")
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise ValueError(f'{url} answers no {{"ids": [text, …]}}')
    return tuple(ids)


async def _exchange(method: str, url: str, body: bytes) -> Answer:
    """One HTTP request on a connection of its own, as HTTP/1.0 so that the end of the connection ends the answer.

    Raises:
        OSError, EOFError, ValueError: no connection, an answer that broke off, something that is not HTTP.
    """
    where = urllib.parse.urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port or 80)
    try:
        writer.write(
            f"{method} {where.path or '/'} HTTP/1.0\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        return await _answer(reader)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise ValueError("not HTTP: the header does not end") from error
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdecimal():
        raise ValueError(f"not HTTP: {lines[0]!r:.80}")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = headers.get("content-length", "")
    if length.isdecimal():
        body = await reader.readexactly(min(int(length), _LARGEST_ANSWER))
    else:
        body = await reader.read(_LARGEST_ANSWER)
    return Answer(status=int(words[1]), body=body)
