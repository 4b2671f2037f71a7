"""Runs of the state machine: each is started once, waits on its token, hears heartbeats and its end, and then nothing.

What time does to a run is the differential test's matter: moto's time is real.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from jobhook.core.executions.decisions import CompleteTask, Decision
from jobhook.core.executions.execution import ExecutionInput, Status
from jobhook.core.executions.writes import PutExecution
from jobhook.ports import TaskGone, WorkflowEnd, WriteConflict
from tests.contract.values import MINUTE, NIGHTLY, T0, a_key, an_execution
from tests.contract.workflow_rigs import RIGS, WorkflowRig


@pytest.fixture(params=list(RIGS))
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[WorkflowRig]:
    async with RIGS[request.param]() as opened:
        yield opened


def a_run(minute: int = 0) -> ExecutionInput:
    return ExecutionInput(a_key(minute=minute).id, "reports", "nightly", NIGHTLY, T0 + minute * MINUTE, 60, 75, 315)


async def waiting(rig: WorkflowRig, minute: int = 0) -> str:
    """The token of a run that has been started."""
    assert list(await rig.workflows.start([a_run(minute)])) == []
    return await rig.token_of(a_key(minute=minute).id)


async def test_a_started_run_waits(rig: WorkflowRig) -> None:
    assert await waiting(rig)
    assert await rig.workflows.describe_end(a_key().id) is None


async def test_a_run_is_started_once(rig: WorkflowRig) -> None:
    token = await waiting(rig)
    assert list(await rig.workflows.start([a_run(), a_run(1), a_run(1)])) == []
    await rig.token_of(a_key(minute=1).id)
    assert {key: len(tokens) for key, tokens in rig.tokens.items()} == {a_key().id: 1, a_key(minute=1).id: 1}
    await rig.workflows.complete_task(CompleteTask(a_key(), token))
    await rig.end_of(a_key().id)
    assert list(await rig.workflows.start([a_run()])) == []
    assert (await rig.end_of(a_key().id)).error is None
    assert len(rig.tokens[a_key().id]) == 1


async def test_a_success_ends_the_run(rig: WorkflowRig) -> None:
    await rig.workflows.complete_task(CompleteTask(a_key(), await waiting(rig)))
    assert await rig.end_of(a_key().id) == WorkflowEnd(None, None, a_run())
    assert list(await rig.workflows.list_failed(0)) == []


async def test_a_failure_ends_the_run_and_stands_in_its_cause(rig: WorkflowRig) -> None:
    await rig.workflows.complete_task(CompleteTask(a_key(), await waiting(rig), "JobFailed", "job_failed"))
    end = await rig.end_of(a_key().id)
    assert (end.error, end.run) == ("ExecutionFailed", a_run())
    assert "JobFailed" in (end.cause or "")
    assert list(await rig.workflows.list_failed(0)) == [a_key().id]


async def test_a_waiting_task_hears_heartbeats(rig: WorkflowRig) -> None:
    token = await waiting(rig)
    for _ in range(2):
        await rig.workflows.heartbeat(token)
    assert await rig.workflows.describe_end(a_key().id) is None


async def test_an_ended_task_is_gone(rig: WorkflowRig) -> None:
    token = await waiting(rig)
    await rig.workflows.complete_task(CompleteTask(a_key(), token))
    await rig.end_of(a_key().id)
    with pytest.raises(TaskGone):
        await rig.workflows.heartbeat(token)
    with pytest.raises(TaskGone):
        await rig.workflows.complete_task(CompleteTask(a_key(), token))
    assert (await rig.end_of(a_key().id)).error is None


async def test_a_token_that_nobody_was_given_is_gone(rig: WorkflowRig) -> None:
    await waiting(rig)
    with pytest.raises(TaskGone):
        await rig.workflows.heartbeat("no-such-token")
    for error in (None, "JobFailed"):
        with pytest.raises(TaskGone):
            await rig.workflows.complete_task(CompleteTask(a_key(), "no-such-token", error))


async def test_a_run_that_was_never_started_ended_unknown(rig: WorkflowRig) -> None:
    end = await rig.workflows.describe_end(a_key(minute=9).id)
    assert end is not None
    assert (end.error, end.run) == ("Unknown", None)


async def test_a_decision_beats_and_writes(rig: WorkflowRig) -> None:
    token = await waiting(rig)
    execution = replace(an_execution(), task_token=token)
    await rig.effects.carry_out(Decision((PutExecution(execution, None),), heartbeat=token))
    assert await rig.store.read_execution(a_key()) == execution


async def test_where_the_task_is_gone_nothing_is_written(rig: WorkflowRig) -> None:
    await waiting(rig)
    with pytest.raises(TaskGone):
        await rig.effects.carry_out(Decision((PutExecution(an_execution(), None),), heartbeat="no-such-token"))
    assert await rig.store.read_execution(a_key()) is None


async def test_a_decision_writes_the_outcome_tells_it_and_notes_that(rig: WorkflowRig) -> None:
    token = await waiting(rig)
    ended = replace(an_execution(status=Status.SUCCESS), task_token=token)
    await rig.effects.carry_out(Decision((PutExecution(ended, None),), completion=CompleteTask(a_key(), token)))
    assert (await rig.end_of(a_key().id)).error in (None, "Unknown")  # a run need not be kept beside its record
    assert await rig.store.read_execution(a_key()) == replace(ended, workflow_reported=True)


async def test_an_outcome_that_loses_is_not_told(rig: WorkflowRig) -> None:
    token = await waiting(rig)
    await rig.store.commit((PutExecution(an_execution(), None),))
    ended = replace(an_execution(status=Status.FAILED), task_token=token)
    with pytest.raises(WriteConflict):
        await rig.effects.carry_out(
            Decision((PutExecution(ended, 7),), completion=CompleteTask(a_key(), token, "JobFailed"))
        )
    assert await rig.workflows.describe_end(a_key().id) is None


async def test_a_task_that_is_gone_needs_to_hear_no_end(rig: WorkflowRig) -> None:
    ended = an_execution(status=Status.SUCCESS)
    tell = CompleteTask(a_key(), "no-such-token")
    await rig.effects.carry_out(Decision((PutExecution(ended, None),), completion=tell))
    assert await rig.store.read_execution(a_key()) == replace(ended, workflow_reported=True)


async def test_a_run_whose_open_record_came_first_is_started(rig: WorkflowRig) -> None:
    asked = replace(an_execution(status=Status.PENDING), attempts=(), task_token=None)
    await rig.store.commit((PutExecution(asked, None),))
    await waiting(rig)
    await rig.workflows.start((a_run(),))
    assert len(rig.tokens[asked.id]) == 1


async def test_a_cancelled_run_says_so_in_its_cause(rig: WorkflowRig) -> None:
    await rig.workflows.complete_task(CompleteTask(a_key(), await waiting(rig), "Cancelled", "cancelled"))
    end = await rig.end_of(a_key().id)
    assert end.error == "ExecutionFailed"
    assert '"Cancelled"' in (end.cause or "")
