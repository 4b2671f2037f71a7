"""Pages merged from partitions that were each read only in part: nothing is left out, shown twice or out of order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.dynamodb import executions
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.store import DynamoStore
from jobhook.core.executions.execution import Status
from jobhook.core.executions.writes import PutExecution
from jobhook.core.paging import ExecutionFilter, OfJob, OfService, Page, Position, Scope
from tests.contract.paging import all_pages
from tests.contract.values import an_execution

PARTITIONS = st.lists(st.sets(st.integers(0, 60), max_size=12), min_size=1, max_size=4)


@given(partitions=PARTITIONS, limit=st.integers(1, 8), read=st.integers(1, 5), newest_first=st.booleans())
async def test_all_pages_together_are_all_items_in_order(
    partitions: list[set[int]], limit: int, read: int, newest_first: bool
) -> None:
    """`read` may be less than `limit`: a megabyte ends a query too."""
    distinct = [{number * 4 + shard for number in numbers} for shard, numbers in enumerate(partitions)]

    def part(numbers: set[int], after: Position | None) -> Part[int]:
        rest = sorted(numbers, reverse=newest_first)
        if after is not None:
            rest = [number for number in rest if (number < int(after[0]) if newest_first else number > int(after[0]))]
        looked_at = rest[:read]
        return Part(looked_at, (looked_at[-1],) if len(rest) > read else None)

    async def page(after: Position | None, count: int) -> Page[int]:
        parts = [part(numbers, after) for numbers in distinct]
        return merged(parts, lambda number: (number,), count, newest_first=newest_first)

    assert await all_pages(page, limit) == sorted(set().union(*distinct), reverse=newest_first)


@pytest.mark.parametrize("place", ["all", "service", "job"])
async def test_a_filter_goes_on_behind_what_it_has_looked_at(
    store: DynamoStore, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """One success after many failures: the pages before it are empty, and lead to it."""
    monkeypatch.setattr(executions, "_LOOKED_AT", 3)
    names = ["nightly"] if place == "job" else [f"job-{number}" for number in range(6)]
    for name in names:
        for minute in range(8):
            status = Status.SUCCESS if minute == 0 else Status.FAILED
            await store.commit((PutExecution(an_execution(name, minute, status), None),))
    scopes: dict[str, Scope] = {
        "all": None,
        "service": OfService("reports"),
        "job": OfJob(an_execution().key.guid, "one"),
    }
    only = ExecutionFilter("success")

    async def page(after: Position | None, count: int) -> Page[object]:
        found = await store.list_executions(scopes[place], only, after, count)
        return Page([execution.job_name for execution in found.items], found.next_after)

    assert not (await page(None, 5)).items
    assert sorted(map(str, await all_pages(page, 5))) == names
