"""A job with a start or an end: its schedule's other times are not the job's, wherever one looks."""

from dataclasses import replace

import pytest

from jobhook.core.errors import InvalidDocument
from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.job import JobSettings
from jobhook.core.jobs.preconditions import Precondition
from jobhook.core.times import DAY_MS
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.explain_run import explain_run
from jobhook.use_cases.plan_job import plan_job
from jobhook.use_cases.read_upcoming import list_job_upcoming, list_upcoming
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend

MINUTE = flow.MINUTE


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


def within(start: float | None, end: float | None) -> JobSettings:
    """A job of every minute from and until so many minutes after the start."""
    moments = [None if at is None else START_MS + round(at * MINUTE) for at in (start, end)]
    return replace(flow.PLAIN, span=Span(*moments))


async def verdict(backend: MemoryBackend, minute: int) -> str:
    return (await explain_run(backend, "reports", "nightly", START_MS + minute * MINUTE)).explanation.verdict


async def test_only_the_times_from_start_to_end_run(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=within(2, 3))
    assert [len(await flow.fire(backend)) for _ in range(5)] == [0, 1, 1, 0, 0]


async def test_what_is_to_come_begins_with_the_start_and_ends_with_the_end(backend: MemoryBackend) -> None:
    settings = within(1.5, 4)
    due = [START_MS + minute * MINUTE for minute in (2, 3, 4)]
    plan = await plan_job(backend, "reports", "nightly", lambda _: settings, Precondition())
    assert [one.scheduled_time_ms for one in plan.upcoming] == due
    await flow.put(backend, settings=settings)
    page = await list_job_upcoming(backend, "reports", "nightly", None, None, 10)
    assert [one.scheduled_time_ms for one in page.items] == due
    everything = await list_upcoming(backend, START_MS + 9 * MINUTE, None, 50)
    assert [one.scheduled_time_ms for one in everything.items] == due


async def test_why_names_the_start_and_the_end(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=within(2, 3))
    assert [await verdict(backend, minute) for minute in (1, 2, 4)] == ["before_start", "upcoming", "after_end"]


async def test_a_missed_time_outside_of_the_span_is_nobodys(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=within(2, 3))
    backend.clock.advance(10 * 60)
    row = backend.memory.rows.schedules[flow.EVERY_MINUTE]
    await catch_up(backend, row, backend.clock.now_ms())
    recorded = {(key.scheduled_time_ms - START_MS) // MINUTE for key in backend.memory.rows.executions}
    assert recorded == {2, 3}
    assert not backend.workflows.started


async def test_a_pause_skips_nothing_outside_of_the_span(backend: MemoryBackend) -> None:
    from jobhook.use_cases.pause_job import pause_job

    await flow.put(backend, settings=within(2, None))
    await pause_job(backend, "reports", "nightly", "holiday", None)
    for _ in range(3):
        await flow.fire(backend)
    recorded = {(key.scheduled_time_ms - START_MS) // MINUTE for key in backend.memory.rows.executions}
    assert recorded == {2, 3}


async def test_a_new_end_must_lie_in_the_future_and_an_old_one_may_be_repeated(backend: MemoryBackend) -> None:
    with pytest.raises(InvalidDocument, match="end_at: must lie in the future"):
        await flow.put(backend, settings=within(None, 0))
    job = await flow.put(backend, settings=within(None, 1))
    backend.clock.advance(600)
    assert await flow.put(backend, settings=within(None, 1)) == job
    described = await flow.put(backend, settings=replace(within(None, 1), description="over"))
    assert described.version == 2
    with pytest.raises(InvalidDocument):
        await flow.put(backend, settings=within(None, 2))


async def test_a_job_that_is_given_time_again_runs_nothing_of_what_has_passed(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=within(None, 1))
    backend.clock.advance(600)
    job = await flow.put(backend, settings=within(None, 20))
    assert job.effective_from_ms == backend.clock.now_ms()
    assert await verdict(backend, 5) == "not_in_effect"


async def test_an_execution_keeps_the_retention_that_its_job_had_when_it_began(backend: MemoryBackend) -> None:
    settings = replace(flow.PLAIN, retention_days=3)
    run = await flow.started(backend, settings)
    await flow.put(backend, settings=replace(settings, retention_days=9))
    await flow.call_back(backend, status="success")
    assert backend.memory.rows.executions[run.key].retention_days == 3
    (later,) = await flow.fire(backend)
    await flow.fail(backend, later, "WebhookRefused")
    assert backend.memory.rows.executions[later.key].retention_days == 9


async def test_a_start_far_away_is_no_schedule_that_never_comes(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=replace(flow.PLAIN, span=Span(START_MS + 400 * DAY_MS)))
    page = await list_job_upcoming(backend, "reports", "nightly", None, None, 1)
    assert page.items[0].scheduled_time_ms == START_MS + 400 * DAY_MS
