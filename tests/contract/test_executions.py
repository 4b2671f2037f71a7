"""Executions: one writer a revision; and locks, which only their holder frees."""

from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.execution import Execution, Status, Trigger
from jobhook.core.executions.manual_runs import RunRequest, begin_requested, request_retry, request_run
from jobhook.core.executions.writes import FreeLock, MarkReported, PutExecution, TakeLock
from jobhook.core.paging import ExecutionFilter, OfService
from jobhook.ports import WriteConflict
from tests.contract.values import RICH, T0, a_job, a_key, an_execution, whole_execution


@pytest.mark.parametrize("execution", [an_execution(), whole_execution(), an_execution(status=Status.SUCCESS)])
async def test_an_execution_comes_back_as_it_was_put(store: CommitStore, execution: Execution) -> None:
    await store.commit((PutExecution(execution, None),))
    assert await store.read_execution(execution.key) == execution


async def test_a_run_by_hand_is_begun_and_a_failure_linked_to_its_retry(store: CommitStore) -> None:
    asked = request_run(a_job(settings=RICH), RunRequest("now", replaces_payload=True), T0 + 1)
    await store.commit((PutExecution(asked, None),))
    assert await store.read_execution(asked.key) == asked
    begun = replace(begin_requested(asked, T0 + 9), status=Status.FAILED, ended_at_ms=T0 + 10, revision=2)
    await store.commit((PutExecution(begun, 1),))
    assert await store.read_execution(asked.key) == begun
    retry, decision = request_retry(begun, a_job(settings=RICH), T0 + 11)
    await store.commit(decision.writes)
    assert await store.read_execution(retry.key) == retry
    linked = await store.read_execution(asked.key)
    assert linked == replace(begun, retried_by=retry.id, revision=3)
    page = await store.list_executions(OfService("reports"), ExecutionFilter(), None, 10)
    assert [(one.trigger, one.retry_of, one.retried_by) for one in page.items] == [
        (Trigger.RETRY, begun.id, None),
        (Trigger.RUN, None, retry.id),
    ]


async def test_an_execution_that_was_never_put_is_none(store: CommitStore) -> None:
    await store.commit((PutExecution(an_execution(minute=1), None),))
    assert await store.read_execution(a_key(minute=2)) is None
    assert await store.read_execution(a_key(minute=1, incarnation="two")) is None


async def test_an_execution_is_begun_once(store: CommitStore) -> None:
    first = an_execution()
    write = PutExecution(replace(first, progress=5), None)
    await store.commit((PutExecution(first, None),))
    with pytest.raises(WriteConflict) as lost:
        await store.commit((write,))
    assert lost.value.lost in ((write,), ())
    assert await store.read_execution(first.key) == first


async def test_of_two_writers_of_a_revision_one_wins(store: CommitStore) -> None:
    first = an_execution()
    await store.commit((PutExecution(first, None),))
    won, lost = (replace(first, progress=n, revision=first.revision + 1) for n in (1, 2))
    await store.commit((PutExecution(won, 1),))
    with pytest.raises(WriteConflict):
        await store.commit((PutExecution(lost, 1),))
    assert await store.read_execution(first.key) == won


async def test_fields_that_become_none_are_none(store: CommitStore) -> None:
    first = whole_execution()
    await store.commit((PutExecution(first, None),))
    bare = replace(
        first, reason=None, state=None, summary=None, correlation_id=None, error=None, progress=None, revision=8
    )
    await store.commit((PutExecution(bare, 7),))
    assert await store.read_execution(first.key) == bare


async def test_absent_executions_are_put_and_others_left(store: CommitStore) -> None:
    there = an_execution(minute=1)
    await store.commit((PutExecution(there, None),))
    missed = [replace(an_execution(minute=minute, status=Status.MISSED), progress=1) for minute in (0, 1, 2)]
    for _ in range(2):
        await store.put_absent(missed)
    assert await store.read_execution(missed[0].key) == missed[0]
    assert await store.read_execution(there.key) == there
    assert await store.read_execution(missed[2].key) == missed[2]
    await store.put_absent(())


async def test_only_what_has_ended_is_marked_as_told(store: CommitStore) -> None:
    running, ended = an_execution(minute=1), an_execution(minute=2, status=Status.FAILED)
    await store.commit((PutExecution(running, None), PutExecution(ended, None)))
    for execution in (running, ended, an_execution(minute=3)):
        await store.commit((MarkReported(execution.key),))
    assert await store.read_execution(running.key) == running
    assert await store.read_execution(ended.key) == replace(ended, workflow_reported=True)
    assert await store.read_execution(a_key(minute=3)) is None


async def test_marking_as_told_does_not_disturb_the_next_writer(store: CommitStore) -> None:
    ended = an_execution(status=Status.SUCCESS)
    await store.commit((PutExecution(ended, None),))
    await store.commit((MarkReported(ended.key),))
    noted = replace(ended, workflow_reported=True, progress=9, revision=ended.revision + 1)
    await store.commit((PutExecution(noted, 1),))
    assert await store.read_execution(ended.key) == noted


async def test_a_lock_has_one_holder_until_it_is_freed_by_it(store: CommitStore) -> None:
    first, second = a_key(minute=1), a_key(minute=2)
    await store.commit((TakeLock(first, T0),))
    for key in (first, second):
        with pytest.raises(WriteConflict):
            await store.commit((TakeLock(key, T0),))
    await store.commit((FreeLock(second),))
    assert await store.read_lock_holder(first.guid, "one") == first.id
    await store.commit((FreeLock(first),))
    assert await store.read_lock_holder(first.guid, "one") is None
    await store.commit((FreeLock(first),))
    await store.commit((TakeLock(second, T0),))
    assert await store.read_lock_holder(first.guid, "one") == second.id
