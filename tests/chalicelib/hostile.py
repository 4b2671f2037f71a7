"""A server on this machine that does to its clients whatever a test says."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.patience import PATIENCE_SECONDS

Behaviour = Callable[[socket.socket], None]


class HostileServer:
    """`url` is where it listens; `requests` holds the bytes that came, one text a connection."""

    def __init__(self, behaviour: Behaviour, listener: socket.socket, listens: bool) -> None:
        self._behaviour = behaviour
        self._listener = listener
        self._listens = listens
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.requests: list[bytes] = []
        host, port = listener.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}/hook?token=canary"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE_SECONDS)
                try:
                    if self._listens:
                        self.requests.append(request_of(connection))
                    self._behaviour(connection)
                except OSError:
                    pass  # the client has had enough


@contextmanager
def hostile_server(
    behaviour: Behaviour, listener: socket.socket | None = None, *, listens: bool = True
) -> Iterator[HostileServer]:
    """A running server; one that does not listen first speaks before any request has come."""
    server = HostileServer(behaviour, listener or socket.create_server(("127.0.0.1", 0)), listens)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def request_of(connection: socket.socket) -> bytes:
    """A request's head and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
