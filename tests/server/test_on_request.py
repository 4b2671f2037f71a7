"""Runs, cancellations, pauses and retries on one machine: SQLite, the engine and a restart in between."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobhook.core.errors import ExecutionEnded
from jobhook.core.executions.execution import Status
from jobhook.core.executions.manual_runs import RunRequest, request_run
from jobhook.core.executions.writes import PutExecution
from jobhook.core.identities import ExecutionKey
from jobhook.core.targets.answer import Answer
from jobhook.use_cases.cancel_execution import cancel_execution
from jobhook.use_cases.pause_job import pause_job
from jobhook.use_cases.retry_execution import retry_execution
from jobhook.use_cases.run_job import run_job
from tests.fakes.backend import START_MS
from tests.fakes.ports import CountingIds, FakeClock
from tests.server.one_machine import PLAIN, World, one_machine


async def asked(world: World, request: RunRequest | None = None) -> ExecutionKey:
    key = (await run_job(world.backend, "reports", "nightly", request or RunRequest())).key
    await world.engine.idle()
    return key


async def test_a_disabled_job_runs_by_hand_and_succeeds(world: World) -> None:
    await world.put(settings=replace(PLAIN, enabled=False))
    key = await asked(world, RunRequest("today", replaces_payload=True))
    assert world.posts(key)[0]["payload"] == "today"
    done = await world.call_back(world.callback_of(key), "success")
    assert (done.status, done.duration_ms) == (Status.SUCCESS, 0)
    assert not world.run_is_there(key)


async def test_a_run_that_waits_is_cancelled_with_its_run_and_its_lock(world: World) -> None:
    await world.put(settings=replace(PLAIN, exclusive=True))
    key = await asked(world)
    await cancel_execution(world.backend, key.id)
    await world.engine.idle()
    assert not world.run_is_there(key)
    assert await world.store.read_lock_holder(key.guid, key.incarnation) is None
    with pytest.raises(ExecutionEnded) as ended:
        await world.call_back(world.callback_of(key), "heartbeat")
    assert ended.value.status is Status.CANCELLED
    execution = await world.execution(key)
    await world.pass_time(3_600)
    assert await world.execution(key) == execution


async def test_a_run_that_is_cancelled_while_its_webhook_is_sent_ends(world: World) -> None:
    async def cancel(url: str, body: bytes) -> Answer:
        page = await world.store.list_overdue(2**45, 1)
        await cancel_execution(world.backend, page[0].id)
        return Answer(503)

    world.webhooks.answers.append(cancel)
    await world.put()
    key = await asked(world)
    execution = await world.execution(key)
    assert (execution.status, execution.attempts[0].http_status) == (Status.CANCELLED, 503)
    assert not world.run_is_there(key)
    await world.pass_time(600)
    assert len(world.posts(key)) == 1


async def test_a_run_that_is_cancelled_between_attempts_sends_no_other(world: World) -> None:
    world.webhooks.answers.append(Answer(503))
    await world.put()
    key = await asked(world)
    await cancel_execution(world.backend, key.id)
    for _ in range(5):
        await world.pass_time(1)
    assert len(world.posts(key)) == 1
    assert not world.run_is_there(key)
    assert (await world.execution(key)).status is Status.CANCELLED


async def test_a_paused_jobs_occurrences_are_skipped_until_the_pause_is_over(world: World) -> None:
    job = await world.put()
    await pause_job(world.backend, "reports", "nightly", "holiday", START_MS + 90_000)
    skipped = await world.execution(ExecutionKey(job.guid, job.incarnation, await world.fire()))
    assert (skipped.status, skipped.reason) == (Status.SKIPPED, "job_paused")
    ran = await world.execution(ExecutionKey(job.guid, job.incarnation, await world.fire()))
    assert ran.status is Status.RUNNING


async def test_a_failure_is_retried(world: World) -> None:
    await world.put()
    world.webhooks.answers.append(Answer(404))
    key = await asked(world)
    assert (await world.execution(key)).reason == "webhook_refused"
    retry = await retry_execution(world.backend, key.id)
    await world.engine.idle()
    await world.call_back(world.callback_of(retry.key), "success")
    assert (await world.execution(key)).retried_by == retry.id
    assert (await world.execution(retry.key)).status is Status.SUCCESS


async def test_a_run_whose_process_died_before_it_was_started_is_started_by_the_next(tmp_path: Path) -> None:
    clock, ids = FakeClock(START_MS), CountingIds()
    async with one_machine(tmp_path / "jobhook.db", clock=clock, ids=ids) as before:
        job = await before.put()
        stored = request_run(job, RunRequest(), START_MS + 1)
        await before.store.commit((PutExecution(stored, None),))
    clock.advance(120)
    async with one_machine(tmp_path / "jobhook.db", clock=clock, ids=ids) as after:
        report = await after.reconcile()
        assert report.mended["close_overdue"] == 1
        assert len(after.posts(stored.key)) == 1
        assert (await after.execution(stored.key)).status is Status.RUNNING
        await after.call_back(after.callback_of(stored.key), "success")
