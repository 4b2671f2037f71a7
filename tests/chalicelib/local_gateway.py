"""The Chalice app behind a gateway in this process, which makes the events that API Gateway makes of requests."""

import base64
from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice
from chalice.local import LambdaContext, LambdaEventConverter, LocalChalice, RouteMatcher

from chalicelib.chalice_api import MakeBackend, register
from jobhook.api.responses import Response, unknown_path

ANN = "arn:aws:iam::123456789012:user/ann"


class ThreadedChalice(LocalChalice, Chalice):
    """The app with a `current_request` for each thread."""


class ChaliceGateway:
    """Answers requests by the routes of a Chalice app on a backend; IAM admits every caller."""

    def __init__(self, backend: MakeBackend) -> None:
        self.app = ThreadedChalice(app_name="jobhook-test", configure_logs=False, env={})
        register(self.app, backend)
        self._events = LambdaEventConverter(RouteMatcher(list(self.app.routes)), self.app.api.binary_types)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, caller: str | None = ANN
    ) -> Response:
        """The answer to a request; where API Gateway finds no route, the API's own."""
        path, mark, query = target.partition("?")
        path = path.replace(";", "%3B")  # the local gateway cuts off what follows a semicolon, API Gateway does not
        try:
            event = self._events.create_lambda_event(
                method=method, path=path + mark + query, headers=dict(headers), body=b""
            )
        except ValueError:
            return unknown_path()
        event["body"] = base64.b64encode(body).decode("ascii")
        event["isBase64Encoded"] = True
        if caller is not None:
            event["requestContext"]["identity"]["userArn"] = caller
        return self.answer_event(event)

    def answer_event(self, event: Mapping[str, Any]) -> Response:
        """The answer to an event as API Gateway makes it."""
        answered = self.app(event, LambdaContext("jobhook", 0))
        return Response(answered["statusCode"], answered["headers"], answered["body"].encode())
