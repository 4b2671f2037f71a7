"""The routes of /why and /health."""

import pytest

from chalicelib.sync_runner import run_to_end
from jobhook.core.errors import Unavailable
from tests.api.client import ApiClient
from tests.api.job_bodies import job_body
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend


def test_why_shows_what_the_answer_was_drawn_from(api: ApiClient, backend: MemoryBackend) -> None:
    run = run_to_end(flow.started(backend))
    document = api.get("/why?job=reports/nightly&at=2026-11-21T08:01:30Z").document
    assert (document["verdict"], document["due"]) == ("running", "2026-11-21T08:01:00Z")
    assert [one["id"] for one in document["executions"]] == [run.execution_id]
    assert [(one["state"], one["count"]) for one in document["fires"]] == [("done", 1)]
    assert (document["effective_from"], document["enabled"], document["pause"]) == ("2026-11-21T08:00:00Z", True, None)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", ["job", "at"]),
        ("job=reports/nightly", ["at"]),
        ("job=reports&at=5", ["job"]),
        ("job=Reports/nightly&at=5", ["job"]),
        ("job=a/b/c&at=5", ["job"]),
        ("job=a/b&at=yesterday", ["at"]),
        ("job=a/b&at=5&at=6", ["at"]),
        ("job=a/b&at=5&when=6", ["when"]),
    ],
)
def test_a_question_that_is_not_whole_is_refused(api: ApiClient, query: str, fields: list[str]) -> None:
    reply = api.get(f"/why?{query}" if query else "/why")
    assert (reply.status, reply.document["code"]) == (400, "InvalidQuery")
    assert [problem["field"] for problem in reply.document["errors"]] == fields


@pytest.mark.parametrize("at", ["0", "253402300799999", "9999-12-31T23:59:59Z"])
def test_every_instant_has_an_answer(api: ApiClient, backend: MemoryBackend, at: str) -> None:
    run_to_end(flow.put(backend))
    assert api.get(f"/why?job=reports/nightly&at={at}").status == 200


def test_why_of_no_job_is_not_found(api: ApiClient) -> None:
    assert api.get("/why?job=reports/nightly&at=5").document["code"] == "JobNotFound"


def test_health_answers_what_watchers_ask(api: ApiClient, backend: MemoryBackend) -> None:
    run = run_to_end(flow.started(backend, flow.exclusive()))
    document = api.get("/health").document
    assert document["newest_execution"].pop("scheduled_time_ms") == run.scheduled_time_ms
    assert document == {
        "status": "ok",
        "counted_to": 200,
        "newest_execution": {
            "id": run.execution_id,
            "service_name": "reports",
            "job_name": "nightly",
            "scheduled_time": "2026-11-21T08:01:00Z",
            "status": "running",
        },
        "ran": {"since": "2026-11-21T07:01:00Z", "since_ms": 1_795_244_460_000, "executions": 1},
        "waiting": {"pending": 0, "running": 1},
        "overdue_executions": [],
        "overdue_schedules": [],
        "open_fires": [],
        "locks": [{"execution_id": run.execution_id}],
    }
    backend.clock.advance(3_600)
    late = api.get("/health?since=1795248000000").document
    assert (late["status"], late["ran"]["since_ms"]) == ("late", 1_795_248_000_000)
    assert late["overdue_schedules"][0]["schedule"] == flow.EVERY_MINUTE


def test_a_store_that_does_not_answer_is_not_healthy(
    api: ApiClient, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable() -> None:
        raise Unavailable("the database cannot be read")

    monkeypatch.setattr(backend.memory, "list_schedules", unreachable)
    reply = api.get("/health")
    assert (reply.status, reply.document["code"]) == (503, "ServiceUnavailable")


@pytest.mark.parametrize(
    ("at", "verdict"), [("2026-11-21T08:00:30Z", "before_start"), ("2026-11-21T09:30:00Z", "after_end")]
)
def test_why_knows_of_a_start_and_an_end(api: ApiClient, at: str, verdict: str) -> None:
    body = job_body(schedule="cron(* * * * ? *)", start_at="2026-11-21T08:30:00Z", end_at="2026-11-21T09:00:00Z")
    assert api.send_json("PUT", "/services/reports/jobs/nightly", body).status == 201
    assert api.get(f"/why?job=reports/nightly&at={at}").document["verdict"] == verdict
