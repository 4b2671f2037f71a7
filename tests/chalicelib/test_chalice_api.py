"""The route table bound to Chalice: what Chalice itself answers takes the contract's form."""

import json
import logging
from typing import Any

import pytest
from chalice.app import Chalice

from chalicelib.chalice_api import register
from chalicelib.sync_runner import run_to_end
from jobhook.api.request import Request
from jobhook.api.responses import Response, empty_answer
from jobhook.api.routes import ROUTES, Route
from jobhook.ports import Backend, Settings
from tests.api.gateway import gateway_event
from tests.chalicelib.local_gateway import ChaliceGateway
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

JOB = "/services/{service}/jobs/{job}"
NIGHTLY = {"service": "reports", "job": "nightly"}


@pytest.fixture
def gateway(backend: MemoryBackend) -> ChaliceGateway:
    return ChaliceGateway(lambda: backend)


def document_of(response: Response) -> Any:
    assert response.headers["Content-Type"] == "application/json"
    return json.loads(response.body)


def test_an_event_that_is_no_request_is_answered_in_our_form(gateway: ChaliceGateway) -> None:
    answer = gateway.answer_event({"some": "event"})
    assert (answer.status, document_of(answer)["code"]) == (500, "InternalError")


def test_other_answers_of_chalice_take_our_form(gateway: ChaliceGateway) -> None:
    gateway.app.route("/plain", methods=["POST"])(lambda: None)  # takes JSON only, by Chalice's own check
    event = gateway_event("POST", "/plain")
    event["headers"] = {"content-type": "text/plain"}
    answer = gateway.answer_event(event)
    assert (answer.status, document_of(answer)["code"]) == (415, "BadRequest")


def test_a_method_that_a_path_does_not_have_is_405(gateway: ChaliceGateway) -> None:
    answer = gateway.answer_event(gateway_event("POST", JOB, NIGHTLY))
    assert (answer.status, document_of(answer)["code"]) == (405, "MethodNotAllowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_ours_shows_nothing_of_itself(
    gateway: ChaliceGateway, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("canary-4711")

    gateway.app.debug = debug
    monkeypatch.setattr(backend.memory, "read_job", broken)
    answer = gateway.answer_event(gateway_event("GET", JOB, NIGHTLY))
    assert (answer.status, document_of(answer)["code"]) == (500, "InternalError")
    assert b"canary-4711" not in answer.body


def test_a_fault_is_logged_without_callback_url_or_body(
    gateway: ChaliceGateway,
    backend: MemoryBackend,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(backend.memory, "read_execution", broken)
    guid = "00000000-0000-5000-8000-000000000000"
    token = f"i00000000001.1795248060000.1.{'canary' * 7}x"
    event = gateway_event("POST", "/callback/{guid}/{token}", {"guid": guid, "token": token})
    event["body"] = '{"status":"success","state":"canary"}'
    caplog.set_level(logging.ERROR, "jobhook-test")
    assert gateway.answer_event(event).status == 500
    assert "ZeroDivisionError" in caplog.text
    assert "canary" not in caplog.text


def test_iam_admits_the_callers_of_the_signed_routes_of_every_app(gateway: ChaliceGateway) -> None:
    second = Chalice(app_name="second", configure_logs=False, env={})
    register(second, MemoryBackend)
    signed = {(route.method, route.path): route.signed for route in ROUTES}
    for app in (gateway.app, second):
        entries = {
            (method, path): entry.authorizer is not None
            for path, methods in app.routes.items()
            for method, entry in methods.items()
        }
        assert entries == signed


def test_two_apps_serve_a_backend_each() -> None:
    first, second = MemoryBackend(), MemoryBackend()
    run_to_end(flow.put(first))
    event = gateway_event("GET", JOB, NIGHTLY)
    assert ChaliceGateway(lambda: first).answer_event(event).status == 200
    assert ChaliceGateway(lambda: second).answer_event(event).status == 404


@pytest.mark.parametrize("name", ["a%61", "a;v", "..", "a/b", "", "\u00fc", "a\ud800"])
def test_a_name_in_the_path_has_one_spelling(gateway: ChaliceGateway, name: str) -> None:
    answer = gateway.answer_event(gateway_event("GET", JOB, {"service": "reports", "job": name}))
    assert (answer.status, document_of(answer)["code"]) == (400, "BadRequest")


def test_an_unknown_parameter_with_a_lone_surrogate_is_named(gateway: ChaliceGateway) -> None:
    event = gateway_event("GET", "/jobs")
    event["multiValueQueryStringParameters"] = {"a\ud800": ["1"]}
    assert document_of(gateway.answer_event(event))["code"] == "InvalidQuery"


def test_the_address_of_the_api_comes_from_api_gateway_where_the_settings_have_none(
    gateway: ChaliceGateway, backend: MemoryBackend
) -> None:
    run_to_end(flow.put(backend))
    backend.settings = Settings(base_url="")
    event = gateway_event("POST", f"{JOB}/test", NIGHTLY)
    event["requestContext"] |= {"domainName": "abc.execute-api.eu-west-1.amazonaws.com", "stage": "prod"}
    assert gateway.answer_event(event).status == 200
    ((_, body),) = backend.webhooks.posts
    address = json.loads(body)["callback_url"]
    assert address.startswith("https://abc.execute-api.eu-west-1.amazonaws.com/prod/callback/")


def test_a_caller_whom_no_gateway_names_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Request] = []

    async def look(_: Backend, request: Request) -> Response:
        seen.append(request)
        return empty_answer()

    monkeypatch.setattr("chalicelib.chalice_api.ROUTES", [Route("GET", "/look", look)])
    gateway = ChaliceGateway(MemoryBackend)
    gateway.answer("GET", "/look", {}, b"", "arn:aws:iam::123456789012:user/ann")
    gateway.answer("GET", "/look", {}, b"", None)
    assert [request.caller for request in seen] == ["arn:aws:iam::123456789012:user/ann", "unknown"]
