"""What is older than the history is kept is forgotten, piece by piece; what is open stays."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from jobhook.core.executions.execution import Status
from jobhook.core.executions.writes import FireDone, PutChange, PutExecution, PutFire
from jobhook.core.jobs.audit import deleted
from jobhook.core.paging import Between
from jobhook.core.schedules.rows import Fire, FireState
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.retention import forget
from jobhook.server.sqlite.store import SqliteStore
from tests.contract.values import DAY, HOURLY, MINUTE, NIGHTLY, T0, a_job, a_key, an_execution


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    database = Database(":memory:")
    yield database
    await database.close()


async def forgotten(database: Database, before_ms: int, limit: int = 100, now_ms: int = T0) -> int:
    return await database.write(lambda connection: forget(connection, before_ms, now_ms, limit))


def count(connection: sqlite3.Connection, table: str) -> int:
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(rows)


async def test_ended_executions_go_and_open_and_newer_ones_stay(database: Database) -> None:
    store = SqliteStore(database)
    for minute, status in enumerate((Status.SUCCESS, Status.RUNNING, Status.FAILED, Status.SUCCESS)):
        await store.commit((PutExecution(an_execution(minute=minute, status=status), None),))
    assert await forgotten(database, T0 + 3 * MINUTE) == 2
    left = [minute for minute in range(4) if await store.read_execution(a_key(minute=minute))]
    assert left == [1, 3]


async def test_a_long_past_goes_in_bounded_pieces_oldest_first(database: Database) -> None:
    store = SqliteStore(database)
    for minute in range(5):
        await store.commit((PutExecution(an_execution(minute=minute, status=Status.SUCCESS), None),))
    assert await forgotten(database, T0 + 5 * MINUTE, limit=2) == 2
    assert await store.read_execution(a_key(minute=1)) is None
    assert await store.read_execution(a_key(minute=2)) is not None
    assert [await forgotten(database, T0 + 5 * MINUTE, limit=2) for _ in range(3)] == [2, 1, 0]


async def test_an_execution_with_a_retention_of_its_own_goes_by_that(database: Database) -> None:
    store = SqliteStore(database)
    for minute, days in enumerate((1, None, 30, 1)):
        status = Status.RUNNING if minute == 3 else Status.SUCCESS
        execution = replace(an_execution(minute=minute, status=status), retention_days=days)
        await store.commit((PutExecution(execution, None),))
    now_ms = T0 + 2 * DAY
    assert await forgotten(database, now_ms - 10 * DAY, now_ms=T0 + DAY) == 0
    assert await forgotten(database, now_ms - 10 * DAY, now_ms=now_ms) == 1
    assert await store.read_execution(a_key(minute=0)) is None
    assert await forgotten(database, now_ms, now_ms=now_ms) == 1
    assert await store.read_execution(a_key(minute=1)) is None
    assert await store.read_execution(a_key(minute=2)) is not None
    assert await store.read_execution(a_key(minute=3)) is not None


def test_what_is_kept_longer_is_passed_over_within_the_index(database: Database) -> None:
    """Who looks for what may go reads no record of what stays."""
    plan = database.reader.execute(
        "EXPLAIN QUERY PLAN SELECT count(*) FROM executions INDEXED BY executions_by_time "
        "WHERE scheduled_time_ms < 5 AND retention_days IS NULL"
    ).fetchall()
    assert any("COVERING INDEX executions_by_time" in row["detail"] for row in plan)


async def test_changes_go_with_the_history_of_their_time(database: Database) -> None:
    store = SqliteStore(database)
    job = a_job()
    for minute in range(4):
        await store.commit((PutChange(deleted(job, "ann", T0 + minute * MINUTE)),))
    assert await forgotten(database, T0 + 3 * MINUTE, limit=2) == 2
    assert await forgotten(database, T0 + 3 * MINUTE, limit=2) == 1
    assert [change.at_ms for change in (await store.list_changes(None, Between(), None, 5)).items] == [T0 + 3 * MINUTE]


async def test_fires_of_every_schedule_go_but_open_ones_and_gaps_that_reach_into_what_is_kept(
    database: Database,
) -> None:
    store = SqliteStore(database)
    for expression in (HOURLY, NIGHTLY):
        for minute in range(3):
            time_ms = T0 + minute * MINUTE
            await store.commit((PutFire(Fire(expression, time_ms, FireState.OPEN, time_ms, time_ms)),))
        await store.commit((FireDone(expression, T0, 1), FireDone(expression, T0 + 2 * MINUTE, 1)))
    gap = Fire(HOURLY, T0 - MINUTE, FireState.MISSED, T0, T0 + 9 * MINUTE, 9)
    await store.commit((PutFire(gap),))
    assert await forgotten(database, T0 + 2 * MINUTE) == 2
    assert count(database.reader, "fires") == 5
    assert await store.read_fire(HOURLY, T0) is None
    assert await store.read_fire(HOURLY, T0 - MINUTE) == gap
