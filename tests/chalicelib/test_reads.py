"""Every read of the store costs a bounded number of queries, and none scans; and items keep below DynamoDB's limit."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from chalicelib.dynamodb.keys import SHARDS, TALLY_SHARDS
from chalicelib.dynamodb.store import DynamoStore
from chalicelib.dynamodb.tables import INDEXES, LISTED_EXECUTION, Tables, definitions
from jobhook.core import limits
from jobhook.core.executions.execution import OPEN, Attempt, Status
from jobhook.core.executions.writes import (
    CountService,
    PutChange,
    PutExecution,
    PutFire,
    PutJob,
    PutPage,
    PutSchedule,
    SaveLastSuccess,
    TakeLock,
)
from jobhook.core.jobs.audit import created
from jobhook.core.jobs.job import JobSettings, LastSuccess
from jobhook.core.paging import MAX_LIMIT, Between, ExecutionFilter, OfJob, OfService
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.ports import Store
from tests.chalicelib.moto_tables import TABLES
from tests.chalicelib.wire import Wire
from tests.contract.values import NIGHTLY, PLAIN, T0, a_fire, a_job, a_key, a_row, an_execution, whole_execution

Read = Callable[[DynamoStore], Awaitable[object]]
ALL = ExecutionFilter()
FAILED = ExecutionFilter("failed", T0, T0 + 10**9)
SUCCESS = ExecutionFilter("success", T0, T0 + 10**9)
GUID = a_key().guid
LATER = (T0 + 60_000, a_key(minute=1).id)
GET = {"GetItem": 1}


def queries(most: int) -> dict[str, int]:
    return {"Query": most}


READS: dict[str, list[tuple[Read, dict[str, int]]]] = {
    "read_job": [(lambda store: store.read_job(GUID), GET)],
    "read_job_state": [(lambda store: store.read_job_state(GUID), queries(1))],
    "read_lock_holder": [(lambda store: store.read_lock_holder(GUID, "one"), GET)],
    "read_execution": [(lambda store: store.read_execution(a_key()), GET)],
    "read_schedule": [(lambda store: store.read_schedule(NIGHTLY), GET)],
    "read_schedule_by_rule": [(lambda store: store.read_schedule_by_rule(a_row().rule_suffix), GET)],
    "read_fire": [(lambda store: store.read_fire(NIGHTLY, T0), GET)],
    "list_jobs": [
        (lambda store: store.list_jobs("reports", None, MAX_LIMIT), queries(1)),
        (lambda store: store.list_jobs(None, None, MAX_LIMIT), queries(SHARDS)),
    ],
    "list_services": [(lambda store: store.list_services(None, MAX_LIMIT), queries(1))],
    "list_schedules": [(lambda store: store.list_schedules(), queries(1))],
    "list_scheduled_jobs": [(lambda store: store.list_scheduled_jobs(NIGHTLY, None, 100), queries(SHARDS))],
    "list_page_bounds": [(lambda store: store.list_page_bounds(NIGHTLY, None, 100, 25), queries(SHARDS))],
    "read_page": [(lambda store: store.read_page(PageKey(NIGHTLY, T0, "rest")), GET)],
    "list_pages": [(lambda store: store.list_pages(NIGHTLY, T0, 5_000), queries(1))],
    "list_executions": [
        (lambda store: store.list_executions(OfJob(GUID, "one"), ALL, None, MAX_LIMIT), queries(1)),
        (lambda store: store.list_executions(OfJob(GUID, "one"), FAILED, None, MAX_LIMIT), queries(1)),
        (lambda store: store.list_executions(OfService("reports"), ALL, None, MAX_LIMIT), queries(SHARDS)),
        (lambda store: store.list_executions(OfService("reports"), FAILED, None, MAX_LIMIT), queries(SHARDS)),
        (lambda store: store.list_executions(None, ALL, None, MAX_LIMIT), queries(SHARDS)),
        (lambda store: store.list_executions(None, FAILED, None, MAX_LIMIT), queries(SHARDS)),
        (lambda store: store.list_executions(OfJob(GUID, "one"), SUCCESS, LATER, 2), queries(1)),
        (lambda store: store.list_executions(OfService("reports"), SUCCESS, LATER, 2), queries(SHARDS)),
        (lambda store: store.list_executions(OfService("reports"), FAILED, LATER, 2), queries(SHARDS)),
        (lambda store: store.list_executions(None, SUCCESS, LATER, 2), queries(SHARDS)),
        (lambda store: store.list_executions(None, FAILED, LATER, 2), queries(SHARDS)),
    ],
    "list_changes": [
        (lambda store: store.list_changes(GUID, Between(T0, T0 + 10**9), None, MAX_LIMIT), queries(1)),
        (lambda store: store.list_changes(None, Between(), None, MAX_LIMIT), queries(SHARDS)),
    ],
    "list_tallies": [(lambda store: store.list_tallies("2026-01-01", "2027-01-01"), queries(TALLY_SHARDS))],
    "list_open_tallies": [(lambda store: store.list_open_tallies(T0, T0 + 10**9), queries(len(OPEN) * SHARDS))],
    "list_latest_fires": [(lambda store: store.list_latest_fires(NIGHTLY, T0 + 10**9, 50), queries(1))],
    "list_fires": [(lambda store: store.list_fires(NIGHTLY, T0, T0 + 10**9, 2_000), queries(1))],
    "list_open_fires": [(lambda store: store.list_open_fires(T0 + 10**9, 100), queries(1))],
    "list_overdue": [(lambda store: store.list_overdue(T0 + 10**9, 100), queries(SHARDS))],
    "list_unreported": [(lambda store: store.list_unreported(T0 + 10**9, 100), queries(SHARDS))],
    "list_due_notifications": [(lambda store: store.list_due_notifications(T0 + 10**9, 100), queries(SHARDS))],
    "list_locks": [(lambda store: store.list_locks(T0 + 10**9, 100), queries(SHARDS))],
}


async def fill(store: DynamoStore) -> None:
    """A few of everything in every shard."""
    await store.commit((PutSchedule(a_row()),))
    for number in range(12):
        name = f"job-{number}"
        await store.commit([PutJob(a_job(name), None), CountService("reports", +1)])
        await store.commit((TakeLock(a_key(name), T0),))
        await store.commit((PutFire(a_fire(number)),))
        await store.commit((PutPage(FirePage(PageKey(NIGHTLY, T0, str(number)))),))
        for minute, status in enumerate((Status.RUNNING, Status.FAILED, Status.SUCCESS)):
            await store.commit((PutExecution(an_execution(name, minute, status), None),))


def test_every_read_of_the_port_is_counted_here() -> None:
    ports = {name for name in vars(Store) if name.startswith(("read_", "list_"))}
    assert ports == set(READS)


async def test_every_read_costs_a_bounded_number_of_queries_and_none_scans(wire: Wire, store: DynamoStore) -> None:
    await fill(store)
    calls = wire.calls
    calls.clear()
    for name, reads in READS.items():
        for read, most in reads:
            calls.clear()
            await read(store)
            assert set(calls) == set(most), name
            assert all(calls[operation] <= count for operation, count in most.items()), name


async def test_a_page_of_jobs_costs_no_more_where_there_are_more(wire: Wire, store: DynamoStore) -> None:
    await fill(store)
    calls = wire.calls
    calls.clear()
    page = await store.list_jobs(None, None, 5)
    assert len(page.items) == 5
    assert calls == queries(SHARDS)


async def test_listings_never_read_the_payload_of_an_index(client: DynamoDBClient, store: DynamoStore) -> None:
    large = ("payload", "state", "state_schema", "responses", "task_token")
    for index in (*INDEXES["jobs"], *INDEXES["executions"]):
        assert not set(index.projects) & set(large)
    await store.commit((PutExecution(whole_execution(), None),))
    answer = client.query(
        TableName=TABLES.executions,
        IndexName="by_service",
        KeyConditionExpression="service_pk = :service",
        ExpressionAttributeValues={":service": {"S": _service_partition(client)}},
    )
    (item,) = answer["Items"]
    assert set(item) == {"pk", "sk", "service_pk", "place", *LISTED_EXECUTION}


def _service_partition(client: DynamoDBClient) -> str:
    key = whole_execution().key
    item = client.get_item(
        TableName=TABLES.executions,
        Key={"pk": {"S": f"{key.guid}#{key.incarnation}"}, "sk": {"N": str(key.scheduled_time_ms)}},
    )["Item"]
    return item["service_pk"]["S"]


async def test_only_ended_executions_expire_and_only_after_the_retention(client: DynamoDBClient) -> None:
    store = DynamoStore(client, TABLES, retention_days=7)
    ended = an_execution(minute=1, status=Status.SUCCESS)
    kept = replace(an_execution(minute=2, status=Status.SUCCESS), retention_days=1_000)
    assert ended.ended_at_ms is not None
    assert kept.ended_at_ms is not None
    for execution in (an_execution(), ended, kept):
        await store.commit((PutExecution(execution, None),))
    removed = {
        execution.key: client.get_item(
            TableName=TABLES.executions,
            Key={"pk": {"S": f"{execution.key.guid}#one"}, "sk": {"N": str(execution.key.scheduled_time_ms)}},
        )["Item"].get("remove_at")
        for execution in (an_execution(), ended, kept)
    }
    assert removed == {
        an_execution().key: None,
        ended.key: {"N": str(ended.ended_at_ms // 1000 + 7 * 86_400)},
        kept.key: {"N": str(kept.ended_at_ms // 1000 + 1_000 * 86_400)},
    }


async def test_a_change_expires_after_the_retention(client: DynamoDBClient) -> None:
    store = DynamoStore(client, TABLES, retention_days=7)
    change = created(a_job())
    await store.commit((PutChange(change),))
    (item,) = client.query(
        TableName=TABLES.jobs,
        KeyConditionExpression="pk = :changes",
        ExpressionAttributeValues={":changes": {"S": f"CHANGES#{GUID}"}},
    )["Items"]
    assert item["remove_at"] == {"N": str(T0 // 1000 + 7 * 86_400)}


def test_no_table_names_more_attributes_in_its_indexes_than_dynamodb_takes() -> None:
    for definition in definitions(Tables("a", "b", "c")):
        indexes = definition["GlobalSecondaryIndexes"]
        assert len(indexes) <= 20
        assert sum(len(index["Projection"].get("NonKeyAttributes", ())) for index in indexes) <= 100


NASTY = '"\\\u0001\n'  # what JSON writes longer than UTF-8 does


@pytest.mark.parametrize("character", ["x", "\u00e9", NASTY])
async def test_the_largest_execution_and_job_fit_an_item(store: DynamoStore, character: str) -> None:
    """moto refuses items above 400 KB as DynamoDB does."""

    def text(most: int) -> str:
        return (character * most).encode()[:most].decode("utf-8", "ignore")

    schema = {"const": text(limits.STATE_SCHEMA // 6 - 100)}
    attempts = tuple(
        Attempt(number, T0, "a" * 64, 503, "the service answered 503", 1, text(4096)) for number in range(1, 10)
    )
    execution = replace(
        whole_execution(),
        payload=text(limits.PAYLOAD),
        state=text(limits.STATE),
        summary=text(limits.SUMMARY),
        error=text(limits.ERROR),
        correlation_id=text(limits.CORRELATION_ID),
        invocation_target="https://a.example/" + "x" * (limits.URL - 18),
        state_schema=schema,
        attempts=attempts,
        task_token="t" * 1024,
    )
    await store.commit((PutExecution(execution, None),))
    assert await store.read_execution(execution.key) == execution
    settings: JobSettings = replace(PLAIN, payload=text(limits.PAYLOAD), state_schema=schema)
    job = a_job(settings=settings)
    success = LastSuccess(execution.id, T0, T0, text(limits.STATE), text(limits.SUMMARY))
    await store.commit((PutJob(job, None),))
    await store.commit((SaveLastSuccess(job.guid, "one", success),))
    state = await store.read_job_state(job.guid)
    assert state is not None
    assert (state.job, state.last_success) == (job, success)
