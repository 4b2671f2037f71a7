"""Failures that the state machine records, and deaths at every moment of an execution."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from jobhook.core.executions.execution import Execution, ExecutionInput, Status
from jobhook.core.targets.answer import Answer
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend
from tests.fakes.tripwire import Crash


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        ("JobFailed", Status.FAILED, "job_failed"),
        ("WebhookRefused", Status.FAILED, "webhook_refused"),
        ("WebhookUnavailable", Status.FAILED, "webhook_unavailable"),
        ("ExclusiveRunInProgress", Status.FAILED, "exclusive_run_in_progress"),
        ("JobGone", Status.SKIPPED, "job_deleted_or_disabled"),
        ("JobPaused", Status.SKIPPED, "job_paused"),
        ("States.HeartbeatTimeout", Status.TIMED_OUT, "ttl_expired"),
        ("States.Timeout", Status.TIMED_OUT, "ttl_expired"),
        ("Lambda.Unknown", Status.FAILED, "internal_error"),
    ],
)
@pytest.mark.parametrize("attempted", [True, False])
async def test_each_error_of_the_machine_has_its_outcome(
    backend: MemoryBackend, error: str, status: Status, reason: str, attempted: bool
) -> None:
    if attempted:
        run = await flow.started(backend)
    else:
        await flow.put(backend)
        (run,) = await flow.fire(backend)
    await flow.fail(backend, run, error, "why")
    execution = flow.record(backend, run)
    assert (execution.status, execution.reason, execution.error) == (status, reason, "why")
    assert execution.workflow_reported
    assert execution.ended_at_ms == backend.clock.now_ms()


@pytest.mark.parametrize("error", ["States.HeartbeatTimeout", "States.Timeout"])
async def test_the_records_clocks_say_which_time_is_over_and_not_the_name_of_the_error(
    backend: MemoryBackend, error: str
) -> None:
    """Step Functions reports a lapsed heartbeat under either name."""
    silent = await flow.started(backend, replace(flow.PLAIN, ttl_seconds=60, timeout_seconds=150), "silent")
    backend.clock.advance(75)
    await flow.fail(backend, silent, error)
    assert flow.record(backend, silent).reason == "ttl_expired"
    busy = await flow.started(backend, replace(flow.PLAIN, ttl_seconds=60, timeout_seconds=150), "busy")
    for _ in range(2):
        backend.clock.advance(50)
        await flow.call_back(backend, -1, status="heartbeat")
    backend.clock.advance(65)
    await flow.fail(backend, busy, error)
    assert flow.record(backend, busy).reason == "timeout_expired"


@pytest.mark.parametrize("error", ["States.HeartbeatTimeout", "States.Timeout"])
async def test_a_run_without_a_record_ends_by_the_shorter_of_its_lengths(backend: MemoryBackend, error: str) -> None:
    for name, ttl_seconds, reason in (("short", 60, "ttl_expired"), ("equal", 150, "timeout_expired")):
        job = await flow.put(backend, name, replace(flow.PLAIN, ttl_seconds=ttl_seconds, timeout_seconds=150))
        run = next(run for run in await flow.fire(backend) if run.key.guid == job.guid)
        await flow.fail(backend, run, error)
        assert flow.record(backend, run).reason == reason


async def test_recording_again_changes_nothing(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    await flow.fail(backend, run, "States.HeartbeatTimeout")
    before = flow.record(backend, run)
    backend.clock.advance(60)
    await flow.fail(backend, run, "JobFailed")
    assert flow.record(backend, run) == before


@pytest.mark.parametrize("cause", ["", "{", "[]", "null", '{"errorMessage": 5}', "[" * 10_000, "x" * 100_000])
async def test_no_cause_is_too_strange(backend: MemoryBackend, cause: str) -> None:
    run = await flow.started(backend)
    await flow.fail(backend, run, "Lambda.Unknown", cause)
    assert len(flow.record(backend, run).error or "") <= 1_024


async def test_a_cause_of_lambda_keeps_its_message_and_not_its_trace(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    cause = json.dumps({"errorMessage": "no answer in time", "stackTrace": ["secret-path"]})
    await flow.fail(backend, run, "WebhookUnavailable", cause)
    assert flow.record(backend, run).error == "no answer in time"


async def _execute(backend: MemoryBackend, run: ExecutionInput) -> None:
    """A whole execution as its participants carry it on: each step that dies is done again."""
    error: object = Crash()
    while isinstance(error, Crash):
        try:
            error = await flow.attempt(backend, run)
        except Crash as crash:
            error = crash
    assert error is None
    while True:
        try:
            await flow.call_back(backend, status="heartbeat", progress=50)
            await flow.call_back(backend, status="success", state="42")
            return
        except Crash:
            if flow.record(backend, run).ended:
                with suppress(Crash):
                    await flow.call_back(backend, status="success", state="42")
                return


def _outcome(execution: Execution) -> tuple[object, ...]:
    return (execution.status, execution.state, execution.progress, execution.workflow_reported, execution.holds_lock)


async def test_a_death_at_any_moment_of_an_execution_leaves_the_clean_outcome() -> None:
    died = 0
    for moment in range(1, 40):
        backend = MemoryBackend()
        await flow.put(backend, settings=flow.exclusive())
        (run,) = await flow.fire(backend)
        backend.tripwire.set(moment)
        await _execute(backend, run)
        died += backend.tripwire.sprung
        assert _outcome(flow.record(backend, run)) == (Status.SUCCESS, "42", 50, True, False)
        assert not backend.memory.rows.locks
        assert [success.state for success in backend.memory.rows.last_successes.values()] == ["42"]
        assert backend.workflows.ends[run.execution_id].error is None
        assert len(backend.workflows.reported) == 1
    assert 10 < died < 39, "the moments must cover the whole execution"


async def test_a_death_while_a_failure_is_recorded_is_mended_by_the_retry() -> None:
    for moment in range(1, 6):
        backend = MemoryBackend()
        run = await flow.started(backend, flow.exclusive())
        backend.tripwire.set(moment)
        with suppress(Crash):
            await flow.fail(backend, run, "States.HeartbeatTimeout")
        await flow.fail(backend, run, "States.HeartbeatTimeout")
        assert flow.record(backend, run).status is Status.TIMED_OUT
        assert not backend.memory.rows.locks


async def test_a_callback_at_any_moment_of_an_attempt_ends_the_run_once() -> None:
    met = 0
    for moment in range(1, 20):
        backend = MemoryBackend()
        await flow.put(backend, settings=flow.exclusive())
        (run,) = await flow.fire(backend)
        backend.webhooks.answers.append(Answer(200))

        async def answer_early(backend: MemoryBackend = backend) -> None:
            if backend.webhooks.posts:
                await flow.call_back(backend, status="success")

        backend.tripwire.set(moment, answer_early)
        assert await flow.attempt(backend, run) is None
        met += flow.record(backend, run).ended
        await flow.call_back(backend, status="success")
        assert flow.record(backend, run).status is Status.SUCCESS
        assert flow.record(backend, run).workflow_reported
        assert len(backend.workflows.reported) == 1
    assert met > 2
