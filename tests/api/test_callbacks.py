"""The callback route: every row of the contract's table."""

import base64
import json

import pytest

from chalicelib.sync_runner import run_to_end
from jobhook.core.executions.execution import ExecutionInput
from tests.api.client import ApiClient
from tests.api.gateway import gateway_event
from tests.chalicelib.local_gateway import ChaliceGateway
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend


@pytest.fixture
def run(backend: MemoryBackend) -> ExecutionInput:
    return run_to_end(flow.started(backend))


@pytest.fixture
def url(backend: MemoryBackend, run: ExecutionInput) -> str:
    guid, token = flow.callback_path(backend)
    return f"/callback/{guid}/{token}"


def test_a_heartbeat_is_answered_with_the_new_expiry(api: ApiClient, backend: MemoryBackend, url: str) -> None:
    backend.clock.advance(30)
    reply = api.send_json("POST", url, {"status": "heartbeat", "progress": 40})
    assert reply.status == 200
    expires_at_ms = backend.clock.now_ms() + 60_000
    assert reply.document == {
        "status": "running",
        "expires_at": "2026-11-21T08:02:30Z",
        "expires_at_ms": expires_at_ms,
    }


@pytest.mark.parametrize(("said", "status"), [("success", "success"), ("fail", "failed"), ("failed", "failed")])
def test_an_end_is_stored_and_may_be_repeated(api: ApiClient, url: str, said: str, status: str) -> None:
    for _ in range(2):
        reply = api.send_json("POST", url, {"status": said})
        assert (reply.status, reply.document) == (200, {"status": status, "expires_at": None, "expires_at_ms": None})


@pytest.mark.parametrize("said", ["fail", "heartbeat", "processing"])
def test_an_execution_that_ended_otherwise_is_gone(api: ApiClient, url: str, said: str) -> None:
    api.send_json("POST", url, {"status": "success"})
    reply = api.send_json("POST", url, {"status": said})
    assert reply.status == 410
    assert (reply.document["code"], reply.document["status"]) == ("ExecutionEnded", "success")


def test_a_callback_past_the_ttl_is_gone(api: ApiClient, backend: MemoryBackend, url: str) -> None:
    backend.clock.advance(60)
    reply = api.send_json("POST", url, {"status": "success"})
    assert (reply.status, reply.document["status"]) == (410, "timed_out")


def test_every_wrong_url_gets_the_same_answer(api: ApiClient, url: str) -> None:
    guid, token = url.split("/")[2:]
    incarnation, time, attempt, secret = token.split(".")
    wrong = [
        f"/callback/{guid}/{incarnation}.{time}.{attempt}.{secret[:-1]}x",
        f"/callback/{guid}/{incarnation}.{time}.2.{secret}",
        f"/callback/{guid}/{incarnation}.{int(time) + 60_000}.{attempt}.{secret}",
        f"/callback/00000000-0000-5000-8000-000000000000/{token}",
        f"/callback/{guid}/nonsense",
        f"/callback/{guid}/~",
        f"/callback/{guid}/{'a' * 10_000}",
    ]
    replies = {(reply.status, reply.body) for reply in (api.send_json("POST", path, {}) for path in wrong)}
    assert len(replies) == 1
    ((status, body),) = replies
    assert (status, json.loads(body)["code"]) == (404, "CallbackNotFound")


def test_a_wrong_url_is_told_before_the_body_is_looked_at(api: ApiClient) -> None:
    assert api.send("POST", "/callback/x/y", b"<xml/>", "text/xml").status == 404


@pytest.mark.parametrize("media_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_that_is_not_declared_json_is_415(
    api: ApiClient, backend: MemoryBackend, run: ExecutionInput, url: str, media_type: str | None
) -> None:
    before = flow.record(backend, run)
    reply = api.send("POST", url, b'{"status": "success"}', media_type)
    assert (reply.status, reply.document["code"]) == (415, "UnsupportedMediaType")
    assert flow.record(backend, run) == before


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_declared_in_any_spelling(api: ApiClient, url: str, media_type: str) -> None:
    assert api.send("POST", url, b'{"status": "heartbeat"}', media_type).status == 200


def test_a_base64_wrapped_body_is_read(gateway: ChaliceGateway, url: str) -> None:
    guid, token = url.split("/")[2:]
    event = gateway_event("POST", "/callback/{guid}/{token}", {"guid": guid, "token": token})
    event["body"] = base64.b64encode(b'{"status": "success"}').decode()
    event["isBase64Encoded"] = True
    assert gateway.answer_event(event).status == 200
