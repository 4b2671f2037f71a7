"""The task of the state machine: one webhook an attempt, none that is not needed, and everything on record."""

from dataclasses import replace

import pytest

from jobhook.core.errors import JobGone, WebhookRefused, WebhookUnavailable
from jobhook.core.executions.execution import Status
from jobhook.core.targets.answer import Answer
from jobhook.use_cases.delete_job import delete_job
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def test_the_first_run_of_a_job_knows_no_last_success(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    assert flow.webhook(backend)["last_successful_execution"] is None
    assert flow.record(backend, run).status is Status.RUNNING


async def test_the_next_run_is_told_of_the_last_success(backend: MemoryBackend) -> None:
    first = await flow.started(backend)
    await flow.call_back(backend, status="success", state="42", summary="sold 42")
    (failed,) = await flow.fire(backend)
    await flow.attempt(backend, failed)
    await flow.call_back(backend, status="fail", state="broken")
    (run,) = await flow.fire(backend)
    await flow.attempt(backend, run)
    assert flow.webhook(backend)["last_successful_execution"] == {
        "name": first.execution_id,
        "scheduled_time": "2026-11-21T08:01:00Z",
        "scheduled_time_ms": first.scheduled_time_ms,
        "service_invoked_at_ms": first.scheduled_time_ms,
        "state": "42",
        "status": "success",
        "summary": "sold 42",
    }


async def test_the_callback_url_is_made_of_the_base_url(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    url = str(flow.webhook(backend)["callback_url"])
    assert url.startswith(f"https://jobs.example.com/api/callback/{run.key.guid}/")


async def test_the_record_is_stored_before_the_webhook_is_sent(backend: MemoryBackend) -> None:
    seen: list[Status] = []

    async def look(url: str, body: bytes) -> Answer:
        execution = next(iter(backend.memory.rows.executions.values()))
        seen.append(execution.status)
        assert [attempt.number for attempt in execution.attempts] == [1]
        return Answer(200)

    backend.webhooks.answers.append(look)
    await flow.started(backend)
    assert seen == [Status.PENDING]


async def test_a_taken_webhook_extends_the_ttl_and_beats(backend: MemoryBackend) -> None:
    async def slow(url: str, body: bytes) -> Answer:
        backend.clock.advance(4)
        return Answer(202, b"ok")

    backend.webhooks.answers.append(slow)
    run = await flow.started(backend)
    execution = flow.record(backend, run)
    assert execution.expires_at_ms == backend.clock.now_ms() + 60_000
    assert backend.workflows.beats == [execution.task_token]
    (noted,) = execution.attempts
    assert (noted.http_status, noted.error, noted.duration_ms, noted.response) == (202, None, 4_000, "ok")


@pytest.mark.parametrize("answer", [Answer(503), Answer(429), Answer(None, error="connection refused")])
async def test_a_transient_failure_is_tried_again_with_a_new_url(backend: MemoryBackend, answer: Answer) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.extend([answer, answer])
    for number in (1, 2):
        error = await flow.attempt(backend, run)
        assert isinstance(error, WebhookUnavailable)
        assert len(flow.record(backend, run).attempts) == number
    assert await flow.attempt(backend, run) is None
    assert [flow.webhook(backend, number)["attempt"] for number in range(3)] == [1, 2, 3]
    assert {flow.webhook(backend, number)["execution_id"] for number in range(3)} == {run.execution_id}
    assert len({flow.webhook(backend, number)["callback_url"] for number in range(3)}) == 3
    execution = flow.record(backend, run)
    assert [attempt.error is None for attempt in execution.attempts] == [False, False, True]
    assert execution.status is Status.RUNNING


@pytest.mark.parametrize("http_status", [301, 302, 400, 401, 404, 410, 418])
async def test_a_refusal_is_final(backend: MemoryBackend, http_status: int) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(http_status))
    error = await flow.attempt(backend, run)
    assert isinstance(error, WebhookRefused)
    assert str(http_status) in error.message


@pytest.mark.parametrize("number", [0, 1])
async def test_a_callback_on_any_attempts_url_counts(backend: MemoryBackend, number: int) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(503))
    await flow.attempt(backend, run)
    await flow.attempt(backend, run)
    await flow.call_back(backend, number, status="success")
    assert flow.record(backend, run).status is Status.SUCCESS
    assert backend.workflows.reported[-1].error is None


@pytest.mark.parametrize(("said", "reported"), [("success", None), ("fail", "JobFailed")])
async def test_a_callback_during_the_post_ends_the_run(backend: MemoryBackend, said: str, reported: str | None) -> None:
    async def answer_early(url: str, body: bytes) -> Answer:
        await flow.call_back(backend, status=said)
        return Answer(200)

    backend.webhooks.answers.append(answer_early)
    run = await flow.started(backend)
    execution = flow.record(backend, run)
    assert execution.ended
    assert execution.attempts[0].http_status == 200
    assert execution.workflow_reported
    assert [end.error for end in backend.workflows.reported] == [reported]


@pytest.mark.parametrize("answer", [Answer(500), Answer(404), Answer(None, error="no answer in time")])
async def test_a_callback_outweighs_a_failed_answer(backend: MemoryBackend, answer: Answer) -> None:
    async def beat_then_fail(url: str, body: bytes) -> Answer:
        await flow.call_back(backend, status="heartbeat")
        return answer

    backend.webhooks.answers.append(beat_then_fail)
    run = await flow.started(backend)
    assert flow.record(backend, run).status is Status.RUNNING
    assert flow.record(backend, run).attempts[0].error is not None


async def test_an_attempt_after_a_callback_adopts_its_task_without_a_post(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    assert await flow.attempt(backend, run) is None
    assert len(backend.webhooks.posts) == 1
    execution = flow.record(backend, run)
    assert backend.workflows.waiting == {execution.task_token: run.execution_id}
    await flow.call_back(backend, status="success")
    assert [end.task_token for end in backend.workflows.reported] == [execution.task_token]


@pytest.mark.parametrize(("said", "reported"), [("success", None), ("fail", "JobFailed")])
async def test_an_attempt_after_the_end_ends_its_task_without_a_post(
    backend: MemoryBackend, said: str, reported: str | None
) -> None:
    run = await flow.started(backend)
    backend.workflows.lose(run.execution_id)
    await flow.call_back(backend, status=said)
    assert await flow.attempt(backend, run) is None
    assert len(backend.webhooks.posts) == 1
    assert [end.error for end in backend.workflows.reported] == [reported]
    assert not backend.workflows.waiting


async def test_a_job_that_is_gone_or_off_is_not_called(backend: MemoryBackend) -> None:
    await flow.put(backend, "gone")
    await flow.put(backend, "off")
    await flow.put(backend, "anew")
    runs = await flow.fire(backend)
    for name in ("gone", "anew"):
        await delete_job(backend, "reports", name)
    await flow.put(backend, "off", replace(flow.PLAIN, enabled=False))
    await flow.put(backend, "anew")
    for run in runs:
        error = await flow.attempt(backend, run)
        assert isinstance(error, JobGone)
        await flow.fail(backend, run, "JobGone")
        assert flow.record(backend, run).status is Status.SKIPPED
    assert not backend.webhooks.posts


async def test_an_execution_that_has_begun_is_retried_though_its_job_is_gone(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=replace(flow.PLAIN, payload="as it was"))
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(503))
    await flow.attempt(backend, run)
    await delete_job(backend, "reports", "nightly")
    assert await flow.attempt(backend, run) is None
    assert flow.webhook(backend)["payload"] == "as it was"


async def test_a_task_that_times_out_during_the_post_leaves_a_true_record(backend: MemoryBackend) -> None:
    async def outlive(url: str, body: bytes) -> Answer:
        backend.workflows.lose(next(iter(backend.workflows.started)))
        return Answer(200)

    backend.webhooks.answers.append(outlive)
    run = await flow.started(backend)
    assert flow.record(backend, run).attempts[0].http_status == 200
