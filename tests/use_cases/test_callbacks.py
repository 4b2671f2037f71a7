"""Callbacks: the contract's table, on records and on the state machine."""

from dataclasses import replace

import pytest

from jobhook.core.errors import CallbackNotFound, ExecutionEnded, InvalidDocument
from jobhook.core.executions.callbacks import Callback
from jobhook.core.executions.execution import Status
from jobhook.core.targets.answer import Answer
from jobhook.use_cases.record_callback import record_callback
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def test_heartbeats_carry_a_run_past_its_ttl(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    for progress in (20, 40, 60, 80):
        backend.clock.advance(50)
        beaten = await flow.call_back(backend, status="heartbeat", progress=progress)
        assert beaten.expires_at_ms == backend.clock.now_ms() + 60_000
    ended = await flow.call_back(backend, status="success")
    assert (ended.status, ended.progress) == (Status.SUCCESS, 80)
    assert flow.record(backend, run).workflow_reported
    assert len(backend.workflows.beats) == 5


async def test_no_heartbeat_reaches_past_the_timeout_of_the_whole_run(backend: MemoryBackend) -> None:
    await flow.started(backend, replace(flow.PLAIN, ttl_seconds=60, timeout_seconds=100))
    start_ms = backend.clock.now_ms()
    backend.clock.advance(50)
    beaten = await flow.call_back(backend, status="heartbeat")
    assert beaten.expires_at_ms == start_ms + 100_000
    backend.clock.advance(50)
    with pytest.raises(ExecutionEnded):
        await flow.call_back(backend, status="heartbeat")


@pytest.mark.parametrize("answered", [True, False])
async def test_a_heartbeat_whose_task_is_gone_is_stored_and_the_next_attempt_adopts_its_task(
    backend: MemoryBackend, answered: bool
) -> None:
    """An invocation was lost, before or after it noted the service's answer, and the job runs on."""
    run = await flow.started(backend)
    if not answered:
        begun = replace(flow.record(backend, run), status=Status.PENDING)
        backend.memory.rows.executions[run.key] = begun
    backend.workflows.lose(run.execution_id)
    backend.clock.advance(50)
    beaten = await flow.call_back(backend, status="heartbeat", progress=40)
    assert (beaten.status, beaten.progress) == (Status.RUNNING, 40)
    assert beaten.expires_at_ms == backend.clock.now_ms() + 60_000
    backend.clock.advance(20)
    assert await flow.attempt(backend, run) is None
    assert len(backend.webhooks.posts) == 1
    await flow.call_back(backend, status="success")
    assert backend.workflows.ends[run.execution_id].error is None


async def test_a_heartbeat_after_the_ttl_is_refused_though_the_record_is_open(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    before = flow.record(backend, run)
    backend.workflows.lose(run.execution_id)
    backend.clock.advance(60)
    with pytest.raises(ExecutionEnded) as ended:
        await flow.call_back(backend, status="heartbeat")
    assert ended.value.status == Status.TIMED_OUT
    assert flow.record(backend, run) == before


async def test_a_heartbeat_that_races_the_next_attempt_reaches_its_task(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    backend.workflows.lose(run.execution_id)
    backend.tripwire.set(2, lambda: flow.attempt(backend, run))
    backend.clock.advance(50)
    beaten = await flow.call_back(backend, status="heartbeat")
    assert backend.tripwire.sprung
    assert beaten == flow.record(backend, run)
    assert backend.workflows.beats[-1] == beaten.task_token
    assert len(backend.webhooks.posts) == 1


async def test_an_end_is_stored_though_the_task_is_gone(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    backend.workflows.lose(run.execution_id)
    await flow.call_back(backend, status="success", state="42")
    await flow.fail(backend, run, "States.HeartbeatTimeout")
    assert flow.record(backend, run).status is Status.SUCCESS


async def test_a_heartbeat_between_two_attempts_is_taken(backend: MemoryBackend) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(503))
    await flow.attempt(backend, run)
    beaten = await flow.call_back(backend, status="heartbeat")
    assert beaten.status is Status.RUNNING
    assert await flow.attempt(backend, run) is None
    assert len(backend.webhooks.posts) == 1
    await flow.call_back(backend, status="success")
    assert backend.workflows.ends[run.execution_id].error is None


async def test_success_between_two_attempts_ends_the_next_without_a_post(backend: MemoryBackend) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(503))
    await flow.attempt(backend, run)
    await flow.call_back(backend, status="success")
    assert await flow.attempt(backend, run) is None
    assert len(backend.webhooks.posts) == 1
    assert backend.workflows.ends[run.execution_id].error is None


async def test_fail_keeps_what_the_service_says_and_not_the_last_success(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    await flow.call_back(
        backend, status="fail", error="disk full", state="half", summary="no", correlation_id="c-1", progress=50
    )
    execution = flow.record(backend, run)
    assert (execution.status, execution.reason, execution.error) == (Status.FAILED, "job_failed", "disk full")
    assert (execution.state, execution.summary, execution.correlation_id, execution.progress) == (
        "half",
        "no",
        "c-1",
        50,
    )
    assert not backend.memory.rows.last_successes
    assert [end.error for end in backend.workflows.reported] == ["JobFailed"]


async def test_the_same_end_again_changes_nothing_and_tells_nobody(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    await flow.call_back(backend, status="success", state="42")
    before = flow.record(backend, run)
    await flow.call_back(backend, status="success", state="43")
    assert flow.record(backend, run) == before
    assert len(backend.workflows.reported) == 1


@pytest.mark.parametrize("ending", ["success", "fail"])
@pytest.mark.parametrize("later", ["success", "fail", "heartbeat"])
async def test_the_first_end_stands(backend: MemoryBackend, ending: str, later: str) -> None:
    run = await flow.started(backend)
    await flow.call_back(backend, status=ending)
    status = flow.record(backend, run).status
    if later != ending:
        with pytest.raises(ExecutionEnded) as ended:
            await flow.call_back(backend, status=later)
        assert ended.value.status == status
    assert flow.record(backend, run).status is status


async def test_the_last_success_moves_only_forward(backend: MemoryBackend) -> None:
    older = await flow.started(backend)
    (newer,) = await flow.fire(backend)
    await flow.attempt(backend, newer)
    await flow.call_back(backend, 1, status="success", state="newer")
    backend.clock.time_ms = newer.scheduled_time_ms - 10_000
    await flow.call_back(backend, 0, status="success", state="older")
    (success,) = backend.memory.rows.last_successes.values()
    assert (success.execution_id, success.state) == (newer.execution_id, "newer")
    assert flow.record(backend, older).state == "older"


async def test_no_altered_token_is_taken(backend: MemoryBackend) -> None:
    await flow.started(backend)
    guid, token = flow.callback_path(backend)
    before = dict(backend.memory.rows.executions)

    def unread() -> Callback:
        raise AssertionError("the body was read before the token was proved")

    for place in range(len(token)):
        altered = token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :]
        with pytest.raises(CallbackNotFound):
            await record_callback(backend, guid, altered, unread)
    assert backend.memory.rows.executions == before


async def test_a_state_schema_refuses_the_wrong_state_and_the_run_waits_on(backend: MemoryBackend) -> None:
    schema = {"type": "object", "required": ["sold"], "properties": {"sold": {"type": "integer"}}}
    run = await flow.started(backend, replace(flow.PLAIN, state_schema=schema))
    for state in (None, "not json", "[]", '{"sold": "x"}'):
        with pytest.raises(InvalidDocument) as refused:
            await flow.call_back(backend, status="success", state=state)
        assert refused.value.code == "InvalidState"
        assert all(problem.field.startswith("state") for problem in refused.value.problems)
        assert not flow.record(backend, run).ended
    await flow.call_back(backend, status="heartbeat", state="anything")
    await flow.call_back(backend, status="success", state='{"sold": 42}')
    assert flow.record(backend, run).status is Status.SUCCESS


async def test_a_state_schema_does_not_hold_up_a_failure(backend: MemoryBackend) -> None:
    run = await flow.started(backend, replace(flow.PLAIN, state_schema={"type": "object"}))
    await flow.call_back(backend, status="fail", state="half")
    assert flow.record(backend, run).status is Status.FAILED


async def test_a_heartbeat_that_success_overtakes_is_told_so(backend: MemoryBackend) -> None:
    await flow.started(backend)

    async def overtake() -> None:
        await flow.call_back(backend, status="success")

    backend.tripwire.set(1, overtake)
    with pytest.raises(ExecutionEnded) as ended:
        await flow.call_back(backend, status="heartbeat")
    assert ended.value.status == Status.SUCCESS


async def test_a_heartbeat_that_a_new_task_overtakes_holds_the_new_task(backend: MemoryBackend) -> None:
    run = await flow.started(backend)

    async def overtake() -> None:
        assert await flow.attempt(backend, run) is None

    backend.tripwire.set(1, overtake)
    beaten = await flow.call_back(backend, status="heartbeat")
    assert beaten.task_token in backend.workflows.waiting
    assert backend.workflows.beats[-1] == beaten.task_token
