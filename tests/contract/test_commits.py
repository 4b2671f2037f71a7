"""Commits: all or none, and a soft write that loses loses alone."""

from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.execution import Status
from jobhook.core.executions.writes import (
    CountSchedule,
    CountService,
    DropJob,
    FreeLock,
    MarkReported,
    PutExecution,
    PutJob,
    PutSchedule,
    SaveLastSuccess,
    TakeLock,
    Write,
)
from jobhook.core.jobs.job import JobState
from jobhook.core.schedules.rows import RuleState
from jobhook.ports import WriteConflict
from tests.contract.values import NIGHTLY, T0, a_job, a_key, a_row, a_success, an_execution


async def services(store: CommitStore) -> dict[str, int]:
    return {service.service_name: service.jobs for service in (await store.list_services(None, 50)).items}


async def test_nothing_to_write_is_no_error(store: CommitStore) -> None:
    await store.commit(())


async def test_a_job_is_stored_and_counted_together(store: CommitStore) -> None:
    await store.commit((PutSchedule(a_row()),))
    job = a_job()
    await store.commit([PutJob(job, None), CountSchedule(NIGHTLY, "g1", +1), CountService("reports", +1)])
    assert await store.read_job(job.guid) == job
    assert await store.read_schedule(NIGHTLY) == a_row(state=RuleState.ACTIVE, jobs=1)
    assert await services(store) == {"reports": 1}
    await store.commit([DropJob(job), CountService("reports", -1), CountSchedule(NIGHTLY, "g1", -1)])
    assert await store.read_job(job.guid) is None
    assert await store.read_schedule(NIGHTLY) == a_row(state=RuleState.ACTIVE, jobs=0)
    assert await services(store) == {}


async def test_a_lost_count_leaves_no_job(store: CommitStore) -> None:
    count = CountSchedule(NIGHTLY, "g1", +1)
    with pytest.raises(WriteConflict) as lost:
        await store.commit([PutJob(a_job(), None), count, CountService("reports", +1)])
    assert lost.value.lost in ((count,), ())
    assert await store.read_job(a_job().guid) is None
    assert await services(store) == {}
    await store.commit([PutJob(a_job(), None), CountService("reports", +1)])


async def test_a_lost_job_is_not_counted(store: CommitStore) -> None:
    job = a_job()
    await store.commit((PutSchedule(a_row()),))
    await store.commit([PutJob(job, None), CountSchedule(NIGHTLY, "g1", +1), CountService("reports", +1)])
    again: list[list[Write]] = [
        [PutJob(job, None), CountSchedule(NIGHTLY, "g1", +1), CountService("reports", +1)],
        [DropJob(replace(job, version=2)), CountService("reports", -1), CountSchedule(NIGHTLY, "g1", -1)],
    ]
    for writes in again:
        with pytest.raises(WriteConflict):
            await store.commit(writes)
    assert await store.read_schedule(NIGHTLY) == a_row(state=RuleState.ACTIVE, jobs=1)
    assert await services(store) == {"reports": 1}


async def test_an_execution_and_its_lock_are_one(store: CommitStore) -> None:
    """The lost lock is named: `invoke_webhook` then looks into its holder."""
    first, second = an_execution(minute=1), an_execution(minute=2)
    await store.commit([PutExecution(first, None), TakeLock(first.key, T0)])
    take = TakeLock(second.key, T0)
    with pytest.raises(WriteConflict) as lost:
        await store.commit([PutExecution(second, None), take])
    assert any(isinstance(write, TakeLock) for write in lost.value.lost)
    assert await store.read_execution(second.key) is None
    assert await store.read_lock_holder(first.key.guid, "one") == first.id


async def test_only_lost_writes_are_named(store: CommitStore) -> None:
    first = an_execution(minute=1)
    await store.commit([PutExecution(first, None), TakeLock(first.key, T0)])
    lost_ones: list[Write] = [PutExecution(first, None), TakeLock(first.key, T0)]
    with pytest.raises(WriteConflict) as lost:
        await store.commit([CountService("reports", +1), *lost_ones])
    assert lost.value.lost
    assert all(write in lost_ones for write in lost.value.lost)


async def test_a_success_frees_its_lock_and_is_kept(store: CommitStore) -> None:
    job, running = a_job(), an_execution()
    await store.commit((PutJob(job, None),))
    await store.commit([PutExecution(running, None), TakeLock(running.key, T0)])
    ended = replace(an_execution(status=Status.SUCCESS), revision=2)
    await store.commit([PutExecution(ended, 1), FreeLock(ended.key), SaveLastSuccess(job.guid, "one", a_success())])
    assert await store.read_job_state(job.guid) == JobState(job, None, a_success())
    assert await store.read_execution(ended.key) == ended


async def test_a_soft_write_that_loses_leaves_the_others(store: CommitStore) -> None:
    """The job is gone, the lock is another's: the outcome must be stored all the same."""
    running = an_execution()
    await store.commit([PutExecution(running, None), TakeLock(a_key(minute=9), T0)])
    ended = replace(an_execution(status=Status.SUCCESS), revision=2)
    await store.commit(
        [FreeLock(ended.key), SaveLastSuccess(ended.key.guid, "one", a_success()), PutExecution(ended, 1)]
    )
    assert await store.read_execution(ended.key) == ended
    assert await store.read_lock_holder(ended.key.guid, "one") == a_key(minute=9).id
    assert await store.read_job_state(ended.key.guid) is None


async def test_soft_writes_of_a_commit_that_is_lost_are_not_applied(store: CommitStore) -> None:
    running = an_execution()
    await store.commit([PutExecution(running, None), TakeLock(running.key, T0)])
    write = PutExecution(replace(an_execution(status=Status.FAILED), revision=8), 7)
    with pytest.raises(WriteConflict) as lost:
        await store.commit([FreeLock(running.key), MarkReported(a_key(minute=3)), write])
    assert lost.value.lost in ((write,), ())
    assert await store.read_lock_holder(running.key.guid, "one") == running.id


async def test_a_commit_of_soft_writes_alone_never_loses(store: CommitStore) -> None:
    await store.commit([FreeLock(a_key()), MarkReported(a_key()), SaveLastSuccess(a_key().guid, "one", a_success())])
    assert await store.read_execution(a_key()) is None


async def test_services_are_counted_each_by_itself(store: CommitStore) -> None:
    for name, delta in (("b", 2), ("a", 1), ("b", -1), ("c", 1), ("c", -1)):
        await store.commit((CountService(name, delta),))
    assert await services(store) == {"a": 1, "b": 1}
    assert list(await services(store)) == ["a", "b"]
