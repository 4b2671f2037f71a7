"""Malformed callbacks: each gets its status and code, names its field, and the execution goes on waiting."""

from typing import Any

import pytest

from chalicelib.sync_runner import run_to_end
from jobhook.core.executions.execution import ExecutionInput
from tests.api.client import ApiClient
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

WRONG_FIELDS: list[tuple[dict[str, Any], int, str, str]] = [
    ({}, 400, "InvalidCallback", "status"),
    ({"status": None}, 400, "InvalidCallback", "status"),
    ({"status": "done"}, 400, "InvalidCallback", "status"),
    ({"status": "SUCCESS"}, 400, "InvalidCallback", "status"),
    ({"status": ["success"]}, 400, "InvalidCallback", "status"),
    ({"status": "timed_out"}, 400, "InvalidCallback", "status"),
    ({"status": "success", "state": {"a": 1}}, 400, "InvalidCallback", "state"),
    ({"status": "success", "state": 5}, 400, "InvalidCallback", "state"),
    ({"status": "success", "state": "x" * (128 * 1024 + 1)}, 413, "PayloadTooLarge", "state"),
    ({"status": "success", "summary": 5}, 400, "InvalidCallback", "summary"),
    ({"status": "success", "summary": "x" * 4_097}, 413, "PayloadTooLarge", "summary"),
    ({"status": "success", "summary": "ü" * 2_049}, 413, "PayloadTooLarge", "summary"),
    ({"status": "fail", "error": False}, 400, "InvalidCallback", "error"),
    ({"status": "fail", "error": "x" * 4_097}, 413, "PayloadTooLarge", "error"),
    ({"status": "success", "correlation_id": 7}, 400, "InvalidCallback", "correlation_id"),
    ({"status": "success", "correlation_id": "x" * 257}, 413, "PayloadTooLarge", "correlation_id"),
    ({"status": "heartbeat", "progress": "40"}, 400, "InvalidCallback", "progress"),
    ({"status": "heartbeat", "progress": -1}, 400, "InvalidCallback", "progress"),
    ({"status": "heartbeat", "progress": 101}, 400, "InvalidCallback", "progress"),
    ({"status": "heartbeat", "progress": 40.5}, 400, "InvalidCallback", "progress"),
    ({"status": "heartbeat", "progress": True}, 400, "InvalidCallback", "progress"),
    ({"status": "heartbeat", "token": "x"}, 400, "InvalidCallback", "token"),
]

NO_OBJECTS = [b"", b"null", b"[]", b"1", b"{", b"status=success", b"\xff", b'{"status":"success","status":"fail"}']


@pytest.fixture
def run(backend: MemoryBackend) -> ExecutionInput:
    return run_to_end(flow.started(backend))


@pytest.fixture
def url(backend: MemoryBackend, run: ExecutionInput) -> str:
    guid, token = flow.callback_path(backend)
    return f"/callback/{guid}/{token}"


@pytest.mark.parametrize(("body", "status", "code", "field"), WRONG_FIELDS)
def test_a_wrong_field_is_named_and_the_execution_waits_on(
    api: ApiClient,
    backend: MemoryBackend,
    run: ExecutionInput,
    url: str,
    body: dict[str, Any],
    status: int,
    code: str,
    field: str,
) -> None:
    before = flow.record(backend, run)
    reply = api.send_json("POST", url, body)
    assert (reply.status, reply.document["code"]) == (status, code), reply.body
    assert [problem["field"] for problem in reply.document["errors"]] == [field]
    assert flow.record(backend, run) == before
    assert backend.workflows.is_waiting(run.key)


@pytest.mark.parametrize("body", NO_OBJECTS, ids=repr)
def test_what_is_no_json_object_is_400(
    api: ApiClient, backend: MemoryBackend, run: ExecutionInput, url: str, body: bytes
) -> None:
    reply = api.send("POST", url, body)
    assert (reply.status, reply.document["code"]) == (400, "InvalidJson")
    assert not flow.record(backend, run).ended


def test_all_problems_are_listed_at_once(api: ApiClient, url: str) -> None:
    reply = api.send_json("POST", url, {"status": "x", "progress": 101, "summary": 5, "extra": 1})
    assert {problem["field"] for problem in reply.document["errors"]} == {"status", "progress", "summary", "extra"}


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "x" * 128 * 1024},
        {"state": ""},
        {"summary": "ü" * 2_048},
        {"error": "x" * 4_096},
        {"correlation_id": "x" * 256},
        {"progress": 0},
        {"progress": 100},
        {"state": None, "summary": None, "progress": None},
    ],
)
def test_the_last_good_value_is_taken(api: ApiClient, url: str, fields: dict[str, Any]) -> None:
    assert api.send_json("POST", url, {"status": "heartbeat", **fields}).status == 200
