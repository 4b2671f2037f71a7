"""The Chalice app without API Gateway: the same routes and views, called in this process."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalice.app import Chalice
from chalice.local import LambdaContext, LambdaEventConverter, LocalChalice, RouteMatcher

from chalicelib.chalice_api import register
from jobhook.api.responses import unknown_route


class ThreadedChalice(LocalChalice, Chalice):
    """The app with a `current_request` for each thread: requests are answered by several at once."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Gateway:
    """Answers HTTP requests by the app's routes. Who may call is decided before."""

    def __init__(self) -> None:
        self._app = ThreadedChalice(app_name="jobhook")
        register(self._app)
        self._events = LambdaEventConverter(RouteMatcher(list(self._app.routes)), self._app.api.binary_types)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes, caller: str) -> Answered:
        """The answer to a request. `target` is path and query as on the wire. May be called from many threads.

        `caller` is who sent it; the views find it where API Gateway puts the ARN of IAM's caller. HEAD is answered as
        GET would be (whose body the server leaves out), and OPTIONS with the path's methods.
        """
        answered = self._call("GET" if method == "HEAD" else method, target, headers, body, caller)
        if answered.status != 405:
            return answered
        allow = {"Allow": _allowed(answered.headers["Allow"])}
        if method == "OPTIONS":
            return Answered(204, allow, b"")
        return replace(answered, headers={**answered.headers, **allow})

    def _call(self, method: str, target: str, headers: Mapping[str, str], body: bytes, caller: str) -> Answered:
        try:
            event = self._events.create_lambda_event(method=method, path=target, headers=dict(headers), body=b"")
        except ValueError:
            return _answered(unknown_route().to_dict())
        event["body"] = base64.b64encode(body).decode("ascii")
        event["isBase64Encoded"] = True
        event["requestContext"]["identity"]["userArn"] = caller
        return _answered(self._app(event, LambdaContext("jobhook", 0)))


def _allowed(routed: str) -> str:
    """The methods of a path's routes, and those that follow from them."""
    methods = set(routed.split(", "))
    return ", ".join(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))


def _answered(response: Mapping[str, Any]) -> Answered:
    body = response["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return Answered(response["statusCode"], response["headers"], text.encode())
