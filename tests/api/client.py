"""Speaks to the Chalice app as API Gateway would, through Chalice's own local gateway."""

import json
import warnings
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LambdaEventConverter, LocalGateway, RouteMatcher

from tests.api.openapi.described import assert_described

JSON = "application/json"


@dataclass(frozen=True)
class Reply:
    """An answer: `document` is its JSON body, None where it has none."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def document(self) -> Any:
        return json.loads(self.body) if self.body else None


ANN = "arn:aws:iam::123456789012:user/ann"


class _Events(LambdaEventConverter):
    """The local gateway's events, with the identity that it leaves out."""

    caller: str | None = ANN

    def create_lambda_event(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> dict[str, Any]:
        event: dict[str, Any] = super().create_lambda_event(method, path, headers, body)
        if self.caller is not None:
            event["requestContext"]["identity"]["userArn"] = self.caller
        return event


class ApiClient:
    """Sends requests to an app, and sees that it answers as it is described to.

    The local gateway warns that it checks no signatures, which nothing here relies on.
    """

    def __init__(self, app: Chalice) -> None:
        self._gateway = LocalGateway(app, Config.create())
        self._events = _Events(RouteMatcher(list(app.routes)), app.api.binary_types)
        self._gateway.event_converter = self._events

    def act_as(self, caller: str | None) -> None:
        """Whom IAM admits from now on, as API Gateway says it; None where it says nothing."""
        self._events.caller = caller

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        media_type: str | None = JSON,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        headers = dict(headers or {}) | ({"content-type": media_type} if media_type is not None else {})
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="IAMAuthorizer is not a supported")
            response = self._gateway.handle_request(method, path, headers, body)
        reply = Reply(response["statusCode"], response["headers"], response["body"])
        assert_described(method, path, reply.status, reply.headers, reply.body)
        return reply

    def send_json(self, method: str, path: str, document: object) -> Reply:
        return self.send(method, path, json.dumps(document).encode())

    def get(self, path: str) -> Reply:
        return self.send("GET", path, media_type=None)
