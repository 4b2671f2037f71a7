"""Sends webhooks from the event loop over pooled connections."""

import ssl

import aiohttp

from chalicelib.domain.webhook import ANSWER_READ_BYTES, ANSWER_WITHIN_SECONDS, Answer

# Shorter than the shortest idle timeout in wide use (Node's 5 s): a connection that the service is just closing would
# cost an attempt.
_IDLE_SECONDS = 4.0
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Jobhook"}


class PooledWebhooks:
    """The `Webhooks` port of one machine. Made and closed on the event loop."""

    def __init__(self, *, within_seconds: float = ANSWER_WITHIN_SECONDS) -> None:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS, ttl_dns_cache=10)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=within_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        self._within_seconds = within_seconds

    async def post(self, url: str, body: bytes) -> Answer:
        """As the port says. Errors are named by kind: the library's texts would hold the URL."""
        try:
            async with self._session.post(url, data=body, headers=_HEADERS, allow_redirects=False) as response:
                return Answer(response.status, await _start_of(response.content))
        except TimeoutError:
            return Answer(None, error=f"no whole answer within {self._within_seconds:g} s")
        except aiohttp.ClientConnectorDNSError:
            return Answer(None, error="the host name does not resolve")
        except (aiohttp.ClientSSLError, ssl.SSLError):
            return Answer(None, error="TLS failed")
        except aiohttp.ClientConnectorError:
            return Answer(None, error="could not connect")
        except aiohttp.InvalidURL:
            return Answer(None, error="not a valid URL")
        except (aiohttp.ClientError, OSError, ValueError):
            return Answer(None, error="the connection broke before a whole answer")

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._session.close()


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
