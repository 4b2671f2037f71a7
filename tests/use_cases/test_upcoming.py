"""What is going to run, by job and over all jobs, page by page."""

from dataclasses import replace

import pytest

from jobhook.core.jobs.job import JobSettings
from jobhook.core.paging import Page, Position
from jobhook.core.schedules.upcoming import Occurrence
from jobhook.core.times import HOUR_MS
from jobhook.ports import Settings
from jobhook.use_cases.pause_job import pause_job
from jobhook.use_cases.read_schedules import list_schedules
from jobhook.use_cases.read_upcoming import list_job_upcoming, list_upcoming
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend

HOURLY = "cron(0 * * * ? *)"
QUARTERS = "cron(0/15 * * * ? *)"
SEVEN = "rate(7 minutes)"


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


def on(expression: str, *, enabled: bool = True) -> JobSettings:
    return replace(flow.PLAIN, schedule=expression, enabled=enabled)


def minutes(page: Page[Occurrence]) -> list[float]:
    return [(one.scheduled_time_ms - START_MS) / flow.MINUTE for one in page.items]


async def of_job(backend: MemoryBackend, limit: int = 5, until_ms: int | None = None) -> Page[Occurrence]:
    return await list_job_upcoming(backend, "reports", "nightly", until_ms, None, limit)


async def all_pages(backend: MemoryBackend, until_ms: int | None, limit: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    after: Position | None = None
    for _ in range(1_000):
        page = await list_upcoming(backend, until_ms, after, limit)
        assert len(page.items) <= limit
        found.extend((one.scheduled_time_ms, one.job_name) for one in page.items)
        after = page.next_after
        if after is None:
            return found
    raise AssertionError("the listing never ends")


@pytest.mark.parametrize(
    ("expression", "due"), [(HOURLY, [60, 120, 180]), (QUARTERS, [15, 30, 45]), (SEVEN, [7, 14, 21])]
)
async def test_a_jobs_next_times_are_its_schedules(backend: MemoryBackend, expression: str, due: list[float]) -> None:
    await flow.put(backend, settings=on(expression))
    assert minutes(await of_job(backend, 3)) == due


async def test_pages_of_a_jobs_times_follow_each_other(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=on(QUARTERS))
    first = await of_job(backend, 2)
    second = await list_job_upcoming(backend, "reports", "nightly", None, first.next_after, 2)
    assert minutes(first) + minutes(second) == [15, 30, 45, 60]
    last = await of_job(backend, 9, START_MS + HOUR_MS)
    assert (minutes(last), last.next_after) == ([15, 30, 45, 60], None)


async def test_a_disabled_job_has_no_times(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=on(HOURLY, enabled=False))
    assert (await of_job(backend)).items == ()


@pytest.mark.parametrize(
    ("pause_minutes", "due"), [(30, [30, 45]), (31, [45, 60]), (60 * 24 * 365 * 50, None), (None, [])]
)
async def test_a_pause_is_leapt_over(
    backend: MemoryBackend, pause_minutes: int | None, due: list[float] | None
) -> None:
    await flow.put(backend, settings=on(QUARTERS))
    until_ms = None if pause_minutes is None else START_MS + pause_minutes * flow.MINUTE
    await pause_job(backend, "reports", "nightly", "holiday", until_ms)
    found = minutes(await of_job(backend, 2))
    assert found == due if due is not None else len(found) == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
async def test_all_jobs_times_come_in_one_order_whatever_the_page(backend: MemoryBackend, limit: int) -> None:
    for name in ("a", "b", "c"):
        await flow.put(backend, name, on(QUARTERS))
    await flow.put(backend, "hour", on(HOURLY))
    await flow.put(backend, "seven", on(SEVEN))
    await flow.put(backend, "off", on(QUARTERS, enabled=False))
    await flow.put(backend, "paused", on(HOURLY))
    await pause_job(backend, "reports", "paused", "holiday", None)
    found = await all_pages(backend, START_MS + HOUR_MS, limit)
    quarters = [(START_MS + minute * flow.MINUTE, name) for minute in (15, 30, 45, 60) for name in ("a", "b", "c")]
    sevens = [(START_MS + minute * flow.MINUTE, "seven") for minute in range(7, 60, 7)]
    assert sorted(found) == sorted([*quarters, *sevens, (START_MS + HOUR_MS, "hour")])
    assert [time_ms for time_ms, _ in found] == sorted(time_ms for time_ms, _ in found)


async def test_a_page_looks_at_a_bounded_number_of_times(backend: MemoryBackend) -> None:
    await flow.put(backend, "off", on(flow.EVERY_MINUTE, enabled=False))
    page = await list_upcoming(backend, None, None, 5)
    assert page.items == []
    assert page.next_after == (START_MS + 6 * flow.MINUTE, flow.EVERY_MINUTE)


async def test_where_nothing_is_put_nothing_is_due(backend: MemoryBackend) -> None:
    assert await list_upcoming(backend, None, None, 5) == Page([], None)


async def test_schedules_are_counted_against_the_quota() -> None:
    backend = MemoryBackend(Settings(base_url="https://jobs.example.com", rule_quota=300))
    for expression in (SEVEN, HOURLY):
        await flow.put(backend, expression[:4], on(expression))
    first = await list_schedules(backend, None, 1)
    assert (first.used, first.quota) == (2, 300)
    second = await list_schedules(backend, first.page.next_after, 1)
    assert [row.expression for row in [*first.page.items, *second.page.items]] == [HOURLY, SEVEN]
    assert second.page.next_after is None
