"""What is going to run over every store: a cursor goes on inside a schedule's jobs, wherever the store's pages end."""

from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.paging import Position, decode_cursor, encode_cursor
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.read_upcoming import list_upcoming
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend

SHAPES: list[tuple[type[str] | type[int], ...]] = [(int, str), (int, str, str), (int, str, int, str)]


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_every_job_comes_once_at_each_time(store: CommitStore, limit: int) -> None:
    backend = MemoryBackend()
    backend.store = store
    names = [f"job-{number}" for number in range(9)]
    for name in names:
        await put_job(backend, "reports", name, replace(flow.PLAIN, schedule="rate(2 minutes)"))
    found: list[tuple[int, str]] = []
    after: Position | None = None
    while True:
        page = await list_upcoming(backend, START_MS + 4 * flow.MINUTE, after, limit)
        found.extend((one.scheduled_time_ms, one.job_name) for one in page.items)
        if page.next_after is None:
            break
        cursor = encode_cursor(page.next_after) or ""
        after = decode_cursor(cursor, next(shape for shape in SHAPES if len(shape) == len(page.next_after)))
    assert sorted(found) == [(START_MS + minute * flow.MINUTE, name) for minute in (2, 4) for name in names]
