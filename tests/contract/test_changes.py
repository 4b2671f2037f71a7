"""The audit trail: changes of a job and of all, newest first, written with what they tell of or not at all."""

from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.writes import PutChange, PutJob
from jobhook.core.jobs.audit import Change, created, deleted, updated
from jobhook.core.jobs.job import Job
from jobhook.core.paging import Between
from jobhook.ports import WriteConflict
from tests.contract.paging import all_pages
from tests.contract.values import MINUTE, PLAIN, T0, a_job

ALL = Between()


def _second(job: Job, minute: int) -> Job:
    return job.configured(
        replace(PLAIN, ttl_seconds=90, state_schema={"é": [None, 2.5]}), T0 + minute * MINUTE, by="bob"
    )


async def _trail(store: CommitStore, name: str = "nightly", minutes: tuple[int, ...] = (1, 2)) -> list[Change]:
    """A job made at T0 and deleted, in the end; newest first."""
    job = a_job(name)
    changes = [created(job), *(deleted(replace(job, version=2 + at), None, T0 + at * MINUTE) for at in minutes)]
    for change in changes:
        await store.commit((PutChange(change),))
    return changes[::-1]


async def _changes(store: CommitStore, guid: str | None = None, span: Between = ALL, limit: int = 50) -> list[Change]:
    return await all_pages(lambda after, most: store.list_changes(guid, span, after, most), limit)


async def test_a_change_comes_back_as_it_was(store: CommitStore) -> None:
    job = a_job()
    change = replace(updated(job, _second(job, 1)), execution_id=f"{job.guid}_one_{T0}")
    nobody = replace(change, by=None, version=None, at_ms=T0 + 2)
    await store.commit((PutChange(change),))
    await store.commit((PutChange(nobody),))
    assert await _changes(store, job.guid) == [change, nobody]
    assert await _changes(store) == [change, nobody]


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_changes_are_listed_newest_first_page_by_page(store: CommitStore, limit: int) -> None:
    mine, others = await _trail(store, "a", (1, 3, 5)), await _trail(store, "b", (2, 4))
    assert await _changes(store, mine[0].guid, limit=limit) == mine
    together = sorted([*mine, *others], key=lambda change: (change.at_ms, change.id), reverse=True)
    assert await _changes(store, limit=limit) == together


async def test_changes_of_one_instant_are_all_listed(store: CommitStore) -> None:
    jobs = [a_job(f"job-{number}") for number in range(12)]
    for job in jobs:
        await store.commit((PutJob(job, None), PutChange(created(job))))
    listed = await _changes(store, limit=5)
    assert [change.id for change in listed] == sorted((created(job).id for job in jobs), reverse=True)


async def test_a_span_has_both_of_its_ends(store: CommitStore) -> None:
    (third, second, first) = await _trail(store)
    guid = first.guid
    assert await _changes(store, guid, Between(T0 + MINUTE, T0 + MINUTE)) == [second]
    assert await _changes(store, guid, Between(until_ms=T0 + MINUTE), limit=1) == [second, first]
    assert await _changes(store, None, Between(since_ms=T0 + 1), limit=1) == [third, second]
    assert await _changes(store, None, Between(T0 + 3 * MINUTE, T0 + 4 * MINUTE)) == []


async def test_a_change_is_recorded_with_what_it_tells_of_or_not_at_all(store: CommitStore) -> None:
    job = a_job()
    await store.commit((PutJob(job, None), PutChange(created(job))))
    second = _second(job, 1)
    with pytest.raises(WriteConflict) as lost:
        await store.commit((PutJob(second, 7), PutChange(updated(job, second))))
    assert [type(write) for write in lost.value.lost] == [PutJob]
    assert await _changes(store, job.guid) == [created(job)]
    await store.commit((PutJob(second, 1), PutChange(updated(job, second))))
    assert await _changes(store, job.guid) == [updated(job, second), created(job)]
