"""Jobs on several schedules: counted on each, run once at a time, and told of rightly."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from jobhook.core.errors import ImpossibleSchedule
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.jobs.job import JobSettings
from jobhook.core.jobs.preconditions import Precondition
from jobhook.core.paging import Position
from jobhook.core.schedules.rows import FireState
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.explain_run import explain_run
from jobhook.use_cases.pause_job import pause_job, resume_job
from jobhook.use_cases.plan_job import plan_job
from jobhook.use_cases.read_health import read_health
from jobhook.use_cases.read_upcoming import list_job_upcoming, list_upcoming
from jobhook.use_cases.reconcile import reconcile
from jobhook.use_cases.run_job import run_job
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend

ODD = "cron(1/2 * * * ? *)"
THIRDS = "cron(0/3 * * * ? *)"
FIVES = "cron(0/5 * * * ? *)"


@pytest.fixture
async def backend() -> AsyncIterator[MemoryBackend]:
    backend = MemoryBackend()
    yield backend
    await reconcile(backend)
    jobs = list(backend.memory.rows.jobs.values())
    for row in backend.memory.rows.schedules.values():
        assert row.jobs == sum(row.expression in job.settings.schedules for job in jobs)
    assert {one for job in jobs for one in job.settings.schedules} == set(backend.memory.rows.schedules)


def on(first: str, *more: str) -> JobSettings:
    return replace(flow.PLAIN, schedule=first, more_schedules=more)


def counts(backend: MemoryBackend) -> dict[str, int]:
    return {expression: row.jobs for expression, row in backend.memory.rows.schedules.items()}


def minute(time_ms: int) -> int:
    return (time_ms - START_MS) // flow.MINUTE


async def verdict(backend: MemoryBackend, at: int) -> str:
    return (await explain_run(backend, "reports", "nightly", START_MS + at * flow.MINUTE)).explanation.verdict


async def test_a_job_is_counted_on_each_of_its_schedules(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=on(ODD, THIRDS))
    await flow.put(backend, "other", settings=on(THIRDS))
    assert counts(backend) == {ODD: 1, THIRDS: 2}
    await flow.put(backend, settings=on(FIVES, ODD))
    assert counts(backend) == {ODD: 1, THIRDS: 1, FIVES: 1}
    await delete_job(backend, "reports", "nightly")
    assert counts(backend) == {THIRDS: 1}
    assert list(backend.rules.standing.values()) == [THIRDS]


async def test_a_refused_schedule_leaves_none_of_the_others_behind(backend: MemoryBackend) -> None:
    await flow.put(backend, "other", settings=on(THIRDS))
    backend.rules.refused.add(FIVES)
    with pytest.raises(ImpossibleSchedule):
        await flow.put(backend, settings=on(ODD, THIRDS, FIVES))
    assert counts(backend) == {THIRDS: 1}
    assert len(backend.memory.rows.jobs) == 1


async def test_two_that_are_due_at_once_start_one_execution_and_send_one_webhook(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=on(ODD, THIRDS))
    backend.clock.advance(2 * 60)
    (run,) = await flow.fire(backend, THIRDS)
    assert (minute(run.scheduled_time_ms), run.schedule) == (3, THIRDS)
    assert await flow.attempt(backend, run) is None
    backend.clock.time_ms -= 1
    assert await flow.fire(backend, ODD) == []
    assert len(backend.webhooks.posts) == 1
    assert flow.webhook(backend)["schedule"] == THIRDS
    assert len(backend.memory.rows.executions) == 1
    assert {fire.state for fire in backend.memory.rows.fires.values()} == {FireState.DONE}


async def test_a_run_by_hand_tells_the_first_schedule(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=on(THIRDS, ODD))
    assert (await run_job(backend, "reports", "nightly", RunRequest())).schedule == THIRDS


async def test_a_schedule_that_stays_loses_no_occurrence_and_a_new_one_has_none_of_before(
    backend: MemoryBackend,
) -> None:
    await flow.put(backend, settings=on(ODD))
    due_ms = START_MS + 3 * flow.MINUTE
    backend.clock.time_ms = due_ms + 500  # due, and its event comes late
    await flow.put(backend, settings=on(THIRDS, ODD))
    backend.clock.time_ms = due_ms - 1
    assert await flow.fire(backend, THIRDS) == []
    backend.clock.time_ms = due_ms - 1
    (run,) = await flow.fire(backend, ODD)
    assert run.scheduled_time_ms == due_ms


async def test_what_is_to_come_is_told_once_a_time(backend: MemoryBackend) -> None:
    settings = on(THIRDS, ODD)
    due = [(1, ODD), (3, THIRDS), (5, ODD), (6, THIRDS), (7, ODD), (9, THIRDS)]
    plan = await plan_job(backend, "reports", "nightly", lambda _: settings, Precondition())
    assert [(minute(one.scheduled_time_ms), one.schedule) for one in plan.upcoming][:6] == due
    await flow.put(backend, settings=settings)
    found, after = [], None
    for _ in range(3):
        page = await list_job_upcoming(backend, "reports", "nightly", None, after, 2)
        found += [(minute(one.scheduled_time_ms), one.schedule) for one in page.items]
        after = page.next_after
    assert found == due


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_the_listing_over_all_jobs_tells_each_occurrence_once(backend: MemoryBackend, limit: int) -> None:
    await flow.put(backend, settings=on(THIRDS, ODD, FIVES))
    await flow.put(backend, "other", settings=on(ODD))
    found: list[tuple[int, str]] = []
    after: Position | None = None
    while True:
        page = await list_upcoming(backend, START_MS + 15 * flow.MINUTE, after, limit)
        found += [(minute(one.scheduled_time_ms), one.job_name) for one in page.items]
        after = page.next_after
        if after is None:
            break
    mine = [at for at in range(1, 16) if at % 2 or at % 3 == 0 or at % 5 == 0]
    assert sorted(found) == sorted([*((at, "nightly") for at in mine), *((at, "other") for at in range(1, 16, 2))])


async def test_why_looks_at_every_schedule(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=on(THIRDS, FIVES))
    assert [await verdict(backend, at) for at in (3, 4, 5)] == ["upcoming", "not_due", "upcoming"]
    explained = await explain_run(backend, "reports", "nightly", START_MS + 4 * flow.MINUTE)
    assert explained.explanation.message == (
        "none of the job's 2 schedules is due in the minute of 2026-11-21T08:04:00Z, but next at 2026-11-21T08:05:00Z"
    )
    backend.clock.advance(3 * 60 + 30)
    await flow.put(backend, settings=on(THIRDS, FIVES, ODD))
    assert await verdict(backend, 1) == "not_in_effect"
    backend.clock.advance(60)
    await flow.fire(backend, FIVES)
    assert await verdict(backend, 5) == "started"
    assert await verdict(backend, 3) == "not_fired_yet"


async def test_a_pause_skips_an_occurrence_of_two_schedules_once(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=on(ODD, THIRDS))
    await pause_job(backend, "reports", "nightly", "holiday", None)
    backend.clock.advance(2 * 60)
    await flow.fire(backend, ODD)
    backend.clock.time_ms -= 1
    await flow.fire(backend, THIRDS)
    assert [execution.reason for execution in backend.memory.rows.executions.values()] == ["job_paused"]
    job = await resume_job(backend, "reports", "nightly")
    assert set(job.from_ms.values()) == {backend.clock.now_ms()}


async def test_missed_fires_of_each_schedule_are_found_and_health_tells_of_them(backend: MemoryBackend) -> None:
    backend.settings = replace(backend.settings, settle_seconds=1)
    await flow.put(backend, settings=on(THIRDS, FIVES))
    backend.clock.advance(7 * 60)
    health = await read_health(backend, None)
    assert sorted(late.expression for late in health.late) == sorted([THIRDS, FIVES])
    for row in list(backend.memory.rows.schedules.values()):
        await catch_up(backend, row, backend.clock.now_ms())
    runs = {(minute(run.scheduled_time_ms), run.schedule) for run in backend.workflows.started.values()}
    assert runs == {(6, THIRDS), (5, FIVES)}
    missed = {minute(key.scheduled_time_ms) for key in backend.memory.rows.executions}
    assert missed == {3}
