"""Speaks to the API's route table directly, as a server does that has admitted the caller."""

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.sync_runner import run_to_end
from jobhook.api.errors import MalformedRequest
from jobhook.api.request import UNKNOWN, Request, parse_target
from jobhook.api.responses import Response, error_answer
from jobhook.api.routes import ROUTES, Router
from jobhook.ports import Backend
from tests.api.openapi.described import assert_described

JSON = "application/json"
ANN = "arn:aws:iam::123456789012:user/ann"


@dataclass(frozen=True)
class Reply:
    """An answer: `document` is its JSON body, None where it has none."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def document(self) -> Any:
        return json.loads(self.body) if self.body else None


class ApiClient:
    """Sends requests to the views, and sees that they answer as they are described to."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._router = Router(ROUTES)
        self._caller = ANN

    def act_as(self, caller: str | None) -> None:
        """Who sends the requests from now on; None where no gateway says it."""
        self._caller = UNKNOWN if caller is None else caller

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        media_type: str | None = JSON,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        headers = dict(headers or {}) | ({"content-type": media_type} if media_type is not None else {})
        headers = {name.lower(): value for name, value in headers.items()}
        response = self._answer(method, path, headers, body or b"")
        reply = Reply(response.status, dict(response.headers), response.body.decode())
        assert_described(method, path, reply.status, reply.headers, reply.body)
        return reply

    def send_json(self, method: str, path: str, document: object) -> Reply:
        return self.send(method, path, json.dumps(document).encode())

    def get(self, path: str) -> Reply:
        return self.send("GET", path, media_type=None)

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Response:
        try:
            target = parse_target(path)
        except MalformedRequest as error:
            return error_answer(error)
        match = self._router.find(target.segments)
        route = match.route(method)
        if route is None:
            return match.without_route(method)
        request = Request(match.names, target.query, headers, body, self._caller)
        return run_to_end(route.answer(self._backend, request))
