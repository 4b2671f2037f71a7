"""Jobs by name, services, and the jobs of a schedule, page by page."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.writes import CountService, DropJob, PutJob, TakeLock
from jobhook.core.jobs.job import Job, ScheduledJob, Service
from jobhook.ports import WriteConflict
from tests.contract.implementations import OpenStore
from tests.contract.paging import all_pages
from tests.contract.values import HOURLY, NIGHTLY, PLAIN, RICH, T0, a_job, a_key

# Names in which one is the start of another, and `-` sorts before letters and digits: where a careless key mixes them.
NAMES = ["a", "a-b", "a0", "ab", "b", "b-1", "b1", "z9"]
PAIRS = st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14)


async def put(store: CommitStore, job: Job) -> Job:
    await store.commit([PutJob(job, None), CountService(job.service_name, +1)])
    return job


def scheduled(job: Job) -> ScheduledJob:
    at = job.settings
    return ScheduledJob(
        job.service_name,
        job.job_name,
        job.guid,
        job.incarnation,
        at.ttl_seconds,
        at.timeout_seconds,
        T0,
        span=at.span,
        retention_days=at.retention_days,
        others=tuple((expression, T0) for expression in at.more_schedules),
        notify_on=at.notify_on,
    )


async def scheduled_jobs(store: CommitStore, expression: str, limit: int = 50) -> list[ScheduledJob]:
    return await all_pages(lambda after, count: store.list_scheduled_jobs(expression, after, count), limit)


async def test_a_job_is_listed_with_all_but_its_payload(store: CommitStore) -> None:
    job = await put(store, a_job(settings=RICH))
    page = await store.list_jobs(None, None, 5)
    assert [replace(one, settings=replace(one.settings, payload=None)) for one in page.items] == [
        replace(job, settings=replace(RICH, payload=None))
    ]
    assert page.next_after is None


@given(pairs=PAIRS, limit=st.integers(1, 6), service=st.sampled_from(NAMES))
@settings(max_examples=10, deadline=None)
async def test_jobs_and_services_are_listed_by_name(
    open_store: OpenStore, pairs: set[tuple[str, str]], limit: int, service: str
) -> None:
    async with open_store() as store:
        for service_name, job_name in pairs:
            await put(store, a_job(job_name, service_name))
        of_all = await all_pages(lambda after, count: store.list_jobs(None, after, count), limit)
        of_one = await all_pages(lambda after, count: store.list_jobs(service, after, count), limit)
        services = await all_pages(store.list_services, limit)
    assert [(job.service_name, job.job_name) for job in of_all] == sorted(pairs)
    assert [job.job_name for job in of_one] == sorted(job for owner, job in pairs if owner == service)
    owners = [owner for owner, _ in pairs]
    assert services == [Service(owner, owners.count(owner)) for owner in sorted(set(owners))]


@pytest.mark.parametrize("limit", [1, 3, 4, 12, 13])
async def test_every_enabled_job_of_a_schedule_is_listed_once(store: CommitStore, limit: int) -> None:
    jobs = [await put(store, a_job(f"j{number}")) for number in range(12)]
    jobs.append(await put(store, a_job("rich", settings=RICH)))
    await put(store, a_job("off", settings=replace(PLAIN, enabled=False)))
    await put(store, a_job("other", settings=replace(PLAIN, schedule=HOURLY)))
    listed = await scheduled_jobs(store, NIGHTLY, limit)
    assert sorted(listed, key=lambda job: job.guid) == sorted(map(scheduled, jobs), key=lambda job: job.guid)
    assert await scheduled_jobs(store, NIGHTLY, limit) == listed
    assert await scheduled_jobs(store, "rate(9 days)", limit) == []


async def test_a_job_is_listed_under_each_of_its_schedules_since_when_it_has_it(store: CommitStore) -> None:
    one = await put(store, a_job("one"))
    both = one.configured(replace(PLAIN, more_schedules=(HOURLY,)), T0 + 1)
    await store.commit((PutJob(both, 1),))
    assert await store.read_job(one.guid) == both
    assert await scheduled_jobs(store, NIGHTLY) == [both.scheduled(NIGHTLY)]
    assert await scheduled_jobs(store, HOURLY) == [both.scheduled(HOURLY)]
    assert [both.scheduled(each).effective_from_ms for each in (NIGHTLY, HOURLY)] == [T0, T0 + 1]
    turned = both.configured(replace(PLAIN, schedule=HOURLY, more_schedules=(NIGHTLY,)), T0 + 2)
    await store.commit((PutJob(turned, 2),))
    assert await store.read_job(one.guid) == turned
    assert await scheduled_jobs(store, NIGHTLY) == [turned.scheduled(NIGHTLY)]
    assert [turned.scheduled(each).effective_from_ms for each in (NIGHTLY, HOURLY)] == [T0, T0 + 1]
    left = turned.configured(replace(PLAIN, schedule=HOURLY), T0 + 3)
    await store.commit((PutJob(left, 3, (NIGHTLY,)),))
    assert await scheduled_jobs(store, NIGHTLY) == []
    assert await scheduled_jobs(store, HOURLY) == [left.scheduled(HOURLY)]


@pytest.mark.parametrize("removed", [True, False])
async def test_a_job_that_is_removed_or_disabled_is_on_none_of_its_schedules(store: CommitStore, removed: bool) -> None:
    job = await put(store, a_job(settings=RICH))
    if removed:
        await store.commit((DropJob(job),))
    else:
        await store.commit((PutJob(job.configured(replace(RICH, enabled=False), T0 + 1), 1),))
    assert [await scheduled_jobs(store, expression) for expression in RICH.schedules] == [[], [], []]


async def test_a_job_that_could_not_be_stored_is_on_no_schedule_of_it(store: CommitStore) -> None:
    job = await put(store, a_job())
    for lost in (PutJob(a_job(settings=RICH), None), PutJob(replace(job, settings=RICH, more_from_ms=(1, 2)), 7)):
        with pytest.raises(WriteConflict):
            await store.commit((lost,))
    assert await scheduled_jobs(store, "rate(9 hours)") == []
    assert await scheduled_jobs(store, NIGHTLY) == [scheduled(job)]


async def test_a_job_leaves_its_schedule_when_it_is_disabled_moved_or_removed(store: CommitStore) -> None:
    disabled, moved, gone = [await put(store, a_job(name)) for name in ("disabled", "moved", "gone")]
    off = disabled.configured(replace(PLAIN, enabled=False), T0 + 1)
    elsewhere = moved.configured(replace(PLAIN, schedule=HOURLY), T0 + 1)
    await store.commit((PutJob(off, 1),))
    await store.commit((PutJob(elsewhere, 1, (NIGHTLY,)),))
    await store.commit((DropJob(gone),))
    assert await scheduled_jobs(store, NIGHTLY) == []
    assert await scheduled_jobs(store, HOURLY) == [replace(scheduled(elsewhere), effective_from_ms=T0 + 1)]
    on_again = off.configured(PLAIN, T0 + 2)
    await store.commit((PutJob(on_again, 2),))
    assert await scheduled_jobs(store, NIGHTLY) == [replace(scheduled(on_again), effective_from_ms=T0 + 2)]


async def test_a_job_that_goes_between_two_pages_disturbs_no_other(store: CommitStore) -> None:
    jobs = sorted([await put(store, a_job(f"j{number}")) for number in range(9)], key=lambda job: job.job_name)
    first = await store.list_jobs("reports", None, 3)
    await store.commit((DropJob(first.items[-1]),))
    rest = await store.list_jobs("reports", first.next_after, 50)
    assert [job.job_name for job in (*first.items, *rest.items)] == [job.job_name for job in jobs]


async def test_locks_are_listed_by_when_they_were_taken(store: CommitStore) -> None:
    keys = [a_key(f"j{number}") for number in range(5)]
    for number, key in enumerate(keys):
        await store.commit((TakeLock(key, T0 + number),))
    assert set(await store.list_locks(T0 + 3, 50)) == set(keys[:3])
    assert len(await store.list_locks(T0 + 9, 2)) == 2
    assert list(await store.list_locks(T0, 50)) == []
