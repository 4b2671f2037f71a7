"""The client against the API over a backend in memory."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from jobhook import Client
from jobhook.client.transport import RetryPolicy
from tests.api.client import ApiClient
from tests.api.conftest import api, backend

__all__ = ["api", "backend"]


class Wire:
    """Hands requests to the API; `trouble` has what happens to the next ones instead: a status, or 0 for no answer."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self.trouble: list[int] = []
        self.requests: list[httpx2.Request] = []
        self.pauses: list[float] = []

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        status = self.trouble.pop(0) if self.trouble else None
        if status == 0:
            raise httpx2.ConnectError("refused")
        if status is not None:
            return httpx2.Response(status, headers={"Retry-After": "3"}, json={"code": "Trouble", "message": "later"})
        parts = urlsplit(str(request.url))
        reply = self._api.send(
            request.method,
            parts.path + (f"?{parts.query}" if parts.query else ""),
            request.content,
            request.headers.get("content-type"),
        )
        return httpx2.Response(reply.status, headers=reply.headers, content=reply.body.encode())


@pytest.fixture
def wire(api: ApiClient) -> Wire:
    return Wire(api)


@pytest.fixture
def jobhook(wire: Wire) -> Iterator[Client]:
    patience = RetryPolicy(sleep=wire.pauses.append)
    with Client("http://jobhook.test", patience=patience, transport=httpx2.MockTransport(wire.handle)) as client:
        yield client
