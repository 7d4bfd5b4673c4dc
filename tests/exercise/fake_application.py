"""An application on the loopback address that keeps writes, or misbehaves as told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeApplication(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ids: list[str] = []
        self.is_down = False
        self.loses = False
        self.hangs = threading.Event()
        """Answers wait while it is set, but no longer than the test."""
        self.released = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeApplication

    def do_POST(self) -> None:
        id_ = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["id"]
        if self.server.hangs.is_set():
            self.server.released.wait(10)
        if self.server.is_down:
            self._answer(503, {"error": "down"})
            return
        if not self.server.loses:
            self.server.ids.append(id_)
        self._answer(201, {"id": id_})

    def do_GET(self) -> None:
        if self.path == "/truth":
            self._answer(200, {"ids": self.server.ids})
        elif self.path == "/health":
            self._answer(503 if self.server.is_down else 200, {})
        elif self.path == "/text":
            self._answer(200, {"ids": [1]})
        else:
            self._answer(404, {})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


@contextmanager
def running() -> Iterator[FakeApplication]:
    with FakeApplication() as application:
        thread = threading.Thread(target=application.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield application
        finally:
            application.released.set()
            application.shutdown()
            thread.join()
