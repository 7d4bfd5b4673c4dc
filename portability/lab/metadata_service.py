"""169.254.169.254 as the servers of each network see it."""

import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from portability.lab.plane.protocol import Plane

log = logging.getLogger(__name__)

Answer = Callable[[str, str, str], bytes | None]
"""From network id, address of the asking server and path to the content."""
_PATIENCE_SECONDS = 10.0
_LONGEST_REQUEST = 16384


class MetadataService:
    """One listening socket a network, given by the plane; one thread each, requests answered by a few more."""

    def __init__(self, plane: Plane, answer: Answer) -> None:
        self._plane = plane
        self._answer = answer
        self._lock = threading.Lock()
        self._sockets: dict[str, socket.socket] = {}
        self._workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="metadata")

    def serve(self, network_ids: set[str]) -> None:
        """Listen on these networks and on no other."""
        with self._lock:
            for network_id in list(self._sockets):
                if network_id not in network_ids:
                    _close(self._sockets.pop(network_id))
            for network_id in network_ids - set(self._sockets):
                listener = self._plane.metadata_socket(network_id)
                if listener is not None:
                    self._sockets[network_id] = listener
                    threading.Thread(
                        target=self._accept, args=(network_id, listener), name="metadata", daemon=True
                    ).start()

    def stop(self) -> None:
        self.serve(set())
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _accept(self, network_id: str, listener: socket.socket) -> None:
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:
                return
            try:
                self._workers.submit(self._talk, network_id, connection, peer[0])
            except RuntimeError:  # the workers are gone: we are stopping
                connection.close()
                return

    def _talk(self, network_id: str, connection: socket.socket, address: str) -> None:
        """Requests on one connection until the client closes it or is silent."""
        connection.settimeout(_PATIENCE_SECONDS)
        with connection:
            try:
                while (request := _read_request(connection)) is not None:
                    connection.sendall(self._respond(network_id, address, request))
            except OSError as error:
                log.debug("metadata for %s: %s", address, error)

    def _respond(self, network_id: str, address: str, request: str) -> bytes:
        method, _, rest = request.partition(" ")
        path = rest.partition(" ")[0]
        if method not in ("GET", "HEAD"):
            return _response("405 Method Not Allowed", b"", "text/plain", method)
        content = self._answer(network_id, address, path)
        if content is None:
            page = b"<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n"
            page += b"  The resource could not be found.<br /><br />\n\n\n </body>\n</html>"
            return _response("404 Not Found", page, "text/html; charset=UTF-8", method)
        kind = "application/json" if path.endswith(".json") else "text/plain; charset=UTF-8"
        return _response("200 OK", content, kind, method)


def _response(status: str, content: bytes, kind: str, method: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + (content if method != "HEAD" else b"")


def _read_request(connection: socket.socket) -> str | None:
    """The request line of the next request; None when the client is done. Bodies are not expected."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(4096)
        if not piece or len(received) > _LONGEST_REQUEST:
            return None
        received += piece
    return received.split(b"\r\n", 1)[0].decode("latin-1")


def _close(listener: socket.socket) -> None:
    try:
        # A thread blocked in accept() is only woken by this, not by close().
        listener.shutdown(socket.SHUT_RDWR)
    except OSError as error:
        log.debug("closing a metadata socket: %s", error)
    listener.close()
