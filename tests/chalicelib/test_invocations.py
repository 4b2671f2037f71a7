"""The id of the invocation that is under way, as Lambda's context names it."""

from dataclasses import dataclass

import pytest
from chalice.app import Chalice, Request, Response

from app import make_app
from chalicelib import events, invocations
from chalicelib.invocation import request_id
from tests.api.gateway import gateway_event
from tests.fakes.backend import MemoryBackend


@dataclass
class Context:
    aws_request_id: str = "request-1"


def test_a_function_knows_its_request_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def see(*_: object) -> None:
        seen.append(request_id.get())

    monkeypatch.setattr(events, "dispatch", see)
    dispatch = make_app(MemoryBackend).handler_map["dispatch"]
    dispatch({}, Context())
    dispatch({}, None)
    assert seen == ["request-1", None]
    assert request_id.get() is None


def test_the_api_knows_its_request_while_it_answers() -> None:
    seen: list[str | None] = []
    api = Chalice(app_name="one-route", configure_logs=False, env={})
    api.register_middleware(invocations.named, "all")

    def see(request: Request, get_response: object) -> Response:
        seen.append(request_id.get())
        return Response("", {}, 204)

    api.register_middleware(see, "http")
    api.route("/jobs")(lambda: None)
    api(gateway_event("GET", "/jobs"), Context())
    assert seen == ["request-1"]
    assert request_id.get() is None
