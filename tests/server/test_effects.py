"""Heartbeat, writes and the task's end are one transaction: all of it or nothing."""

from dataclasses import replace

import pytest

from jobhook.core.executions.decisions import CompleteTask, Decision
from jobhook.core.executions.execution import Status
from jobhook.core.executions.outcomes import Outcome, end
from jobhook.core.executions.writes import PutExecution
from jobhook.core.identities import ExecutionKey
from jobhook.ports import TaskGone, WriteConflict
from jobhook.server.asl.run import Run
from jobhook.server.sqlite import runs
from tests.server.one_machine import World


def run(world: World, key: ExecutionKey) -> Run:
    stored = runs.read(world.database.reader, key.id)
    assert stored is not None
    return stored


async def test_a_lost_condition_undoes_the_heartbeat(world: World) -> None:
    key = await world.started()
    execution, before = await world.execution(key), run(world, key)
    world.clock.advance(30)
    stale = PutExecution(replace(execution, revision=execution.revision + 1), execution.revision - 1)
    with pytest.raises(WriteConflict):
        await world.backend.effects.carry_out(Decision((stale,), heartbeat=execution.task_token))
    assert run(world, key) == before
    assert await world.execution(key) == execution
    await world.pass_time(31)
    assert (await world.execution(key)).status is Status.TIMED_OUT


async def test_a_heartbeat_that_finds_no_task_writes_nothing(world: World) -> None:
    key = await world.started()
    execution = await world.execution(key)
    alive = PutExecution(
        replace(
            execution, expires_at_ms=execution.expires_from(world.clock.time_ms + 1), revision=execution.revision + 1
        ),
        execution.revision,
    )
    for gone in (f"{key.id}~0000", "nobody~0000"):
        with pytest.raises(TaskGone):
            await world.backend.effects.carry_out(Decision((alive,), heartbeat=gone))
    assert await world.execution(key) == execution


async def test_a_heartbeat_moves_both_deadlines(world: World) -> None:
    key = await world.started()
    world.clock.advance(30)
    execution = await world.execution(key)
    alive = PutExecution(
        replace(execution, expires_at_ms=execution.expires_from(world.clock.time_ms), revision=execution.revision + 1),
        execution.revision,
    )
    await world.backend.effects.carry_out(Decision((alive,), heartbeat=execution.task_token))
    assert (await world.execution(key)).expires_at_ms == world.clock.time_ms + 60_000
    assert run(world, key).heartbeat_deadline_ms == world.clock.time_ms + 60_000


async def test_the_end_and_the_news_of_it_are_stored_together(world: World) -> None:
    key = await world.started()
    execution = await world.execution(key)
    await world.backend.effects.carry_out(end(execution, Outcome(Status.SUCCESS), world.clock.time_ms, reported=False))
    stored = await world.execution(key)
    assert (stored.status, stored.workflow_reported) == (Status.SUCCESS, True)
    assert not world.run_is_there(key)


async def test_an_end_whose_condition_is_lost_leaves_the_task_waiting(world: World) -> None:
    key = await world.started()
    execution = await world.execution(key)
    stale = replace(execution, revision=execution.revision + 7)
    with pytest.raises(WriteConflict):
        await world.backend.effects.carry_out(end(stale, Outcome(Status.SUCCESS), world.clock.time_ms, reported=False))
    assert await world.execution(key) == execution
    assert run(world, key).token == execution.task_token


async def test_an_end_is_stored_though_its_task_is_gone(world: World) -> None:
    key = await world.started()
    execution = await world.execution(key)
    await world.engine.complete_task(CompleteTask(key, execution.task_token or ""))
    await world.backend.effects.carry_out(end(execution, Outcome(Status.SUCCESS), world.clock.time_ms, reported=False))
    stored = await world.execution(key)
    assert (stored.status, stored.workflow_reported) == (Status.SUCCESS, True)


async def test_telling_again_without_writes_marks_the_record(world: World) -> None:
    key = await world.started()
    execution = await world.execution(key)
    reported = end(execution, Outcome(Status.SUCCESS), world.clock.time_ms, reported=False)
    await world.store.commit(reported.writes)  # as if the process had died in between, on a backend where it could
    assert (await world.execution(key)).workflow_reported is False
    assert reported.completion is not None
    await world.backend.effects.carry_out(Decision(completion=reported.completion))
    assert (await world.execution(key)).workflow_reported is True
    assert not world.run_is_there(key)


async def test_nothing_to_do_is_no_error(world: World) -> None:
    await world.backend.effects.carry_out(Decision())
