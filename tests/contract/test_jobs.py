"""Jobs: their configuration, their last success, and what a delete leaves."""

from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.writes import DropJob, PutJob, SaveLastSuccess, TakeLock
from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.job import JobSettings, JobState
from jobhook.ports import WriteConflict
from tests.contract.values import PLAIN, RICH, T0, a_job, a_key, a_success


@pytest.mark.parametrize(
    "settings", [PLAIN, RICH, replace(PLAIN, enabled=False), replace(PLAIN, span=Span(end_ms=T0 + 1))]
)
async def test_a_job_comes_back_as_it_was_put(store: CommitStore, settings: JobSettings) -> None:
    job = a_job(settings=settings)
    await store.commit((PutJob(job, None),))
    assert await store.read_job(job.guid) == job
    assert await store.read_job_state(job.guid) == JobState(job)


@pytest.mark.parametrize("until_ms", [None, T0 + 5])
async def test_a_pause_comes_back_wherever_the_job_does(store: CommitStore, until_ms: int | None) -> None:
    job = a_job()
    await store.commit((PutJob(job, None),))
    paused = job.paused_for('the "disk" ☃', until_ms, T0 + 1)
    await store.commit((PutJob(paused, 1),))
    assert await store.read_job(job.guid) == paused
    assert (await store.list_jobs("reports", None, 10)).items[0].pause == paused.pause
    assert (await store.list_scheduled_jobs(PLAIN.schedule, None, 10)).items[0].pause == paused.pause
    resumed = replace(paused, pause=None, version=3)
    await store.commit((PutJob(resumed, 2),))
    assert await store.read_job(job.guid) == resumed
    assert (await store.list_scheduled_jobs(PLAIN.schedule, None, 10)).items[0].pause is None


async def test_what_was_never_put_is_none(store: CommitStore) -> None:
    guid = a_job().guid
    assert await store.read_job(guid) is None
    assert await store.read_job_state(guid) is None
    assert await store.read_lock_holder(guid, "one") is None


async def test_a_job_is_created_once(store: CommitStore) -> None:
    first, second = a_job(), a_job(incarnation="two")
    await store.commit((PutJob(first, None),))
    write = PutJob(second, None)
    with pytest.raises(WriteConflict) as lost:
        await store.commit((write,))
    assert lost.value.lost in ((write,), ())
    assert await store.read_job(first.guid) == first


async def test_an_update_needs_the_version_that_was_read(store: CommitStore) -> None:
    first = a_job()
    second = first.configured(replace(PLAIN, ttl_seconds=61), T0 + 1)
    third = second.configured(replace(PLAIN, ttl_seconds=62), T0 + 2)
    await store.commit((PutJob(first, None),))
    await store.commit((PutJob(second, 1),))
    with pytest.raises(WriteConflict):
        await store.commit((PutJob(third, 1),))
    assert await store.read_job(first.guid) == second


async def test_an_update_of_a_job_that_is_not_there_is_lost(store: CommitStore) -> None:
    job = a_job()
    with pytest.raises(WriteConflict):
        await store.commit((PutJob(replace(job, version=2), 1),))
    assert await store.read_job(job.guid) is None


async def test_an_update_leaves_lock_and_last_success(store: CommitStore) -> None:
    job = a_job()
    success = a_success(state="s" * 1000)
    await store.commit((PutJob(job, None),))
    await store.commit((SaveLastSuccess(job.guid, "one", success),))
    await store.commit((TakeLock(a_key(minute=1), T0),))
    updated = job.configured(RICH, T0 + 1)
    await store.commit((PutJob(updated, 1),))
    assert await store.read_job_state(job.guid) == JobState(updated, a_key(minute=1).id, success)


async def test_a_delete_needs_the_version_that_was_read(store: CommitStore) -> None:
    job = a_job()
    await store.commit((PutJob(job, None),))
    with pytest.raises(WriteConflict):
        await store.commit((DropJob(replace(job, version=2)),))
    await store.commit((DropJob(job),))
    assert await store.read_job(job.guid) is None
    with pytest.raises(WriteConflict):
        await store.commit((DropJob(job),))


async def test_a_job_made_anew_has_neither_lock_nor_last_success(store: CommitStore) -> None:
    job, again = a_job(), a_job(incarnation="two")
    await store.commit((PutJob(job, None),))
    await store.commit((SaveLastSuccess(job.guid, "one", a_success()), TakeLock(a_key(), T0)))
    await store.commit((DropJob(job),))
    assert await store.read_lock_holder(job.guid, "one") == a_key().id
    await store.commit((PutJob(again, None),))
    assert await store.read_job_state(job.guid) == JobState(again)
    await store.commit((TakeLock(a_key(incarnation="two"), T0),))
    assert await store.read_lock_holder(job.guid, "two") == a_key(incarnation="two").id
    assert await store.read_lock_holder(job.guid, "one") == a_key().id


async def test_the_last_success_moves_only_forward(store: CommitStore) -> None:
    job = a_job()
    await store.commit((PutJob(job, None),))
    for minute in (1, 3, 2, 3):
        await store.commit((SaveLastSuccess(job.guid, "one", a_success(minute, str(minute))),))
    state = await store.read_job_state(job.guid)
    assert state is not None
    assert state.last_success == a_success(3, "3")


async def test_no_last_success_is_kept_for_a_job_that_is_gone_or_anew(store: CommitStore) -> None:
    job, again = a_job(), a_job(incarnation="two")
    await store.commit((SaveLastSuccess(job.guid, "one", a_success()),))
    assert await store.read_job_state(job.guid) is None
    await store.commit((PutJob(job, None),))
    await store.commit((DropJob(job),))
    await store.commit((SaveLastSuccess(job.guid, "one", a_success()),))
    await store.commit((PutJob(again, None),))
    await store.commit((SaveLastSuccess(job.guid, "one", a_success()),))
    assert await store.read_job_state(job.guid) == JobState(again)


async def test_a_success_without_state_clears_an_older_state(store: CommitStore) -> None:
    job = a_job()
    await store.commit((PutJob(job, None),))
    bare = replace(a_success(2), state=None, summary=None, service_invoked_at_ms=None)
    await store.commit((SaveLastSuccess(job.guid, "one", a_success(1, "old")),))
    await store.commit((SaveLastSuccess(job.guid, "one", bare),))
    assert await store.read_job_state(job.guid) == JobState(job, None, bare)
