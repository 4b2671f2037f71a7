"""The routes of run, pause, resume, cancel and retry."""

from itertools import count

import pytest

from chalicelib.sync_runner import run_to_end
from tests.api.client import ApiClient
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"
RUN = f"{JOB}/run"
UNKNOWN = "00000000-0000-5000-8000-000000000000_i00000000001_1795248060000"


def _job(backend: MemoryBackend) -> None:
    run_to_end(flow.put(backend))


def test_a_run_answers_with_its_execution(api: ApiClient, backend: MemoryBackend) -> None:
    _job(backend)
    reply = api.send_json("POST", RUN, {"payload": "today", "overlap": "allow"})
    assert reply.status == 202
    assert reply.document == api.get(f"/executions/{reply.document['id']}").document
    shown = {name: reply.document[name] for name in ("status", "trigger", "payload", "retry_of", "retried_by")}
    assert shown == {"status": "pending", "trigger": "run", "payload": "today", "retry_of": None, "retried_by": None}


@pytest.mark.parametrize(("body", "media_type"), [(b"", None), (b"", "application/json"), (b"{}", "application/json")])
def test_no_action_needs_a_body(api: ApiClient, backend: MemoryBackend, body: bytes, media_type: str | None) -> None:
    _job(backend)
    run = api.send("POST", RUN, body, media_type)
    assert run.status == 202
    cancelled = api.send("POST", f"/executions/{run.document['id']}/cancel", body, media_type)
    assert (cancelled.status, cancelled.document["status"]) == (200, "cancelled")
    retried = api.send("POST", f"/executions/{run.document['id']}/retry", body, media_type)
    assert (retried.status, retried.document["retry_of"]) == (202, run.document["id"])
    old = api.get(f"/executions/{run.document['id']}").document
    assert old["retried_by"] == retried.document["id"]


@pytest.mark.parametrize(
    ("document", "status", "field"),
    [
        ({"payload": 1}, 400, "payload"),
        ({"overlap": "queue"}, 400, "overlap"),
        ({"overlap": "refuse"}, 400, "overlap"),
        ({"when": "now"}, 400, "when"),
        ({"payload": "x" * 131_073}, 413, "payload"),
    ],
)
def test_a_run_says_what_is_wrong_with_it(
    api: ApiClient, backend: MemoryBackend, document: object, status: int, field: str
) -> None:
    _job(backend)
    reply = api.send_json("POST", RUN, document)
    assert reply.status == status
    assert [problem["field"] for problem in reply.document["errors"]] == [field]
    assert backend.memory.rows.executions == {}


def test_a_run_of_no_job_is_not_found(api: ApiClient) -> None:
    reply = api.send_json("POST", RUN, {})
    assert (reply.status, reply.document["code"]) == (404, "JobNotFound")


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_actions_on_unknown_executions_are_not_found(api: ApiClient, action: str) -> None:
    for execution_id in (UNKNOWN, "nonsense"):
        reply = api.send_json("POST", f"/executions/{execution_id}/{action}", {})
        assert (reply.status, reply.document["code"]) == (404, "ExecutionNotFound")


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_actions_that_take_no_body_refuse_one(api: ApiClient, action: str) -> None:
    reply = api.send_json("POST", f"/executions/{UNKNOWN}/{action}", {"reason": "none"})
    assert (reply.status, reply.document["errors"][0]["field"]) == (400, "reason")


def test_what_has_succeeded_is_neither_cancelled_nor_retried(api: ApiClient, backend: MemoryBackend) -> None:
    run = run_to_end(flow.started(backend))
    run_to_end(flow.call_back(backend, status="success"))
    cancel = api.send_json("POST", f"/executions/{run.execution_id}/cancel", {})
    assert (cancel.status, cancel.document["code"], cancel.document["status"]) == (410, "ExecutionEnded", "success")
    retry = api.send_json("POST", f"/executions/{run.execution_id}/retry", {})
    assert (retry.status, retry.document["code"]) == (409, "NotRetryable")


@pytest.mark.parametrize("until", ["2026-11-21T09:00:00Z", "2026-11-21T10:00:00+01:00", 1_795_251_600_000])
def test_a_pause_is_shown_while_it_is_in_force(api: ApiClient, backend: MemoryBackend, until: object) -> None:
    _job(backend)
    paused = api.send_json("POST", f"{JOB}/pause", {"reason": "holiday", "until": until})
    assert paused.status == 200
    assert paused.document["pause"] == {
        "reason": "holiday",
        "from": "2026-11-21T08:00:00Z",
        "from_ms": 1_795_248_000_000,
        "until": "2026-11-21T09:00:00Z",
        "until_ms": 1_795_251_600_000,
    }
    assert api.get("/jobs").document["results"][0]["pause"] == api.get(JOB).document["pause"]
    backend.clock.advance(3_600)
    assert api.get(JOB).document["pause"] is None


def test_resuming_ends_a_pause(api: ApiClient, backend: MemoryBackend) -> None:
    _job(backend)
    paused = api.send_json("POST", f"{JOB}/pause", {"reason": "holiday"})
    assert (paused.document["pause"]["until"], paused.document["version"]) == (None, 2)
    resumed = api.send("POST", f"{JOB}/resume", b"", None)
    assert (resumed.status, resumed.document["pause"], resumed.document["version"]) == (200, None, 3)


@pytest.mark.parametrize(
    ("document", "status", "field"),
    [
        ({}, 400, "reason"),
        ({"reason": ""}, 400, "reason"),
        ({"reason": "x" * 1_025}, 413, "reason"),
        ({"reason": "x", "until": "2026-11-21T08:00:00Z"}, 400, "until"),
        ({"reason": "x", "until": "tomorrow"}, 400, "until"),
        ({"reason": "x", "until": "2026-11-21T10:00:00"}, 400, "until"),
        ({"reason": "x", "until": -5}, 400, "until"),
        ({"reason": "x", "for": "1h"}, 400, "for"),
    ],
)
def test_a_pause_says_what_is_wrong_with_it(
    api: ApiClient, backend: MemoryBackend, document: object, status: int, field: str
) -> None:
    _job(backend)
    reply = api.send_json("POST", f"{JOB}/pause", document)
    assert (reply.status, [problem["field"] for problem in reply.document["errors"]]) == (status, [field])
    assert api.get(JOB).document["pause"] is None


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_no_job_is_neither_paused_nor_resumed(api: ApiClient, action: str) -> None:
    body = {"reason": "holiday"} if action == "pause" else {}
    reply = api.send_json("POST", f"{JOB}/{action}", body)
    assert (reply.status, reply.document["code"]) == (404, "JobNotFound")


def test_a_pause_is_shown_although_the_clock_moves_on_while_it_is_stored(
    api: ApiClient, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _job(backend)
    times = count(backend.clock.now_ms(), 7)
    monkeypatch.setattr(backend.clock, "now_ms", lambda: next(times))
    assert api.send_json("POST", f"{JOB}/pause", {"reason": "holiday"}).document["pause"] is not None
