"""Executions by job, by service and over all: newest first, filtered, page by page; and what the reconciler asks."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.execution import Execution, Status
from jobhook.core.executions.writes import MarkReported, PutExecution
from jobhook.core.identities import ExecutionKey, job_guid
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import ExecutionFilter, OfJob, OfService, Page, Position, Scope
from tests.contract.implementations import OpenStore
from tests.contract.paging import all_pages
from tests.contract.values import MINUTE, T0, a_key, an_execution, listed, to_notify, whole_execution

ALL = ExecutionFilter()
STATUSES = [Status.SUCCESS, Status.SUCCESS, Status.FAILED, Status.RUNNING, Status.MISSED]
MINUTES = st.integers(0, 6)
SPECS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"]), st.sampled_from(["one", "two"]), MINUTES),
    st.sampled_from(STATUSES),
    max_size=25,
)
FILTERS = st.builds(
    ExecutionFilter,
    st.none() | st.sampled_from([status.value for status in STATUSES]),
    st.none() | MINUTES.map(lambda minute: T0 + minute * MINUTE),
    st.none() | MINUTES.map(lambda minute: T0 + minute * MINUTE),
)


async def put(store: CommitStore, *executions: Execution) -> None:
    for execution in executions:
        await store.commit((PutExecution(execution, None),))


def shown(executions: list[Execution], only: ExecutionFilter) -> list[Execution]:
    """What a listing has to show of these, by the port's words."""
    wanted = [
        listed(execution)
        for execution in executions
        if only.status in (None, execution.status.value)
        and (only.since_ms is None or only.since_ms <= execution.key.scheduled_time_ms)
        and (only.until_ms is None or execution.key.scheduled_time_ms <= only.until_ms)
    ]
    return sorted(wanted, key=lambda execution: (execution.key.scheduled_time_ms, execution.id), reverse=True)


@given(specs=SPECS, only=FILTERS, limit=st.integers(1, 9))
@settings(max_examples=15, deadline=None)
async def test_listings_show_what_was_put_newest_first(
    open_store: OpenStore, specs: dict[tuple[str, str, str, int], Status], only: ExecutionFilter, limit: int
) -> None:
    executions = [
        an_execution(job, minute, status, service=service, incarnation=incarnation)
        for (service, job, incarnation, minute), status in specs.items()
    ]
    of_a = [execution for execution in executions if execution.service_name == "a"]
    guid = job_guid("a", "x")
    of_job = [execution for execution in executions if (execution.key.guid, execution.key.incarnation) == (guid, "one")]
    async with open_store() as store:
        await put(store, *executions)

        async def pages(scope: Scope) -> list[Execution]:
            async def read(after: Position | None, count: int) -> Page[Execution]:
                return await store.list_executions(scope, only, after, count)

            return [listed(execution) for execution in await all_pages(read, limit)]

        assert await pages(None) == shown(executions, only)
        assert await pages(OfService("a")) == shown(of_a, only)
        assert await pages(OfJob(guid, "one")) == shown(of_job, only)


def _without_work(execution: Execution) -> Execution:
    """Without the fields that a store may list or leave out."""
    attempts = tuple(replace(attempt, token_hash="") for attempt in execution.attempts)
    return replace(execution, task_token=None, holds_lock=False, attempts=attempts)


def _places(guid: str) -> list[Scope]:
    """The three listings that show an execution of service `reports`."""
    return [None, OfService("reports"), OfJob(guid, "one")]


async def test_listings_leave_out_what_is_large(store: CommitStore) -> None:
    execution = whole_execution()
    await put(store, execution)
    expected = listed(execution)
    for scope in _places(execution.key.guid):
        page = await store.list_executions(scope, ALL, None, 5)
        assert [_without_work(one) for one in page.items] == [expected]
        assert page.next_after is None


@pytest.mark.parametrize("limit", [9, 10, 11])
async def test_a_page_at_the_end_of_a_listing_says_so_or_is_followed_by_nothing(store: CommitStore, limit: int) -> None:
    await put(store, *(an_execution(minute=minute) for minute in range(10)))
    page = await store.list_executions(OfService("reports"), ALL, None, limit)
    assert len(page.items) == min(limit, 10)
    if page.next_after is not None:
        rest = await store.list_executions(OfService("reports"), ALL, page.next_after, limit)
        assert len(page.items) + len(rest.items) == 10
        assert rest.next_after is None
    else:
        assert limit >= 10


async def test_an_execution_moves_from_status_to_status(store: CommitStore) -> None:
    first = an_execution(status=Status.PENDING)
    running = replace(first, status=Status.RUNNING, revision=2)
    ended = replace(an_execution(status=Status.SUCCESS), revision=3)

    async def by_status() -> list[str]:
        names: list[str] = []
        for status in Status:
            page = await store.list_executions(None, ExecutionFilter(status.value), None, 5)
            names.extend(execution.status.value for execution in page.items)
        return names

    await put(store, first)
    assert await by_status() == ["pending"]
    await store.commit((PutExecution(running, 1),))
    assert await by_status() == ["running"]
    await store.commit((PutExecution(ended, 2),))
    assert await by_status() == ["success"]


async def test_executions_that_arrive_between_two_pages_disturb_no_page(store: CommitStore) -> None:
    await put(store, *(an_execution(minute=minute) for minute in range(6)))
    first = await store.list_executions(OfService("reports"), ALL, None, 3)
    await put(store, an_execution(minute=7))
    rest = await store.list_executions(OfService("reports"), ALL, first.next_after, 50)
    minutes = [(one.key.scheduled_time_ms - T0) // MINUTE for one in (*first.items, *rest.items)]
    assert minutes == [5, 4, 3, 2, 1, 0]


async def test_a_position_that_nobody_gave_is_no_error(store: CommitStore) -> None:
    """A cursor is text from outside: its position is well-formed, and may be any."""
    await put(store, an_execution())
    for position in ((0, ""), (2**53 - 1, "~"), (T0, "\u2603"), (T0 - 1, "x")):
        for scope in _places(a_key().guid):
            await store.list_executions(scope, ALL, position, 5)
    for names in (("", ""), ("~~", "~~"), ("\u2603", ""), ("zz", "a")):
        await store.list_jobs(None, names, 5)
        await store.list_jobs("reports", names, 5)
        await store.list_services(names[:1], 5)


async def test_what_is_overdue_is_open_and_past_its_time(store: CommitStore) -> None:
    executions = [an_execution(f"j{minute}", minute) for minute in range(5)]
    await put(store, *executions, an_execution("ended", 0, Status.FAILED))
    overdue = await store.list_overdue(T0 + 3 * MINUTE, 50)
    assert [listed(one) for one in overdue] == [listed(one) for one in executions[:2]]
    assert [one.id for one in await store.list_overdue(T0 + 9 * MINUTE, 3)] == [one.id for one in executions[:3]]
    alive = replace(executions[0], expires_at_ms=T0 + 9 * MINUTE, revision=2)
    ended = replace(an_execution("j1", 1, Status.SUCCESS), revision=2)
    await store.commit((PutExecution(alive, 1),))
    await store.commit((PutExecution(ended, 1),))
    assert list(await store.list_overdue(T0 + 3 * MINUTE, 50)) == []


async def test_untold_is_what_ended_before_and_was_not_told(store: CommitStore) -> None:
    ended = [an_execution(f"j{minute}", minute, Status.FAILED) for minute in range(4)]
    reported = replace(an_execution("told", 0, Status.SUCCESS), workflow_reported=True)
    await put(store, *ended, reported, an_execution("open"))
    assert set(await store.list_unreported(T0 + 3 * MINUTE, 50)) == {ended[0].key, ended[1].key}
    assert len(await store.list_unreported(T0 + 9 * MINUTE, 2)) == 2
    await store.commit((MarkReported(ended[0].key),))
    assert set(await store.list_unreported(T0 + 3 * MINUTE, 50)) == {ended[1].key}


async def due(store: CommitStore, before_ms: int, limit: int) -> list[ExecutionKey]:
    return [one.key for one in await store.list_due_notifications(before_ms, limit)]


async def test_notifications_are_due_from_their_time_on_until_they_are_sent(store: CommitStore) -> None:
    waiting = [to_notify(minute, T0 + at) for minute, at in enumerate([30, 10, 20])]
    await put(store, *waiting, to_notify(5, None), an_execution(minute=6, status=Status.FAILED))
    assert await due(store, T0 + 30, 50) == [waiting[1].key, waiting[2].key]
    first = (await store.list_due_notifications(T0 + 30, 50))[0]
    assert first == DueNotification(waiting[1].key, T0 + 10)
    assert await due(store, T0 + 31, 2) == [waiting[1].key, waiting[2].key]
    claimed = replace(waiting[1], notification=to_notify(1, T0 + 25).notification, revision=2)
    sent = replace(waiting[2], notification=to_notify(2, None).notification, revision=2)
    await store.commit((PutExecution(claimed, 1),))
    await store.commit((PutExecution(sent, 1),))
    assert await store.read_execution(claimed.key) == claimed
    assert await due(store, T0 + 99, 50) == [claimed.key, waiting[0].key]


async def test_an_absent_execution_is_put_with_its_notification(store: CommitStore) -> None:
    await store.put_absent([to_notify(1, T0 + 10)])
    assert await due(store, T0 + 11, 5) == [a_key(minute=1)]
