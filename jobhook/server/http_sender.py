"""Sends webhooks from the event loop over pooled connections."""

import socket
import ssl

import aiohttp

from jobhook.adapters.addresses import AddressNotAllowed, Lookup, check_address, system_lookup
from jobhook.core.targets.answer import ANSWER_READ_BYTES, ANSWER_WITHIN_SECONDS, Answer, Failure, not_allowed
from jobhook.core.targets.http import HttpMessage
from jobhook.core.targets.networks import TargetNetworks
from jobhook.server.dns import JudgingResolver

# Shorter than the shortest idle timeout in wide use (Node's 5 s): a connection that the service is just closing would
# cost an attempt.
_IDLE_SECONDS = 4.0
_ADDRESSES_KEPT_SECONDS = 5
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Jobhook"}
# Of the time for the whole exchange: so a failed attempt can say how far it came.
_LOOKUP_SHARE, _CONNECTED_SHARE = 0.5, 0.8


class PooledHttpSender:
    """The `Sender` of http targets on one machine. Made and closed on the event loop.

    `tls` and `lookup` are for tests: whom to trust, and which addresses a host has.
    """

    def __init__(
        self,
        networks: TargetNetworks,
        *,
        within_seconds: float = ANSWER_WITHIN_SECONDS,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._networks = networks
        self._resolver = JudgingResolver(networks, lookup, within_seconds * _LOOKUP_SHARE)
        connector = aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=_IDLE_SECONDS,
            ttl_dns_cache=_ADDRESSES_KEPT_SECONDS,
            resolver=self._resolver,
            socket_factory=self._socket,
            ssl=True if tls is None else tls,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=within_seconds, connect=within_seconds * _CONNECTED_SHARE),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        self._within_seconds = within_seconds

    async def send(self, message: HttpMessage) -> Answer:
        try:
            async with self._session.post(
                message.url, data=message.body, headers=_HEADERS, allow_redirects=False
            ) as response:
                return Answer(response.status, await _start_of(response.content))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._unanswered(error)

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._session.close()
        await self._resolver.close()

    def _socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """The socket for an address that is about to be connected to: the last to judge, and the only one where the
        host was an address already, which no resolver sees.
        """
        family, kind, protocol, _, where = address
        check_address(str(where[0]), self._networks)
        return socket.socket(family, kind, protocol)

    def _unanswered(self, error: Exception) -> Answer:
        """Errors are named by kind: the library's texts would hold the URL."""
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        if isinstance(cause, AddressNotAllowed):
            return not_allowed(cause.kind)
        text, failure = next((text, failure) for kinds, text, failure in _UNANSWERED if isinstance(error, kinds))
        return Answer(None, error=text.format(seconds=self._within_seconds), failure=failure)


_NO_ANSWER_IN_TIME = "no whole answer within {seconds:g} s"
_UNANSWERED: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, Failure], ...] = (
    (aiohttp.ConnectionTimeoutError, "no connection in time", Failure.NOT_CONNECTED),
    (TimeoutError, _NO_ANSWER_IN_TIME, Failure.NO_ANSWER),
    (aiohttp.ClientConnectorDNSError, "the host name does not resolve", Failure.NOT_RESOLVED),
    ((aiohttp.ClientSSLError, ssl.SSLError), "TLS failed", Failure.NOT_CONNECTED),
    (aiohttp.ClientConnectorError, "could not connect", Failure.NOT_CONNECTED),
    ((aiohttp.InvalidURL, UnicodeError), "not a valid URL", Failure.NOT_ALLOWED),
    (Exception, "the connection broke before a whole answer", Failure.NO_ANSWER),
)


async def _start_of(content: aiohttp.StreamReader) -> bytes:
    """The body, up to the limit; what is longer is not read, and its connection is not used again."""
    parts: list[bytes] = []
    length = 0
    while length < ANSWER_READ_BYTES:
        part = await content.read(ANSWER_READ_BYTES - length)
        if not part:
            break
        parts.append(part)
        length += len(part)
    return b"".join(parts)
