"""Exclusive jobs: one run at a time, and no lock outlives its holder."""

import pytest

from jobhook.core.errors import ExclusiveRunInProgress
from jobhook.core.executions.execution import ExecutionInput, Status
from jobhook.core.targets.answer import Answer
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def test_an_exclusive_job_refuses_a_second_run(backend: MemoryBackend) -> None:
    first = await flow.started(backend, flow.exclusive())
    (second,) = await flow.fire(backend)
    error = await flow.attempt(backend, second)
    assert isinstance(error, ExclusiveRunInProgress)
    await flow.fail(backend, second, "ExclusiveRunInProgress")
    assert len(backend.webhooks.posts) == 1
    refused = flow.record(backend, second)
    assert (refused.status, refused.reason) == (Status.FAILED, "exclusive_run_in_progress")
    assert flow.lock_holder(backend) == first.key


@pytest.mark.parametrize("ending", ["success", "fail", "States.HeartbeatTimeout", "States.Timeout", "Lambda.Unknown"])
async def test_every_way_to_end_frees_the_lock(backend: MemoryBackend, ending: str) -> None:
    run = await flow.started(backend, flow.exclusive())
    if ending in ("success", "fail"):
        await flow.call_back(backend, status=ending)
    else:
        await flow.fail(backend, run, ending)
    assert flow.lock_holder(backend) is None
    (second,) = await flow.fire(backend)
    assert await flow.attempt(backend, second) is None
    assert flow.lock_holder(backend) == second.key


async def test_a_retry_of_the_holder_is_not_refused_by_its_own_lock(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=flow.exclusive())
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(503))
    await flow.attempt(backend, run)
    assert await flow.attempt(backend, run) is None
    assert flow.lock_holder(backend) == run.key


@pytest.mark.parametrize("record", ["ended", "absent"])
async def test_a_lock_whose_holder_is_gone_is_taken_over(backend: MemoryBackend, record: str) -> None:
    first = await flow.started(backend, flow.exclusive())
    lock = dict(backend.memory.rows.locks)
    await flow.call_back(backend, status="success")
    backend.memory.rows.locks.update(lock)
    if record == "absent":
        del backend.memory.rows.executions[first.key]
    (second,) = await flow.fire(backend)
    assert await flow.attempt(backend, second) is None
    assert flow.lock_holder(backend) == second.key


async def test_two_runs_that_begin_at_any_moment_of_each_other_never_overlap() -> None:
    met = 0
    for moment in range(1, 20):
        backend = MemoryBackend()
        await flow.put(backend, settings=flow.exclusive())
        (first,) = await flow.fire(backend)
        (second,) = await flow.fire(backend)
        outcomes: list[object] = []

        async def rival(
            backend: MemoryBackend = backend, run: ExecutionInput = second, outcomes: list[object] = outcomes
        ) -> None:
            outcomes.append(await flow.attempt(backend, run))

        backend.tripwire.set(moment, rival)
        outcomes.append(await flow.attempt(backend, first))
        if backend.tripwire.sprung:
            met += 1
            assert [type(outcome) for outcome in outcomes if outcome is not None] == [ExclusiveRunInProgress]
            assert len(backend.webhooks.posts) == 1
            assert len(backend.memory.rows.executions) == 1
    assert 0 < met < 19, "the moments must cover the whole attempt"
