"""The reconciler closes what no other path closed, leaves alone what is under way, and may run at any time."""

from contextlib import suppress
from dataclasses import replace

import pytest

from jobhook.core.errors import Unavailable
from jobhook.core.executions.execution import Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.schedules.rows import FireState, RuleState, ScheduleRow
from jobhook.ports import Backend, WorkflowEnd
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.dispatch_schedule import dispatch_rule
from jobhook.use_cases.reconcile import Report, Step, reconcile, reconcile_execution
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend
from tests.fakes.tripwire import Crash

RATE = replace(flow.PLAIN, schedule="rate(5 minutes)")


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def _later(backend: MemoryBackend, seconds: int = 3_600) -> Report:
    backend.clock.advance(seconds)
    report = await reconcile(backend)
    assert report.unfinished == {}
    return report


async def test_a_run_that_timed_out_unrecorded_is_recorded(backend: MemoryBackend) -> None:
    run = await flow.started(backend, flow.exclusive())
    backend.workflows.lose(run.execution_id)
    backend.workflows.ends[run.execution_id] = WorkflowEnd("States.HeartbeatTimeout", None, run)
    await _later(backend)
    execution = flow.record(backend, run)
    assert (execution.status, execution.reason) == (Status.TIMED_OUT, "ttl_expired")
    assert flow.lock_holder(backend) is None


async def test_a_run_that_waits_on_is_left_alone(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    backend.clock.advance(50)
    await flow.call_back(backend, status="heartbeat")
    before = flow.record(backend, run)
    await _later(backend, seconds=30)
    assert flow.record(backend, run) == before
    assert not await reconcile_execution(backend, run.execution_id)


async def test_a_run_that_died_before_it_wrote_anything_is_recorded(backend: MemoryBackend) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.workflows.ends[run.execution_id] = WorkflowEnd("Lambda.Unknown", "out of memory", run)
    await _later(backend, seconds=600)
    execution = flow.record(backend, run)
    assert (execution.status, execution.reason, execution.error) == (Status.FAILED, "internal_error", "out of memory")


async def test_a_run_that_was_not_told_is_told(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    backend.tripwire.set(3)
    with pytest.raises(Crash):
        await flow.call_back(backend, status="success")
    assert flow.record(backend, run).status is Status.SUCCESS
    assert not flow.record(backend, run).workflow_reported
    await _later(backend)
    assert flow.record(backend, run).workflow_reported
    assert backend.workflows.ends[run.execution_id].error is None


@pytest.mark.parametrize("gone", [True, False])
async def test_a_lock_is_freed_only_with_proof_that_its_holder_has_ended(backend: MemoryBackend, gone: bool) -> None:
    run = await flow.started(backend, replace(flow.exclusive(), ttl_seconds=86_400, timeout_seconds=172_800))
    locks = dict(backend.memory.rows.locks)
    if gone:
        await flow.call_back(backend, status="success")
        backend.memory.rows.locks.update(locks)
    await _later(backend)
    assert flow.lock_holder(backend) == (None if gone else run.key)


async def test_a_fire_that_died_is_finished(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=RATE)
    suffix = backend.memory.rows.schedules[RATE.schedule].rule_suffix
    backend.tripwire.set(3)
    with pytest.raises(Crash):
        await dispatch_rule(backend, suffix, backend.clock.now_ms() + 300_000)
    assert not backend.workflows.starts
    await _later(backend)
    (fire,) = backend.memory.rows.fires.values()
    assert (fire.state, fire.count) == (FireState.DONE, 1)
    assert len(backend.workflows.starts) == 1


async def test_a_fire_whose_schedule_is_gone_is_closed(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=RATE)
    suffix = backend.memory.rows.schedules[RATE.schedule].rule_suffix
    backend.tripwire.set(3)
    with pytest.raises(Crash):
        await dispatch_rule(backend, suffix, backend.clock.now_ms() + 300_000)
    await delete_job(backend, "reports", "nightly")
    await _later(backend)
    (fire,) = backend.memory.rows.fires.values()
    assert (fire.state, fire.count) == (FireState.DONE, 0)


async def test_rows_without_jobs_go(backend: MemoryBackend) -> None:
    now_ms = backend.clock.now_ms()
    half_made = ScheduleRow("rate(7 minutes)", "i00000000009", RuleState.CREATING, 0, now_ms, now_ms)
    backend.memory.rows.schedules[half_made.expression] = half_made
    backend.rules.standing = {half_made.rule_suffix: half_made.expression}
    await flow.put(backend, settings=RATE)
    await _later(backend, seconds=10)
    assert half_made.expression in backend.memory.rows.schedules
    await _later(backend)
    assert list(backend.memory.rows.schedules) == [RATE.schedule]
    assert list(backend.rules.standing.values()) == [RATE.schedule]


async def test_of_missed_fires_the_latest_runs_and_the_others_are_recorded(backend: MemoryBackend) -> None:
    job = await flow.put(backend)
    start_ms = backend.clock.now_ms()
    settled_ms = 4 * flow.MINUTE
    await _later(backend, seconds=4 * 60 + backend.settings.settle_seconds)
    assert backend.workflows.starts == [ExecutionKey(job.guid, job.incarnation, start_ms + settled_ms).id]
    missed = [execution for execution in backend.memory.rows.executions.values() if execution.status is Status.MISSED]
    assert [execution.key.scheduled_time_ms - start_ms for execution in missed] == [
        minute * flow.MINUTE for minute in (1, 2, 3)
    ]
    assert all(execution.reason and execution.error for execution in missed)


async def test_a_fire_that_came_is_not_missed(backend: MemoryBackend) -> None:
    await flow.put(backend)
    for _ in range(4):
        await flow.fire(backend)
    await _later(backend, seconds=backend.settings.settle_seconds)
    assert len(backend.workflows.starts) == 4
    assert all(execution.status is not Status.MISSED for execution in backend.memory.rows.executions.values())


async def test_again_it_finds_nothing_more_to_do(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=RATE)
    now_ms = backend.clock.now_ms()
    half_made = ScheduleRow("rate(7 minutes)", "i00000000009", RuleState.CREATING, 0, now_ms, now_ms)
    backend.memory.rows.schedules[half_made.expression] = half_made
    first = await _later(backend)
    assert sum(first.mended.values()) == 1
    again = await reconcile(backend)
    assert sum(again.mended.values()) == 0


async def test_a_step_that_fails_keeps_no_other_from_running(backend: MemoryBackend) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.workflows.ends[run.execution_id] = WorkflowEnd("Cancelled", None, run)
    backend.clock.advance(600)

    async def fail(_: Backend, before_ms: int) -> int:
        raise Unavailable("the rules do not answer")

    async def succeed(_: Backend, before_ms: int) -> int:
        return 7

    report = await reconcile(backend, more=(Step("failing", fail), Step("following", succeed)))
    assert report.unfinished == {"failing": "the rules do not answer"}
    assert report.mended["following"] == 7
    assert flow.record(backend, run).status is Status.CANCELLED


@pytest.mark.parametrize("execution_id", ["", "nonsense", "00000000-0000-5000-8000-000000000000_i00000000001_5"])
async def test_a_run_that_is_not_ours_is_left_alone(backend: MemoryBackend, execution_id: str) -> None:
    assert not await reconcile_execution(backend, execution_id)
    assert not backend.memory.rows.executions


async def test_a_death_at_any_moment_of_it_is_mended_by_the_next() -> None:
    died = 0
    for moment in range(1, 60):
        backend = await _much_to_mend()
        backend.tripwire.set(moment)
        with suppress(Crash):
            await reconcile(backend)
        if not backend.tripwire.sprung:
            break
        died += 1
        await _later(backend, backend.settings.settle_seconds + 1)
        rows = backend.memory.rows
        assert not rows.locks
        assert list(rows.schedules) == [flow.EVERY_MINUTE]
        assert {fire.state for fire in rows.fires.values()} <= {FireState.DONE, FireState.MISSED}
        for minute in range(1, 10):
            nominal_ms = START_MS + minute * flow.MINUTE
            assert sum(fire.scheduled_time_ms <= nominal_ms <= fire.until_ms for fire in rows.fires.values()) == 1
        ended = [execution for execution in rows.executions.values() if execution.ended]
        assert all(execution.workflow_reported for execution in ended)
        assert len(backend.workflows.starts) == len(set(backend.workflows.starts))
        assert backend.workflows.starts
    assert 10 < died < 59, "the moments must cover the whole of it"


async def _much_to_mend() -> MemoryBackend:
    backend = MemoryBackend()
    run = await flow.started(backend, flow.exclusive())
    backend.workflows.lose(run.execution_id)
    backend.workflows.ends[run.execution_id] = WorkflowEnd("States.HeartbeatTimeout", None, run)
    now_ms = backend.clock.now_ms()
    half_made = ScheduleRow("rate(7 minutes)", "i00000000009", RuleState.CREATING, 0, now_ms, now_ms)
    backend.memory.rows.schedules[half_made.expression] = half_made
    backend.clock.advance(backend.settings.settle_seconds + 240)
    return backend
