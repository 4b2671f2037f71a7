"""Malformed PUT bodies: each gets its status and code, names its field, and stores nothing."""

import json
from typing import Any

import pytest

from tests.api.client import ApiClient
from tests.api.gateway import gateway_event
from tests.api.job_bodies import job_body
from tests.chalicelib.local_gateway import ChaliceGateway
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"
URL = "https://reports.example.com/"

WRONG_FIELDS: list[tuple[dict[str, Any], int, str, str]] = [
    ({"async": False}, 400, "InvalidJob", "async"),
    ({"async": 1}, 400, "InvalidJob", "async"),
    ({"enabled": "true"}, 400, "InvalidJob", "enabled"),
    ({"enabled": None}, 400, "InvalidJob", "enabled"),
    ({"exclusive": 1}, 400, "InvalidJob", "exclusive"),
    ({"invocation_target": None}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": ""}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "/relative"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "ftp://example.com/"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "https://"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "https://user:pw@example.com/"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "https://example.com/#part"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "https://example.com:99999/"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "https://example.com/a b"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "https://example.com/\r\nX: y"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": "https://exämple.com/"}, 400, "InvalidJob", "invocation_target"),
    ({"invocation_target": URL + "x" * 2_048}, 413, "PayloadTooLarge", "invocation_target"),
    ({"invocation_type": "sns"}, 400, "InvalidJob", "invocation_type"),
    ({"payload": {"a": 1}}, 400, "InvalidJob", "payload"),
    ({"payload": "x" * (128 * 1024 + 1)}, 413, "PayloadTooLarge", "payload"),
    ({"payload": "ü" * (64 * 1024 + 1)}, 413, "PayloadTooLarge", "payload"),
    ({"schedule": ""}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": 5}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "* * * * *"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "rate(0 minutes)"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "rate(1 minutes)"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "cron(0 9 * * * *)"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "cron(0 25 * * ? *)"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "cron(" + "0," * 5_000 + "0 9 * * ? *)"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "at(2030-01-01T00:00:00)"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "at(tomorrow)"}, 400, "InvalidSchedule", "schedule"),
    ({"schedule": "cron(0 9 * * ? 2020)"}, 422, "InvalidSchedule", "schedule"),
    ({"schedule": "cron(0 9 31 2 ? *)"}, 422, "InvalidSchedule", "schedule"),
    ({"ttl_seconds": "60"}, 400, "InvalidJob", "ttl_seconds"),
    ({"ttl_seconds": 60.0}, 400, "InvalidJob", "ttl_seconds"),
    ({"ttl_seconds": True}, 400, "InvalidJob", "ttl_seconds"),
    ({"ttl_seconds": 0}, 400, "InvalidJob", "ttl_seconds"),
    ({"ttl_seconds": 1_296_001}, 400, "InvalidJob", "ttl_seconds"),
    ({"ttl_seconds": 10**30}, 400, "InvalidJob", "ttl_seconds"),
    ({"timeout_seconds": 60}, 400, "InvalidJob", "timeout_seconds"),
    ({"timeout_seconds": 2_592_001}, 400, "InvalidJob", "timeout_seconds"),
    ({"state_schema": []}, 400, "InvalidJob", "state_schema"),
    ({"state_schema": {"type": "text"}}, 400, "InvalidJob", "state_schema"),
    ({"state_schema": {"$ref": "https://example.com/schema"}}, 400, "InvalidJob", "state_schema"),
    ({"response_schema": "text"}, 400, "InvalidJob", "response_schema"),
    ({"response_schema": {"type": "text"}}, 400, "InvalidJob", "response_schema"),
    ({"response_schema": {"$ref": "https://example.com/schema"}}, 400, "InvalidJob", "response_schema"),
    ({"response_schema": {"description": "x" * 32 * 1024}}, 413, "PayloadTooLarge", "response_schema"),
    ({"state_schema": {"description": "x" * 32 * 1024}}, 413, "PayloadTooLarge", "state_schema"),
    ({"ttl": 60}, 400, "InvalidJob", "ttl"),
    ({"is_async": True}, 400, "InvalidJob", "is_async"),
]

NO_OBJECTS = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"{'a': 1}",
    b'{"ttl_seconds": NaN}',
    b'{"ttl_seconds": 60, "ttl_seconds": 61}',
    b"\xff\xfe",
    b'{"payload": "\\ud800"}',
    b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"ttl_seconds": ' + b"9" * 10_000 + b"}",
    b"\xef\xbb\xbf{}",
]


@pytest.mark.parametrize(("changes", "status", "code", "field"), WRONG_FIELDS)
def test_a_wrong_field_is_named(
    api: ApiClient, backend: MemoryBackend, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    reply = api.send_json("PUT", JOB, job_body(**changes))
    assert (reply.status, reply.document["code"]) == (status, code), reply.body
    assert [problem["field"] for problem in reply.document["errors"]] == [field]
    assert all(problem["message"] for problem in reply.document["errors"])
    assert not backend.memory.rows.jobs
    assert not backend.rules.puts


@pytest.mark.parametrize("body", NO_OBJECTS, ids=lambda body: repr(body[:20]))
def test_what_is_no_json_object_is_400(api: ApiClient, body: bytes) -> None:
    reply = api.send("PUT", JOB, body)
    assert (reply.status, reply.document["code"]) == (400, "InvalidJson"), reply.body[:200]
    assert reply.document["errors"][0]["field"] == "body"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_a_name_with_a_lone_surrogate_is_no_name(gateway: ChaliceGateway, method: str) -> None:
    event = gateway_event(method, "/services/{service}/jobs/{job}", {"service": "reports", "job": "a\ud800"})
    event["body"] = json.dumps(job_body())
    assert gateway.answer_event(event).status == 400


@pytest.mark.parametrize("missing", ["invocation_target", "schedule", "ttl_seconds"])
def test_a_missing_field_is_named(api: ApiClient, missing: str) -> None:
    body = job_body()
    del body[missing]
    reply = api.send_json("PUT", JOB, body)
    assert reply.status == 400
    assert reply.document["errors"] == [{"field": missing, "message": "is required"}]


@pytest.mark.parametrize("name", ["A", "a--b", "-a", "a-", "a_b", "a.b", "a" * 65])
def test_a_name_that_is_none_is_refused(api: ApiClient, name: str) -> None:
    path = f"/services/reports/jobs/{name}"
    reply = api.send_json("PUT", path, job_body())
    assert (reply.status, [problem["field"] for problem in reply.document["errors"]]) == (400, ["job_name"])
    assert api.get(path).status == 404
    assert api.send("DELETE", path).status == 404


@pytest.mark.parametrize("name", ["ü", "%20", "%00", "%ff", "a%2Fb", "%61", "a;v", ".", "..", ""])
def test_a_name_of_other_than_unreserved_characters_is_no_path(api: ApiClient, name: str) -> None:
    path = f"/services/reports/jobs/{name}"
    for method in ("PUT", "GET", "DELETE"):
        reply = api.send_json(method, path, job_body())
        assert (reply.status, reply.document["code"]) == (400, "BadRequest")


def test_all_problems_of_a_body_are_listed_at_once(api: ApiClient) -> None:
    body = {"async": False, "schedule": "rate()", "ttl_seconds": "60", "more": 1, "payload": 5}
    reply = api.send_json("PUT", "/services/No/jobs/a--b", body)
    assert reply.status == 400
    fields = {problem["field"] for problem in reply.document["errors"]}
    expected = {"service_name", "job_name", "async", "schedule", "ttl_seconds", "more", "payload", "invocation_target"}
    assert fields == expected


def test_a_body_beyond_all_limits_is_413(api: ApiClient) -> None:
    reply = api.send_json("PUT", JOB, job_body(payload="x" * 1024 * 1024))
    assert (reply.status, reply.document["code"]) == (413, "PayloadTooLarge")


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "127.1", "0x7f000001", "[::1]", "[64:ff9b::a9fe:a9fe]"]
)
def test_a_target_that_no_webhook_may_reach_is_422(api: ApiClient, host: str, query: str) -> None:
    reply = api.send_json("PUT", JOB + query, job_body(invocation_target=f"http://{host}:9000/hook"))
    assert (reply.status, reply.document["code"]) == (422, "TargetNotAllowed")
    (problem,) = reply.document["errors"]
    assert problem["field"] == "invocation_target"
    assert problem["message"].endswith("address; webhooks may go to public addresses")
    assert api.get(JOB).status == 404


def test_a_form_is_415(api: ApiClient) -> None:
    reply = api.send("PUT", JOB, json.dumps(job_body()).encode(), "application/x-www-form-urlencoded")
    assert (reply.status, reply.document["code"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": "x" * 128 * 1024},
        {"payload": "ü" * 64 * 1024},
        {"payload": None},
        {"invocation_target": URL + "x" * (2_048 - len(URL))},
        {"ttl_seconds": 1},
        {"ttl_seconds": 1_296_000},
        {"ttl_seconds": 60, "timeout_seconds": 61},
        {"timeout_seconds": 2_592_000},
    ],
)
def test_the_last_good_value_is_taken(api: ApiClient, changes: dict[str, Any]) -> None:
    assert api.send_json("PUT", JOB, job_body(**changes)).status == 201


def test_a_refused_update_leaves_the_job_as_it_was(api: ApiClient) -> None:
    stored = api.send_json("PUT", JOB, job_body()).document
    assert api.send_json("PUT", JOB, job_body(ttl_seconds=0)).status == 400
    assert api.get(JOB).document == stored
