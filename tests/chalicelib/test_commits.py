"""Commits under lost replies, rivals and throttling: what was written is written once, and nobody is told otherwise."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from chalicelib.dynamodb.commits import BUSY_LIMIT
from chalicelib.dynamodb.store import DynamoStore
from jobhook.core.errors import Unavailable
from jobhook.core.executions.execution import Status
from jobhook.core.executions.writes import (
    CountService,
    DropSchedule,
    FireDone,
    FreeLock,
    MarkReported,
    PutExecution,
    PutFire,
    PutJob,
    PutSchedule,
    SaveLastSuccess,
    TakeLock,
    count_of,
)
from jobhook.core.schedules.rows import FireState, RuleState
from jobhook.ports import WriteConflict
from tests.chalicelib.wire import Wire
from tests.contract.values import NIGHTLY, T0, a_fire, a_job, a_row, a_success, an_execution, whole_execution


async def test_a_single_put_whose_reply_is_lost_is_written_and_not_lost(wire: Wire, store: DynamoStore) -> None:
    execution = whole_execution()
    wire.lose_replies("PutItem", 2)
    await store.commit((PutExecution(execution, None),))
    assert wire.quiet
    assert await store.read_execution(execution.key) == execution


async def test_an_update_whose_reply_is_lost_is_written_and_not_lost(wire: Wire, store: DynamoStore) -> None:
    first = an_execution()
    second = replace(first, progress=1, revision=first.revision + 1)
    await store.commit((PutExecution(first, None),))
    wire.lose_replies("PutItem")
    await store.commit((PutExecution(second, 1),))
    assert await store.read_execution(first.key) == second


async def test_a_put_that_lost_stays_lost_though_its_reply_is_lost_too(wire: Wire, store: DynamoStore) -> None:
    rival = an_execution()
    await store.commit((PutExecution(rival, None),))
    wire.lose_replies("PutItem")
    with pytest.raises(WriteConflict):
        await store.commit((PutExecution(replace(rival, progress=1), None),))
    assert await store.read_execution(rival.key) == rival


async def test_the_very_same_put_again_is_lost_where_no_reply_was(store: DynamoStore) -> None:
    """Only a request that botocore sent again may take the stored item for its own."""
    await store.commit((PutFire(a_fire()),))
    with pytest.raises(WriteConflict):
        await store.commit((PutFire(a_fire()),))


async def test_a_transaction_whose_reply_is_lost_is_written_once(wire: Wire, store: DynamoStore) -> None:
    wire.lose_replies("TransactWriteItems", 2)
    await store.commit([PutJob(a_job(), None), CountService("reports", +1)])
    assert wire.quiet
    (service,) = (await store.list_services(None, 5)).items
    assert service.jobs == 1


async def test_a_lone_count_or_delete_is_a_transaction_and_so_written_once(wire: Wire, store: DynamoStore) -> None:
    await store.commit((PutSchedule(a_row(state=RuleState.DELETING)),))
    wire.lose_replies("TransactWriteItems", 1)
    await store.commit((CountService("reports", +1),))
    wire.lose_replies("TransactWriteItems", 1)
    await store.commit((DropSchedule(NIGHTLY, "g1", RuleState.DELETING),))
    (service,) = (await store.list_services(None, 5)).items
    assert service.jobs == 1


async def test_a_soft_write_whose_reply_is_lost_is_written_once(wire: Wire, store: DynamoStore) -> None:
    await store.commit((PutFire(a_fire()),))
    wire.lose_replies("UpdateItem")
    await store.commit((FireDone(NIGHTLY, T0, 3),))
    assert await store.read_fire(NIGHTLY, T0) == replace(a_fire(), state=FireState.DONE, count=3)


async def test_a_transaction_without_its_lost_soft_writes_survives_lost_replies(wire: Wire, store: DynamoStore) -> None:
    running = an_execution()
    await store.commit((PutExecution(running, None),))
    ended = replace(an_execution(status=Status.SUCCESS), revision=2)
    wire.lose_replies("TransactWriteItems")
    wire.lose_replies("PutItem")
    await store.commit(
        [PutExecution(ended, 1), FreeLock(ended.key), SaveLastSuccess(ended.key.guid, "one", a_success())]
    )
    assert await store.read_execution(ended.key) == ended


async def test_common_commits_cost_one_request(wire: Wire, store: DynamoStore) -> None:
    first = an_execution()
    await store.commit((PutExecution(first, None),))
    await store.commit((PutExecution(replace(first, revision=first.revision + 1), 1),))
    assert wire.calls == {"PutItem": 2}
    await store.commit((MarkReported(first.key),))
    assert wire.calls == {"PutItem": 2, "UpdateItem": 1}
    await store.commit([PutExecution(an_execution(minute=1), None), TakeLock(first.key, T0)])
    assert wire.calls == {"PutItem": 2, "UpdateItem": 1, "TransactWriteItems": 1}


async def test_an_end_whose_reply_is_lost_counts_once(wire: Wire, store: DynamoStore) -> None:
    wire.lose_replies("TransactWriteItems", 2)
    ended = an_execution(status=Status.FAILED)
    await store.commit((PutExecution(ended, None), count_of(ended)))
    assert wire.quiet
    assert [tally.count for tally in await store.list_tallies("2026-11-21", "2026-11-21")] == [1]


async def test_a_rival_at_the_counter_is_waited_for_and_changes_no_count(wire: Wire, store: DynamoStore) -> None:
    wire.refuse("TransactWriteItems", AT_THE_COUNTER, BUSY_LIMIT - 1)
    running, ended = an_execution(), replace(an_execution(status=Status.SUCCESS), revision=2)
    await store.commit((PutExecution(running, None),))
    await store.commit((PutExecution(ended, 1), count_of(ended)))
    assert wire.quiet
    wire.refuse("TransactWriteItems", AT_THE_COUNTER, 99)
    other = an_execution(minute=1, status=Status.FAILED)
    with pytest.raises(Unavailable):
        await store.commit((PutExecution(other, None), count_of(other)))
    assert await store.read_execution(other.key) is None
    assert [tally.status for tally in await store.list_tallies("2026-11-21", "2026-11-21")] == ["success"]


async def test_an_end_that_came_before_while_rivals_count_is_lost_and_not_tried_again(
    wire: Wire, store: DynamoStore
) -> None:
    reasons = [{"Code": "ConditionalCheckFailed"}, {"Code": "TransactionConflict"}]
    wire.refuse("TransactWriteItems", {**AT_THE_COUNTER, "CancellationReasons": reasons}, 1)
    ended = an_execution(status=Status.FAILED)
    with pytest.raises(WriteConflict) as lost:
        await store.commit((PutExecution(ended, None), count_of(ended)))
    assert [type(write) for write in lost.value.lost] == [PutExecution]


CONFLICT: dict[str, object] = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}],
}
AT_THE_COUNTER: dict[str, object] = {
    **CONFLICT,
    "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
}
RIVAL: dict[str, object] = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException"}
DENIED: dict[str, object] = {
    "__type": "com.amazon.coral.service#AccessDeniedException",
    "Message": "User arn:aws:iam::123456789012:user/x is not allowed to read secret-thing",
}


async def test_a_rival_transaction_is_waited_for(wire: Wire, store: DynamoStore) -> None:
    wire.refuse("TransactWriteItems", CONFLICT, BUSY_LIMIT - 1)
    wire.refuse("PutItem", RIVAL, BUSY_LIMIT - 1)
    await store.commit([PutJob(a_job(), None), CountService("reports", +1)])
    await store.commit((PutExecution(an_execution(), None),))
    assert await store.read_job(a_job().guid) == a_job()
    assert await store.read_execution(an_execution().key) == an_execution()


async def test_rivals_without_end_are_unavailability(wire: Wire, store: DynamoStore) -> None:
    wire.refuse("TransactWriteItems", CONFLICT, 99)
    with pytest.raises(Unavailable):
        await store.commit([PutJob(a_job(), None), CountService("reports", +1)])
    assert await store.read_job(a_job().guid) is None


@pytest.mark.parametrize("operation", ["PutItem", "GetItem", "Query", "TransactWriteItems"])
async def test_other_failures_are_unavailability_without_aws_own_words(
    wire: Wire, store: DynamoStore, operation: str
) -> None:
    wire.refuse(operation, DENIED, 99)
    uses: dict[str, Callable[[], Awaitable[object]]] = {
        "GetItem": lambda: store.read_job("x"),
        "Query": lambda: store.list_jobs(None, None, 5),
        "PutItem": lambda: store.commit((PutExecution(an_execution(), None),)),
        "TransactWriteItems": lambda: store.commit((PutJob(a_job(), None),)),
    }
    with pytest.raises(Unavailable) as failure:
        await uses[operation]()
    assert operation in failure.value.message
    assert "AccessDenied" in failure.value.message
    assert "secret" not in failure.value.message


async def test_a_store_that_cannot_be_reached_is_unavailability(wire: Wire, store: DynamoStore) -> None:
    wire.lose_replies("GetItem", 99)
    with pytest.raises(Unavailable):
        await store.read_job("x")
