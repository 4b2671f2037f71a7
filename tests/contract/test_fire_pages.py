"""The pages of a fire: rows on conditions, and positions that divide a schedule's jobs without gap or overlap."""

from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.executions.writes import CountStarted, DropPage, FireDone, PutFire, PutJob, PutPage
from jobhook.core.paging import Position
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.core.schedules.rows import FireState
from jobhook.ports import WriteConflict
from tests.contract.values import HOURLY, MINUTE, NIGHTLY, T0, a_fire, a_job, a_key

KEY = PageKey(NIGHTLY, T0, "2-some-guid")
RUN = ExecutionInput(a_key().id, "reports", "nightly", NIGHTLY, T0, 60, 75, 315)
PAGE = FirePage(KEY, after=(2, "some-guid"), until=(3, "other"))


async def test_a_page_comes_back_as_it_was_put(store: CommitStore) -> None:
    whole = replace(PAGE, runs=(RUN, RUN))
    await store.commit((PutPage(whole),))
    assert await store.read_page(KEY) == whole
    assert await store.read_page(replace(KEY, name="first")) is None
    assert await store.read_page(replace(KEY, scheduled_time_ms=T0 + 1)) is None


async def test_a_page_is_made_once_and_replaced_as_it_was_read(store: CommitStore) -> None:
    await store.commit((PutPage(PAGE),))
    with pytest.raises(WriteConflict):
        await store.commit((PutPage(PAGE),))
    narrowed = PAGE.narrowed((RUN,))
    await store.commit((PutPage(narrowed, PAGE.revision),))
    assert await store.read_page(KEY) == narrowed
    for late in (PutPage(narrowed, PAGE.revision), DropPage(PAGE)):
        with pytest.raises(WriteConflict):
            await store.commit((late,))
    assert await store.read_page(KEY) == narrowed


async def test_a_page_is_removed_once(store: CommitStore) -> None:
    await store.commit((PutPage(PAGE),))
    await store.commit((DropPage(PAGE),))
    assert await store.read_page(KEY) is None
    for late in (DropPage(PAGE), PutPage(PAGE.narrowed((RUN,)), PAGE.revision)):
        with pytest.raises(WriteConflict):
            await store.commit((late,))


async def test_pages_are_made_together_or_not_at_all(store: CommitStore) -> None:
    await store.commit((PutPage(PAGE),))
    other = replace(PAGE, key=replace(KEY, name="other"))
    with pytest.raises(WriteConflict):
        await store.commit((PutPage(other), PutPage(PAGE)))
    assert await store.read_page(other.key) is None


async def test_the_pages_of_a_fire_are_listed(store: CommitStore) -> None:
    names = [f"{number}-x" for number in range(7)]
    for expression, time_ms in ((NIGHTLY, T0), (NIGHTLY, T0 + MINUTE), (HOURLY, T0)):
        await store.commit([PutPage(FirePage(PageKey(expression, time_ms, name))) for name in names])
    await store.commit((DropPage(FirePage(PageKey(NIGHTLY, T0, "3-x"))),))
    listed = await store.list_pages(NIGHTLY, T0, 100)
    assert sorted(key.name for key in listed) == [name for name in names if name != "3-x"]
    assert {(key.expression, key.scheduled_time_ms) for key in listed} == {(NIGHTLY, T0)}
    assert len(await store.list_pages(NIGHTLY, T0, 2)) == 2
    assert list(await store.list_pages(NIGHTLY, T0 + 1, 2)) == []


async def test_what_pages_start_is_counted_on_the_fire_with_the_time_of_the_progress(store: CommitStore) -> None:
    await store.commit((CountStarted(NIGHTLY, T0, 1, T0),))
    await store.commit((PutFire(a_fire()),))
    for number in (3, 4):
        await store.commit((CountStarted(NIGHTLY, T0, number, T0 + number),))
    assert await store.read_fire(NIGHTLY, T0) == replace(a_fire(), count=7, progress_at_ms=T0 + 4)
    await store.commit((FireDone(NIGHTLY, T0, 2),))
    done = replace(a_fire(), state=FireState.DONE, count=9, progress_at_ms=T0 + 4)
    assert await store.read_fire(NIGHTLY, T0) == done


@pytest.mark.parametrize(("jobs", "size", "limit"), [(0, 3, 2), (2, 3, 2), (6, 3, 2), (20, 3, 2), (20, 1, 50)])
async def test_bounds_divide_the_jobs_of_a_schedule_into_pages(
    store: CommitStore, jobs: int, size: int, limit: int
) -> None:
    for number in range(jobs):
        await store.commit((PutJob(a_job(f"job-{number}"), None),))
    bounds: list[Position] = []
    after: Position | None = None
    while True:
        page = await store.list_page_bounds(NIGHTLY, after, size, limit)
        assert len(page.items) <= limit
        bounds.extend(page.items)
        after = page.next_after
        if after is None:
            break
        assert after == page.items[-1]
    assert len(bounds) == jobs // size
    found = [await _between(store, low, high) for low, high in zip([None, *bounds], [*bounds, None], strict=True)]
    assert [len(names) for names in found] == [size] * len(bounds) + [jobs % size]
    assert sorted(name for names in found for name in names) == sorted(f"job-{number}" for number in range(jobs))


async def _between(store: CommitStore, after: Position | None, until: Position | None) -> list[str]:
    """The jobs of a page, two at a time."""
    names: list[str] = []
    while True:
        jobs = await store.list_scheduled_jobs(NIGHTLY, after, 2, until)
        names.extend(job.job_name for job in jobs.items)
        if jobs.next_after is None:
            return names
        after = jobs.next_after
