"""The `Webhooks` port over the standard library: no redirects, no proxies, no retries, and one deadline for the whole.

The standard library because its sockets can be had: only from beside can a socket be kept from dripping for ever.
"""

import http.client
import socket
import ssl
import threading
from urllib.parse import SplitResult, urlsplit

from chalicelib.domain.webhook import ANSWER_READ_BYTES, ANSWER_WITHIN_SECONDS, Answer

_HEADERS = {"Content-Type": "application/json", "User-Agent": "jobhook", "Connection": "close"}
_PIECE_BYTES = 8 * 1024


class DirectWebhooks:
    """Each webhook has a connection of its own: between two invocations of a function none would stay alive."""

    def __init__(self, within_seconds: float = ANSWER_WITHIN_SECONDS) -> None:
        self._within_seconds = within_seconds
        self._tls: ssl.SSLContext | None = None

    async def post(self, url: str, body: bytes) -> Answer:
        """As the port says."""
        try:
            parts = urlsplit(url)
            connection = self._connection(parts)
        except (http.client.InvalidURL, ValueError):
            return Answer(None, error="not a valid URL")
        return _Exchange(connection, self._tls if parts.scheme == "https" else None, _target(parts), body).answer(
            self._within_seconds
        )

    def _connection(self, url: SplitResult) -> http.client.HTTPConnection:
        if not url.hostname or url.scheme not in ("http", "https"):
            raise ValueError("no host to connect to")
        timeout = self._within_seconds + 1  # lets a thread that nobody waits for any more come to its end
        if url.scheme == "http":
            return http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)
        self._tls = self._tls or ssl.create_default_context()
        return http.client.HTTPSConnection(url.hostname, url.port, timeout=timeout, context=self._tls)


class _Exchange:
    """One request and its answer, in a thread of its own.

    A socket's timeout begins anew with every byte, and a name's lookup has none. At the deadline the wire is shut
    down, which wakes the thread wherever it waits, and the answer is that there was none.
    """

    def __init__(
        self, connection: http.client.HTTPConnection, tls: ssl.SSLContext | None, target: str, body: bytes
    ) -> None:
        self._connection = connection
        self._tls = tls
        self._target = target
        self._body = body
        self._answer = Answer(None, error="no answer")
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._given_up = False
        self._wire: socket.socket | None = None

    def answer(self, within_seconds: float) -> Answer:
        """What came back in time."""
        threading.Thread(target=self._run, daemon=True).start()
        if self._ended.wait(within_seconds):
            return self._answer
        self._give_up()
        return Answer(None, error=f"no whole answer within {within_seconds:g} s")

    def _run(self) -> None:
        try:
            self._answer = self._exchange()
        except (http.client.HTTPException, OSError, ValueError) as error:
            self._answer = Answer(None, error=_kind(error))
        finally:
            self._ended.set()
            self._connection.close()
            self._close_wire()

    def _exchange(self) -> Answer:
        self._connection.sock = self._connected()
        self._connection.request("POST", self._target, self._body, _HEADERS)
        with self._connection.getresponse() as response:
            return Answer(response.status, _start_of(response))

    def _connected(self) -> socket.socket:
        host, port = self._connection.host, self._connection.port
        connected = socket.create_connection((host, port), self._connection.timeout)
        with self._lock:
            if self._given_up:
                connected.close()
                raise TimeoutError
            self._wire = connected.dup()  # TLS takes the socket itself, even before its handshake
        return connected if self._tls is None else self._tls.wrap_socket(connected, server_hostname=host)

    def _give_up(self) -> None:
        with self._lock:
            self._given_up = True
            if self._wire is not None:
                try:
                    self._wire.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the other side has hung up in this moment

    def _close_wire(self) -> None:
        with self._lock:
            if self._wire is not None:
                self._wire.close()
                self._wire = None


def _target(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _start_of(response: http.client.HTTPResponse) -> bytes:
    body = b""
    while len(body) < ANSWER_READ_BYTES:
        piece = response.read(min(_PIECE_BYTES, ANSWER_READ_BYTES - len(body)))
        if not piece:
            if response.length:
                raise http.client.IncompleteRead(body, response.length)
            break
        body += piece
    return body


def _kind(error: Exception) -> str:
    """What went wrong, in words that hold nothing of the URL."""
    return next((words for kinds, words in _KINDS if isinstance(error, kinds)), "network error")


_KINDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (socket.gaierror, "the host's name was not found"),
    (ssl.SSLError, "TLS error"),
    (ConnectionRefusedError, "connection refused"),
    ((ConnectionError, http.client.IncompleteRead), "the connection was closed before the answer was whole"),
    (http.client.InvalidURL, "not a valid URL"),
    (UnicodeError, "not a valid URL"),
    ((http.client.HTTPException, ValueError), "no valid HTTP answer"),
)
