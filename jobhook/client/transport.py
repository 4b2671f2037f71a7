"""Sends requests to the API, and retries them where that is safe."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import httpx2

from jobhook.client.answers import Document, document_of
from jobhook.client.credentials import Credentials, signing
from jobhook.client.errors import JobhookError, Unreachable, UrlRefused

Query = Mapping[str, str | int | bool | None]
Headers = Mapping[str, str]

_SAFE = frozenset({"GET", "PUT"})  # the same PUT again changes nothing
_CONDITIONS = frozenset({"If-Match", "If-None-Match"})
_JSON = "application/json"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class RetryPolicy:
    """The number of tries of a safe request, and the pauses between them: doubled each time, with jitter."""

    tries: int = 4
    first_pause_seconds: float = 0.5
    timeout_seconds: float = 30.0
    sleep: Callable[[float], None] = time.sleep

    def pause_seconds(self, number: int, retry_after: str | None) -> float:
        """The pause after the `number`th try (from 1), at least the server's Retry-After, within bounds."""
        asked = float(retry_after) if retry_after is not None and retry_after.isdigit() else 0.0
        backoff = self.first_pause_seconds * float(2 ** (number - 1)) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load
        return min(max(asked, backoff), _LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True)
class Answer:
    """A document, and its tag for `If-Match` if it has one."""

    document: Document
    etag: str | None


class Transport:
    """Requests to one Jobhook. `over` replaces the network."""

    def __init__(
        self,
        url: str,
        credentials: Credentials | None,
        patience: RetryPolicy,
        over: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        host = _host(self.url)
        self._patience = patience
        self._http = httpx2.Client(
            auth=None if credentials is None else signing(credentials, host),
            timeout=patience.timeout_seconds,
            transport=over,
            trust_env=host not in _LOOPBACK,  # no proxy reaches this machine's own address
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        *path: str,
        query: Query | None = None,
        body: object = None,
        headers: Headers | None = None,
    ) -> Document:
        """The answer's document; `path` is its segments. Raises JobhookError."""
        return self.send(method, *path, query=query, body=body, headers=headers).document

    def send(
        self,
        method: str,
        *path: str,
        query: Query | None = None,
        body: object = None,
        headers: Headers | None = None,
    ) -> Answer:
        """The answer; a request with a condition goes out once, since what it changes makes the condition fail."""
        request = self._request(method, path, query or {}, body, headers or {})
        safe = method in _SAFE and not _CONDITIONS & set(headers or {})
        tries = self._patience.tries if safe else 1
        for number in range(1, tries):
            retry_after = None
            try:
                response = self._http.send(request)
            except httpx2.RequestError:
                pass
            else:
                if response.status_code != 503:
                    return _answer(response)
                retry_after = response.headers.get("retry-after")
            self._patience.sleep(self._patience.pause_seconds(number, retry_after))
        return self._last_try(request)

    def _last_try(self, request: httpx2.Request) -> Answer:
        try:
            return _answer(self._http.send(request))
        except httpx2.RequestError as error:
            raise Unreachable(
                f"Jobhook cannot be reached at {self.url}: {str(error) or type(error).__name__}"
            ) from error

    def _request(
        self, method: str, path: tuple[str, ...], query: Query, body: object, headers: Headers
    ) -> httpx2.Request:
        if any(segment in ("", ".", "..") for segment in path):
            raise JobhookError("a service, a job and an execution each need a name or an id")
        url = "/".join((self.url, *(quote(segment, safe="") for segment in path)))
        given = {name: _text(value) for name, value in query.items() if value is not None}
        if body is None:
            return self._http.build_request(method, url, params=given, headers=headers)
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return self._http.build_request(
            method, url, params=given, content=content, headers={"Content-Type": _JSON, **headers}
        )


def _answer(response: httpx2.Response) -> Answer:
    return Answer(document_of(response), response.headers.get("etag"))


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _host(url: str) -> str:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise UrlRefused(f"{url!r} is not a URL: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UrlRefused(f"{url!r} must be an http or https URL, such as http://localhost:8080")
    return parsed.host
