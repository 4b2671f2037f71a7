"""Runs, retries and cancellations that a person asks for."""

from dataclasses import replace

import pytest

from jobhook.core.errors import ExclusiveRunInProgress, ExecutionEnded, JobNotFound
from jobhook.core.executions.execution import Execution, ExecutionInput, Status, Trigger
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.jobs.overlap import Overlap
from jobhook.core.targets.answer import Answer
from jobhook.use_cases.cancel_execution import cancel_execution
from jobhook.use_cases.retry_execution import retry_execution
from jobhook.use_cases.run_job import run_job
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend
from tests.fakes.tripwire import Crash
from tests.use_cases.invariants import settle

STARTING = range(1, 5)  # before and after: the commit, the start
ENDING = range(1, 7)  # before and after: the commit, the end of the task, the note of it
DAILY = replace(flow.PLAIN, schedule="rate(1 day)")


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def run(backend: MemoryBackend, request: RunRequest | None = None) -> ExecutionInput:
    """The input of the run that was asked for."""
    execution = await run_job(backend, "reports", "nightly", request or RunRequest())
    return backend.workflows.started[execution.id]


async def failed(backend: MemoryBackend) -> Execution:
    started = await flow.started(backend)
    return await _failed(backend, started)


async def _failed(backend: MemoryBackend, started: ExecutionInput) -> Execution:
    await flow.call_back(backend, status="fail", error="disk full")
    return flow.record(backend, started)


async def test_a_run_by_hand_is_there_at_once_and_then_runs_as_any_other(backend: MemoryBackend) -> None:
    await flow.put(backend)
    asked = await run(backend, RunRequest("today", replaces_payload=True))
    assert flow.record(backend, asked).status is Status.PENDING
    backend.clock.advance(3)
    assert await flow.attempt(backend, asked) is None
    assert flow.webhook(backend)["payload"] == "today"
    record = flow.record(backend, asked)
    assert (record.status, record.trigger, record.holds_lock) == (Status.RUNNING, Trigger.RUN, False)
    assert 2_990 < (record.invocation_latency_ms or 0) <= 3_000
    assert record.timeout_at_ms == backend.clock.now_ms() + 300_000
    done = await flow.call_back(backend, status="success", state="42")
    assert done.status is Status.SUCCESS
    (scheduled,) = await flow.fire(backend)
    await flow.attempt(backend, scheduled)
    last = flow.webhook(backend)["last_successful_execution"]
    assert isinstance(last, dict)
    assert last["name"] == asked.execution_id


async def test_a_disabled_job_may_be_run(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=replace(flow.PLAIN, enabled=False))
    assert await flow.attempt(backend, await run(backend)) is None


async def test_a_job_that_is_not_there_is_not_run(backend: MemoryBackend) -> None:
    with pytest.raises(JobNotFound):
        await run_job(backend, "reports", "nightly", RunRequest())


async def test_runs_of_the_same_moment_are_several(backend: MemoryBackend) -> None:
    await flow.put(backend)
    runs = [await run(backend) for _ in range(3)]
    assert len({one.execution_id for one in runs}) == 3


async def test_a_run_of_the_moment_of_an_occurrence_does_not_take_its_place(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await flow.fire(backend)
    asked = await run(backend)
    assert asked.scheduled_time_ms == backend.clock.now_ms() + 1
    assert len(backend.workflows.started) == 2


async def test_an_exclusive_jobs_run_is_refused_or_not_as_it_asks(backend: MemoryBackend) -> None:
    holder = await flow.started(backend, flow.exclusive())
    refused = await run(backend)
    error = await flow.attempt(backend, refused)
    assert isinstance(error, ExclusiveRunInProgress)
    await flow.fail(backend, refused, "ExclusiveRunInProgress", str(error))
    assert flow.record(backend, refused).reason == "exclusive_run_in_progress"
    beside = await run(backend, RunRequest(overlap=Overlap.ALLOW))
    assert await flow.attempt(backend, beside) is None
    await flow.call_back(backend, status="success")
    assert flow.lock_holder(backend) == holder.key


async def test_an_exclusive_jobs_run_by_hand_holds_the_lock(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=flow.exclusive())
    asked = await run(backend)
    assert flow.lock_holder(backend) is None
    assert await flow.attempt(backend, asked) is None
    assert flow.lock_holder(backend) == asked.key
    await flow.call_back(backend, status="success")
    assert flow.lock_holder(backend) is None


@pytest.mark.parametrize("at", STARTING)
async def test_a_run_that_died_anywhere_is_started_once_or_was_never_there(backend: MemoryBackend, at: int) -> None:
    await flow.put(backend, settings=DAILY)
    backend.tripwire.set(at)
    try:
        await run_job(backend, "reports", "nightly", RunRequest())
    except Crash:
        pass
    await settle(backend)
    assert set(backend.workflows.started) == {key.id for key in backend.memory.rows.executions}
    assert len(backend.workflows.starts) <= 1


async def test_a_run_that_the_state_machine_did_not_take_is_started_later(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=DAILY)
    backend.workflows.refused = {_next_id(backend)}
    execution = await run_job(backend, "reports", "nightly", RunRequest())
    assert not backend.workflows.started
    backend.workflows.refused = set()
    await settle(backend)
    assert list(backend.workflows.started) == [execution.id]
    assert backend.workflows.started[execution.id].timeout_seconds == 300 + 15


def _next_id(backend: MemoryBackend) -> str:
    (job,) = backend.memory.rows.jobs.values()
    return f"{job.guid}_{job.incarnation}_{backend.clock.now_ms() + 1}"


async def test_a_cancelled_run_hears_it_with_its_next_callback(backend: MemoryBackend) -> None:
    started = await flow.started(backend, flow.exclusive())
    cancelled = await cancel_execution(backend, started.execution_id)
    assert (cancelled.status, cancelled.reason) == (Status.CANCELLED, "cancelled")
    assert flow.lock_holder(backend) is None
    assert [(tell.error, tell.cause) for tell in backend.workflows.reported] == [("Cancelled", "cancelled")]
    assert flow.record(backend, started).workflow_reported
    for status in ("heartbeat", "success", "fail"):
        with pytest.raises(ExecutionEnded) as ended:
            await flow.call_back(backend, status=status)
        assert ended.value.status == "cancelled"
    again = await cancel_execution(backend, started.execution_id)
    assert again == flow.record(backend, started)
    assert len(backend.workflows.reported) == 1


async def test_a_run_that_is_cancelled_between_attempts_sends_no_other_webhook(backend: MemoryBackend) -> None:
    await flow.put(backend)
    (started,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(503))
    await flow.attempt(backend, started)
    await cancel_execution(backend, started.execution_id)
    assert await flow.attempt(backend, started) is None
    assert len(backend.webhooks.posts) == 1
    assert [tell.error for tell in backend.workflows.reported] == ["Cancelled"]


async def test_a_run_that_is_cancelled_before_it_began_sends_nothing(backend: MemoryBackend) -> None:
    await flow.put(backend)
    asked = await run(backend)
    await cancel_execution(backend, asked.execution_id)
    assert await flow.attempt(backend, asked) is None
    assert backend.webhooks.posts == []
    assert not backend.workflows.is_waiting(asked.key)


@pytest.mark.parametrize("at", ENDING)
async def test_a_cancellation_that_died_anywhere_is_whole_once_repeated(backend: MemoryBackend, at: int) -> None:
    started = await flow.started(backend, flow.exclusive())
    backend.tripwire.set(at)
    try:
        await cancel_execution(backend, started.execution_id)
    except Crash:
        pass
    await cancel_execution(backend, started.execution_id)
    assert flow.record(backend, started).status is Status.CANCELLED
    assert flow.record(backend, started).workflow_reported
    assert flow.lock_holder(backend) is None
    assert not backend.workflows.is_waiting(started.key)


@pytest.mark.parametrize("at", ENDING)
async def test_a_cancellation_and_a_callback_end_the_run_once(backend: MemoryBackend, at: int) -> None:
    started = await flow.started(backend)

    async def succeed() -> None:
        try:
            await flow.call_back(backend, status="success")
        except ExecutionEnded:
            pass

    backend.tripwire.set(at, succeed)
    try:
        ended = (await cancel_execution(backend, started.execution_id)).status
    except ExecutionEnded as error:
        ended = Status(error.status)
    assert flow.record(backend, started).status is ended
    assert len(backend.workflows.reported) == 1


async def test_a_retry_does_the_same_again_and_both_know(backend: MemoryBackend) -> None:
    old = await failed(backend)
    retry = await retry_execution(backend, old.id)
    assert flow.record(backend, old.key).retried_by == retry.id
    assert await flow.attempt(backend, backend.workflows.started[retry.id]) is None
    webhook = flow.webhook(backend)
    assert (webhook["retry_of"], webhook["retry_of_scheduled_time_ms"]) == (old.id, old.key.scheduled_time_ms)
    assert webhook["execution_id"] == retry.id
    await flow.call_back(backend, status="success")
    assert flow.record(backend, retry.key).retry_of == old.id


async def test_a_retry_that_failed_is_retried_in_turn(backend: MemoryBackend) -> None:
    old = await failed(backend)
    retry = await retry_execution(backend, old.id)
    await flow.attempt(backend, backend.workflows.started[retry.id])
    again = await retry_execution(backend, (await _failed(backend, backend.workflows.started[retry.id])).id)
    assert again.retry_of == retry.id


@pytest.mark.parametrize("at", STARTING)
async def test_a_retry_that_died_anywhere_is_linked_and_started_or_was_never_there(
    backend: MemoryBackend, at: int
) -> None:
    old = await failed(backend)
    backend.tripwire.set(at)
    try:
        await retry_execution(backend, old.id)
    except Crash:
        pass
    await settle(backend)
    linked = flow.record(backend, old.key).retried_by
    retries = [key.id for key, one in backend.memory.rows.executions.items() if one.retry_of == old.id]
    assert retries == ([] if linked is None else [linked])
    assert [one for one in backend.workflows.starts if one in retries] == retries
