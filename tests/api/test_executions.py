"""The routes of the history."""

from chalicelib.sync_runner import run_to_end
from jobhook.core.paging import encode_cursor
from jobhook.core.targets.answer import Answer
from tests.api.client import ApiClient
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

JOB_EXECUTIONS = "/services/reports/jobs/nightly/executions"


def _succeed(backend: MemoryBackend, runs: int = 1) -> None:
    async def succeed() -> None:
        await flow.put(backend)
        for _ in range(runs):
            (run,) = await flow.fire(backend)
            backend.webhooks.answers.append(Answer(202, b"thanks"))
            await flow.attempt(backend, run)
            await flow.call_back(backend, status="success", state="42", summary="sold 42")

    run_to_end(succeed())


def test_an_execution_is_shown_whole(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend)
    (listed,) = api.get("/executions").document["results"]
    whole = api.get(f"/executions/{listed['id']}").document
    assert whole == {
        **listed,
        "state": "42",
        "payload": None,
        "notification": None,
        "attempts": [{**listed["attempts"][0], "response": "thanks"}],
    }
    assert whole["id"].endswith(f"_{whole['scheduled_time_ms']}")
    assert (whole["service_name"], whole["job_name"], whole["schedule"]) == ("reports", "nightly", flow.EVERY_MINUTE)
    assert (whole["status"], whole["reason"], whole["summary"]) == ("success", None, "sold 42")
    assert (whole["scheduled_time"], whole["scheduled_time_ms"]) == ("2026-11-21T08:01:00Z", 1_795_248_060_000)
    assert whole["started_at"] == whole["service_invoked_at"] == whole["ended_at"] == "2026-11-21T08:01:00Z"
    assert whole["attempts"] == [
        {
            "n": 1,
            "at": "2026-11-21T08:01:00Z",
            "at_ms": 1_795_248_060_000,
            "http_status": 202,
            "error": None,
            "duration_ms": 0,
            "response": "thanks",
        }
    ]


def test_no_answer_shows_a_secret(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend)
    execution_id = api.get("/executions").document["results"][0]["id"]
    _, token = flow.callback_path(backend)
    secret = token.rpartition(".")[2]
    execution = next(iter(backend.memory.rows.executions.values()))
    hidden = [secret, execution.attempts[0].token_hash, str(execution.task_token)]
    for path in ["/executions", JOB_EXECUTIONS, f"/executions/{execution_id}"]:
        assert not [text for text in hidden if text in api.get(path).body]


def test_listings_leave_out_what_is_large(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend)
    for path in ["/executions", "/services/reports/executions", JOB_EXECUTIONS]:
        (listed,) = api.get(path).document["results"]
        assert not {"state", "payload"} & set(listed)
        assert "response" not in listed["attempts"][0]


def test_pages_follow_each_other_newest_first(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend, runs=5)
    seen: list[int] = []
    path = f"{JOB_EXECUTIONS}?limit=2"
    while path:
        page = api.get(path).document
        assert len(page["results"]) <= 2
        seen += [execution["scheduled_time_ms"] for execution in page["results"]]
        path = f"{JOB_EXECUTIONS}?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


def test_filters_by_status_and_time(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend, runs=3)
    assert len(api.get("/executions?status=success").document["results"]) == 3
    assert api.get("/executions?status=failed").document["results"] == []
    window = "since=2026-11-21T08:02:00Z&until=1795248120000"
    (only,) = api.get(f"/executions?{window}").document["results"]
    assert only["scheduled_time"] == "2026-11-21T08:02:00Z"


def test_the_history_of_a_job_put_again_is_its_own(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend)
    api.send("DELETE", "/services/reports/jobs/nightly")
    gone = api.get(JOB_EXECUTIONS)
    assert (gone.status, gone.document["code"]) == (404, "JobNotFound")
    run_to_end(flow.put(backend))
    assert api.get(JOB_EXECUTIONS).document["results"] == []
    assert len(api.get("/services/reports/executions").document["results"]) == 1


def test_an_unknown_execution_is_not_found(api: ApiClient) -> None:
    unknown = "00000000-0000-5000-8000-000000000000_i00000000001_1795248060000"
    for execution_id in [unknown, "nonsense", "~", "...", "a" * 5_000]:
        reply = api.get(f"/executions/{execution_id}")
        assert (reply.status, reply.document["code"]) == (404, "ExecutionNotFound")


def test_a_cursor_of_another_job_is_refused(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend, runs=2)
    run_to_end(flow.put(backend, "other"))
    cursor = api.get(f"{JOB_EXECUTIONS}?limit=1").document["next_cursor"]
    reply = api.get(f"/services/reports/jobs/other/executions?cursor={cursor}")
    assert (reply.status, reply.document["errors"][0]["field"]) == (400, "cursor")


def test_a_cursor_whose_parts_disagree_is_refused(api: ApiClient, backend: MemoryBackend) -> None:
    _succeed(backend)
    execution_id = next(iter(backend.memory.rows.executions)).id
    reply = api.get(f"/executions?cursor={encode_cursor((5, execution_id))}")
    assert reply.status == 400
