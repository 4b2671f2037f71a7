"""The route of test calls: what the service is sent, what the caller is told, and that nothing is left behind."""

import json
from urllib.parse import urlsplit

import pytest

from chalicelib.sync_runner import run_to_end
from jobhook.core.targets.answer import Answer, Failure, not_allowed
from tests.api.client import ApiClient
from tests.api.job_bodies import job_body
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"
TEST = f"{JOB}/test"


def _sent(backend: MemoryBackend) -> dict[str, object]:
    ((_, body),) = backend.webhooks.posts
    sent: dict[str, object] = json.loads(body)
    return sent


def test_a_test_call_says_what_the_service_made_of_it(api: ApiClient, backend: MemoryBackend) -> None:
    run_to_end(flow.put(backend))
    backend.webhooks.answers.append(Answer(202, b"taken"))
    reply = api.send_json("POST", TEST, {"payload": "try"})
    assert reply.status == 200
    assert set(reply.document) == {"passed", "criteria", "http_status", "duration_ms", "response"}
    shown = {name: reply.document[name] for name in ("passed", "http_status", "duration_ms", "response")}
    assert shown == {"passed": True, "http_status": 202, "duration_ms": 0, "response": "taken"}
    met = {criterion["name"]: criterion["met"] for criterion in reply.document["criteria"]}
    assert met == {
        **dict.fromkeys(("url_allowed", "resolves", "connects", "answers_in_time", "status_2xx"), True),
        "response_schema": None,
    }
    sent = _sent(backend)
    assert (sent["test"], sent["payload"], sent["attempt"]) == (True, "try", 1)


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_the_job_s_own_payload_is_sent_unless_another_is_named(
    api: ApiClient, backend: MemoryBackend, body: bytes
) -> None:
    api.send_json("PUT", JOB, job_body(payload="its own"))
    assert api.send("POST", TEST, body).status == 200
    assert _sent(backend)["payload"] == "its own"


def test_nothing_is_left_behind_and_the_callback_url_is_nobody_s(api: ApiClient, backend: MemoryBackend) -> None:
    run_to_end(flow.put(backend))
    assert api.send("POST", TEST, b"").status == 200
    assert backend.memory.rows.executions == {}
    assert backend.workflows.started == {}
    path = urlsplit(str(_sent(backend)["callback_url"])).path.removeprefix("/api")
    reply = api.send_json("POST", path, {"status": "success"})
    assert (reply.status, reply.document["code"]) == (404, "CallbackNotFound")


def test_disabled_and_paused_jobs_are_tested_too(api: ApiClient, backend: MemoryBackend) -> None:
    api.send_json("PUT", JOB, job_body(enabled=False))
    assert api.send_json("POST", f"{JOB}/pause", {"reason": "away"}).status == 200
    assert api.send("POST", TEST, b"").document["passed"] is True


@pytest.mark.parametrize(
    ("answer", "name", "detail"),
    [
        (not_allowed("private"), "url_allowed", "target not allowed: resolves to a private address"),
        (Answer(None, error="no such name", failure=Failure.NOT_RESOLVED), "resolves", "no such name"),
        (Answer(302), "status_2xx", "the service answered 302; redirects are not followed"),
        (Answer(200, b"[]"), "response_schema", "response: [] is not of type 'object'"),
    ],
)
def test_what_is_not_met_is_named_and_why(
    api: ApiClient, backend: MemoryBackend, answer: Answer, name: str, detail: str
) -> None:
    api.send_json("PUT", JOB, job_body(response_schema={"type": "object"}))
    backend.webhooks.answers.append(answer)
    document = api.send("POST", TEST, b"").document
    assert document["passed"] is False
    failed = [(one["name"], one["detail"]) for one in document["criteria"] if one["met"] is False]
    assert failed == [(name, detail)]


def test_where_nothing_was_sent_nothing_took_time(api: ApiClient, backend: MemoryBackend) -> None:
    run_to_end(flow.put(backend))
    backend.webhooks.answers.append(not_allowed("loopback"))
    document = api.send("POST", TEST, b"").document
    assert (document["http_status"], document["duration_ms"], document["response"]) == (None, None, None)


@pytest.mark.parametrize(
    ("document", "status", "field"),
    [({"payload": 1}, 400, "payload"), ({"test": True}, 400, "test"), ({"payload": "x" * 131_073}, 413, "payload")],
)
def test_a_body_that_is_wrong_is_told(
    api: ApiClient, backend: MemoryBackend, document: object, status: int, field: str
) -> None:
    run_to_end(flow.put(backend))
    reply = api.send_json("POST", TEST, document)
    assert (reply.status, [one["field"] for one in reply.document["errors"]]) == (status, [field])
    assert backend.webhooks.posts == []


def test_a_job_that_is_not_there_is_not_found(api: ApiClient) -> None:
    reply = api.send("POST", TEST, b"")
    assert (reply.status, reply.document["code"]) == (404, "JobNotFound")


def test_the_response_schema_is_kept_patched_and_read(api: ApiClient) -> None:
    schema = {"type": "object"}
    assert api.send_json("PUT", JOB, job_body(response_schema=schema)).document["response_schema"] == schema
    patched = api.send("PATCH", JOB, b'{"response_schema": {"minProperties": 1}}', "application/merge-patch+json")
    assert patched.document["response_schema"] == {"type": "object", "minProperties": 1}
    assert api.get(JOB).document["response_schema"] == {"type": "object", "minProperties": 1}
