"""The `Webhooks` port over urllib3, which comes with botocore: no redirects, no proxies, no retries, one deadline."""

import http.client
import socket
import ssl
import threading

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import Url, parse_url

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
            connection = self._connection(parse_url(url))
        except (LocationParseError, ValueError):
            return Answer(None, error="not a valid URL")
        exchange = _Exchange(connection, url, body)
        return exchange.answer(self._within_seconds)

    def _connection(self, url: Url) -> HTTPConnection:
        host = (url.hostname or "").strip("[]")
        if not host:
            raise ValueError("no host")
        timeout = self._within_seconds + 1  # lets a thread that nobody waits for any more come to its end
        if url.scheme == "https":
            self._tls = self._tls or ssl.create_default_context()
            return HTTPSConnection(host, url.port, timeout=timeout, ssl_context=self._tls)
        return HTTPConnection(host, url.port, timeout=timeout)


class _Exchange:
    """One request and its answer, in a thread of its own.

    A socket's timeout begins anew with every byte, and a name's lookup has none; only from beside can the whole be
    ended. At the deadline the socket is shut down, which wakes the thread, and the answer is that there was none.
    """

    def __init__(self, connection: HTTPConnection, url: str, body: bytes) -> None:
        self._connection = connection
        self._target = parse_url(url).request_uri
        self._body = body
        self._ended = threading.Event()
        self._answer = Answer(None, error="no answer")
        self._given_up = False

    def answer(self, within_seconds: float) -> Answer:
        """What came back in time."""
        threading.Thread(target=self._run, daemon=True).start()
        if not self._ended.wait(within_seconds):
            self._give_up()
            return Answer(None, error=f"no whole answer within {within_seconds:g} s")
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = self._exchange()
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            self._answer = Answer(None, error=_kind(error))
        finally:
            self._ended.set()
            self._connection.close()

    def _exchange(self) -> Answer:
        self._connection.connect()
        if self._given_up:  # the deadline passed while there was no socket yet to shut down
            return self._answer
        self._connection.request(
            "POST", self._target, self._body, _HEADERS, preload_content=False, decode_content=False
        )
        response = self._connection.getresponse()
        try:
            return Answer(response.status, _start_of(response))
        finally:
            response.close()

    def _give_up(self) -> None:
        self._given_up = True
        sock = self._connection.sock
        if sock is not None:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended in this moment


def _start_of(response: urllib3.BaseHTTPResponse) -> bytes:
    body = b""
    while len(body) < ANSWER_READ_BYTES:
        piece = response.read(min(_PIECE_BYTES, ANSWER_READ_BYTES - len(body)), decode_content=False)
        if not piece:
            break
        body += piece
    return body


def _kind(error: Exception) -> str:
    """What went wrong, in words that hold nothing of the URL."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 10:
        causes.append(cause)
    for kinds, words in _KINDS:
        if any(isinstance(one, kinds) for one in causes):
            return words
    return "network error"


_KINDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((NameResolutionError, socket.gaierror), "the host's name was not found"),
    ((ssl.SSLError,), "TLS error"),
    ((ConnectionRefusedError,), "connection refused"),
    ((http.client.RemoteDisconnected, ConnectionError), "the connection was closed before the answer was whole"),
    ((http.client.IncompleteRead,), "the connection was closed before the answer was whole"),
    ((NewConnectionError,), "no connection"),
    ((http.client.HTTPException, HTTPError), "no valid HTTP answer"),
)
