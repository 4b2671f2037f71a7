"""Pauses: occurrences pass and are recorded, and come again by themselves or when somebody says so."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from jobhook.core.errors import JobNotFound, JobPaused
from jobhook.core.executions.execution import Status
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.dispatch_schedule import dispatch_rule
from jobhook.use_cases.pause_job import pause_job, resume_job
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.run_job import run_job
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

REPORTS = ("reports", "nightly")


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


def ledger(backend: MemoryBackend) -> Sequence[tuple[int, Status, str | None]]:
    """Minutes of the hour, and what became of them."""
    return [
        (key.scheduled_time_ms // flow.MINUTE % 60, one.status, one.reason)
        for key, one in sorted(backend.memory.rows.executions.items())
    ]


async def test_a_paused_job_has_no_runs_and_the_ledger_says_why(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await flow.put(backend, "other")
    await pause_job(backend, *REPORTS, "the disk is being changed", None)
    for _ in range(2):
        assert [run.job_name for run in await flow.fire(backend)] == ["other"]
    assert ledger(backend) == [(1, Status.SKIPPED, "job_paused"), (2, Status.SKIPPED, "job_paused")]
    record = next(iter(backend.memory.rows.executions.values()))
    assert record.error == "the job was paused: the disk is being changed"
    fire = backend.memory.rows.fires[flow.EVERY_MINUTE, record.key.scheduled_time_ms]
    assert fire.count == 1


async def test_a_pause_ends_by_itself_at_its_until(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await pause_job(backend, *REPORTS, "holiday", backend.clock.now_ms() + 2 * flow.MINUTE)
    passed = backend.tripwire.passed
    assert await flow.fire(backend) == []
    assert len(await flow.fire(backend)) == 1
    assert passed < backend.tripwire.passed
    assert ledger(backend) == [(1, Status.SKIPPED, "job_paused")]


async def test_what_was_due_in_a_pause_is_not_run_after_it(backend: MemoryBackend) -> None:
    job = await flow.put(backend)
    await pause_job(backend, *REPORTS, "holiday", None)
    backend.clock.advance(90)
    due_ms = backend.clock.now_ms() - 30_000
    resumed = await resume_job(backend, *REPORTS)
    assert resumed.pause is None
    row = backend.memory.rows.schedules[flow.EVERY_MINUTE]
    await dispatch_rule(backend, row.rule_suffix, due_ms)
    assert not backend.workflows.started
    (run,) = await flow.fire(backend)
    assert run.key.guid == job.guid


async def test_a_run_that_was_dispatched_beside_the_pause_is_skipped(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await pause_job(backend, *REPORTS, "holiday", None)
    paused = backend.memory.rows.jobs
    backend.memory.rows.jobs = {guid: replace(job, pause=None) for guid, job in paused.items()}
    (run,) = await flow.fire(backend)
    backend.memory.rows.jobs = paused
    error = await flow.attempt(backend, run)
    assert isinstance(error, JobPaused)
    await flow.fail(backend, run, "JobPaused", str(error))
    assert ledger(backend) == [(1, Status.SKIPPED, "job_paused")]
    assert backend.webhooks.posts == []


async def test_a_run_that_was_due_before_the_pause_runs_on(backend: MemoryBackend) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.clock.advance(1)
    await pause_job(backend, *REPORTS, "holiday", None)
    assert await flow.attempt(backend, run) is None
    assert (await flow.call_back(backend, status="success")).status is Status.SUCCESS


async def test_a_paused_job_may_be_run_by_hand(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await pause_job(backend, *REPORTS, "holiday", None)
    asked = await run_job(backend, *REPORTS, RunRequest())
    assert await flow.attempt(backend, backend.workflows.started[asked.id]) is None


async def test_an_outage_in_a_pause_is_recorded_as_the_pause(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await pause_job(backend, *REPORTS, "holiday", backend.clock.now_ms() + 3 * flow.MINUTE)
    backend.clock.advance(5 * 60)
    await catch_up(backend, backend.memory.rows.schedules[flow.EVERY_MINUTE], backend.clock.now_ms())
    assert ledger(backend) == [
        (1, Status.SKIPPED, "job_paused"),
        (2, Status.SKIPPED, "job_paused"),
        (3, Status.MISSED, "fire_missed"),
        (4, Status.MISSED, "fire_missed"),
    ]
    assert len(backend.workflows.started) == 1


async def test_the_same_pause_again_changes_nothing_and_another_keeps_its_beginning(backend: MemoryBackend) -> None:
    await flow.put(backend)
    first = await pause_job(backend, *REPORTS, "holiday", None)
    backend.clock.advance(10)
    assert await pause_job(backend, *REPORTS, "holiday", None) == first
    longer = await pause_job(backend, *REPORTS, "longer holiday", backend.clock.now_ms() + 60_000)
    assert longer.version == first.version + 1
    assert first.pause is not None
    assert longer.pause is not None
    assert longer.pause.from_ms == first.pause.from_ms


async def test_a_pause_that_is_over_begins_anew(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await pause_job(backend, *REPORTS, "holiday", backend.clock.now_ms() + 1_000)
    backend.clock.advance(60)
    over = await resume_job(backend, *REPORTS)
    assert over.version == 2
    again = await pause_job(backend, *REPORTS, "holiday", None)
    assert again.pause is not None
    assert again.pause.from_ms == backend.clock.now_ms()


async def test_a_put_touches_no_pause(backend: MemoryBackend) -> None:
    await flow.put(backend)
    paused = await pause_job(backend, *REPORTS, "holiday", None)
    changed = await put_job(backend, *REPORTS, replace(flow.PLAIN, ttl_seconds=30))
    assert changed.job.pause == paused.pause


async def test_resuming_what_is_not_paused_changes_nothing(backend: MemoryBackend) -> None:
    job = await flow.put(backend)
    assert await resume_job(backend, *REPORTS) == job
    with pytest.raises(JobNotFound):
        await pause_job(backend, "reports", "none", "why", None)
