"""The `Sender` of http targets over the standard library: no redirects, proxies or retries, and one deadline.

The standard library because its sockets can be had: only from beside can a socket be kept from dripping for ever.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from jobhook.adapters.addresses import AddressNotAllowed, Lookup, allowed_addresses, system_lookup
from jobhook.core.targets.answer import ANSWER_READ_BYTES, ANSWER_WITHIN_SECONDS, Answer, Failure, not_allowed
from jobhook.core.targets.http import HttpMessage
from jobhook.core.targets.networks import TargetNetworks

_HEADERS = {"Content-Type": "application/json", "User-Agent": "jobhook", "Connection": "close"}
_PIECE_BYTES = 8 * 1024
_INVALID = Answer(None, error="not a valid URL", failure=Failure.NOT_ALLOWED)


class DirectHttpSender:
    """Each webhook has a connection of its own: between two invocations of a function none would stay alive.

    `tls` and `lookup` are for tests: whom to trust, and which addresses a host has.
    """

    def __init__(
        self,
        networks: TargetNetworks,
        within_seconds: float = ANSWER_WITHIN_SECONDS,
        *,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._networks = networks
        self._within_seconds = within_seconds
        self._tls = tls
        self._lookup = lookup

    async def send(self, message: HttpMessage) -> Answer:
        try:
            parts = urlsplit(message.url)
            connection = self._connection(parts)
        except (http.client.InvalidURL, ValueError):
            return _INVALID
        exchange = _Exchange(connection, self._tls if parts.scheme == "https" else None, _target(parts), message.body)
        return exchange.answer(self._within_seconds, self._addresses)

    def _connection(self, url: SplitResult) -> http.client.HTTPConnection:
        if not url.hostname or url.scheme not in ("http", "https"):
            raise ValueError("no host to connect to")
        timeout = self._within_seconds + 1  # lets a thread that nobody waits for any more come to its end
        # The port is always said: http.client would take the end of an IPv6 address for one.
        if url.scheme == "http":
            return http.client.HTTPConnection(url.hostname, url.port or http.client.HTTP_PORT, timeout=timeout)
        self._tls = self._tls or ssl.create_default_context()
        port = url.port or http.client.HTTPS_PORT
        return http.client.HTTPSConnection(url.hostname, port, timeout=timeout, context=self._tls)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        return allowed_addresses(host, port, self._networks, self._lookup)


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
        self._answer = Answer(None, error="no answer", failure=Failure.NO_ANSWER)
        self._to_come = Failure.NOT_RESOLVED
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._given_up = False
        self._wire: socket.socket | None = None

    def answer(self, within_seconds: float, addresses: Lookup) -> Answer:
        """What came back in time from one of the addresses."""
        threading.Thread(target=self._run, args=(addresses,), daemon=True).start()
        if self._ended.wait(within_seconds):
            return self._answer
        self._give_up()
        return Answer(None, error=f"no whole answer within {within_seconds:g} s", failure=self._to_come)

    def _run(self, addresses: Lookup) -> None:
        try:
            self._answer = self._exchange(addresses)
        except AddressNotAllowed as refused:
            self._answer = not_allowed(refused.kind)
        except (UnicodeError, http.client.InvalidURL):
            self._answer = _INVALID
        except (http.client.HTTPException, OSError, ValueError) as error:
            self._answer = Answer(None, error=_kind(error), failure=self._to_come)
        finally:
            self._ended.set()
            self._connection.close()
            self._close_wire()

    def _exchange(self, addresses: Lookup) -> Answer:
        known = addresses(self._connection.host, self._connection.port)
        self._to_come = Failure.NOT_CONNECTED
        self._connection.sock = self._connected(known)
        self._to_come = Failure.NO_ANSWER
        self._connection.request("POST", self._target, self._body, _HEADERS)
        with self._connection.getresponse() as response:
            return Answer(response.status, _start_of(response))

    def _connected(self, addresses: Sequence[str]) -> socket.socket:
        connected = self._first_that_takes_it(addresses)
        with self._lock:
            if self._given_up:
                connected.close()
                raise TimeoutError
            self._wire = connected.dup()  # TLS takes the socket itself, even before its handshake
        connected.settimeout(self._connection.timeout)
        if self._tls is None:
            return connected
        return self._tls.wrap_socket(connected, server_hostname=self._connection.host.removesuffix("."))

    def _first_that_takes_it(self, addresses: Sequence[str]) -> socket.socket:
        """A connection to one of the addresses that were judged, in their order; none is looked up again."""
        failed: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
        each_seconds = (self._connection.timeout or 0) / max(1, len(addresses))
        for address in addresses:
            try:
                return socket.create_connection((address, self._connection.port), each_seconds)
            except OSError as error:
                failed = error
        raise failed

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
    (TimeoutError, "no connection in time"),
    ((ConnectionError, http.client.IncompleteRead), "the connection was closed before the answer was whole"),
    ((http.client.HTTPException, ValueError), "no valid HTTP answer"),
)
