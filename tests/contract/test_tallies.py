"""The counters: every ending once, whoever repeats what, and what is open by its records."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.execution import OPEN, Execution, Status
from jobhook.core.executions.stats import OpenTallies
from jobhook.core.executions.writes import CountEnded, PutExecution, count_of
from jobhook.ports import WriteConflict
from tests.contract.values import DAY, T0, a_key, an_execution

TODAY = "2026-11-21"
MINUTES_A_DAY = 24 * 60


async def tallies(store: CommitStore, since: str = TODAY, until: str = TODAY) -> dict[tuple[str, str, str], int]:
    """Added up, as a store may give one kind in several parts."""
    found: Counter[tuple[str, str, str]] = Counter()
    for tally in await store.list_tallies(since, until):
        found[tally.day, tally.service_name, tally.status] += tally.count
    return dict(found)


def added_up(found: OpenTallies) -> dict[tuple[str, str, str], int]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for tally in found.tallies:
        counts[tally.day, tally.service_name, tally.status] += tally.count
    return dict(counts)


def ended(minute: int = 0, status: Status = Status.SUCCESS) -> Execution:
    return replace(an_execution(minute=minute, status=status), revision=2)


async def test_nothing_is_counted_in_the_beginning(store: CommitStore) -> None:
    assert await tallies(store) == {}
    assert await store.list_open_tallies(0, 2 * T0) == OpenTallies([], complete=True)


@pytest.mark.parametrize("status", sorted(set(Status) - OPEN))
async def test_each_final_status_has_its_count(store: CommitStore, status: Status) -> None:
    for minute in range(40):
        await store.commit((CountEnded(a_key(minute=minute), "reports", status),))
    assert await tallies(store) == {(TODAY, "reports", status): 40}


async def test_an_end_that_comes_twice_is_counted_once(store: CommitStore) -> None:
    await store.commit((PutExecution(an_execution(), None),))
    for status in (Status.SUCCESS, Status.SUCCESS, Status.FAILED):
        writes = (PutExecution(ended(status=status), 1), count_of(ended(status=status)))
        if status is Status.SUCCESS and not await tallies(store):
            await store.commit(writes)
        else:
            with pytest.raises(WriteConflict):
                await store.commit(writes)
    assert await tallies(store) == {(TODAY, "reports", "success"): 1}


async def test_ends_at_the_same_moment_are_all_counted(store: CommitStore) -> None:
    records = [an_execution(f"job-{number}", status=Status.FAILED) for number in range(60)]
    rivals = [*records, *records[:20]]

    async def record(execution: Execution) -> bool:
        try:
            await store.commit((PutExecution(execution, None), count_of(execution)))
        except WriteConflict:
            return False
        return True

    won = await asyncio.gather(*(record(execution) for execution in rivals))
    assert sum(won) == 60
    assert await tallies(store) == {(TODAY, "reports", "failed"): 60}


async def test_what_is_put_where_nothing_was_is_counted_and_no_other(store: CommitStore) -> None:
    missed = [an_execution(minute=minute, status=Status.MISSED) for minute in range(3)]
    await store.commit((PutExecution(an_execution(minute=1), None),))
    await store.put_absent(missed)
    await store.put_absent(missed)
    assert await tallies(store) == {(TODAY, "reports", "missed"): 2}


async def test_a_count_is_of_the_day_of_the_scheduled_time_and_days_are_both_included(store: CommitStore) -> None:
    for days in (-1, 0, 1, 2):
        minute = days * MINUTES_A_DAY
        for service in ("a", "reports", "z"):
            await store.commit((CountEnded(a_key(minute=minute, service=service), service, Status.SUCCESS),))
    listed = await tallies(store, "2026-11-21", "2026-11-22")
    assert {day for day, _, _ in listed} == {"2026-11-21", "2026-11-22"}
    assert {service for _, service, _ in listed} == {"a", "reports", "z"}
    assert sum(listed.values()) == 6
    assert await tallies(store, "2026-11-24", "2027-11-24") == {}


async def test_what_is_open_is_counted_by_its_records(store: CommitStore) -> None:
    for minute, status in enumerate((Status.PENDING, Status.RUNNING, Status.RUNNING, Status.SUCCESS, Status.FAILED)):
        await store.commit((PutExecution(an_execution(minute=minute, status=status), None),))
        await store.commit((PutExecution(an_execution("b", minute - MINUTES_A_DAY, status, service="other"), None),))
    found = await store.list_open_tallies(T0 - DAY, T0 + DAY)
    assert found.complete
    assert added_up(found) == {
        (TODAY, "reports", "pending"): 1,
        (TODAY, "reports", "running"): 2,
        ("2026-11-20", "other", "pending"): 1,
        ("2026-11-20", "other", "running"): 2,
    }
    assert added_up(await store.list_open_tallies(T0, T0)) == {(TODAY, "reports", "pending"): 1}
    await store.commit((PutExecution(ended(0), 1), count_of(ended(0))))
    assert added_up(await store.list_open_tallies(T0, T0)) == {}
