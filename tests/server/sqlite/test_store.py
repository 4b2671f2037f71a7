"""What only SQLite's store has: reads that fail, and listings served by their indexes."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jobhook.core.errors import Unavailable
from jobhook.core.paging import Between, ExecutionFilter, OfJob, OfService, Scope
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.store import SqliteStore
from tests.contract.values import HOURLY, T0, a_key

READ_IN_KEY_ORDER = ("SELECT * FROM schedules", "SELECT service_name, jobs FROM services  ORDER BY service_name LIMIT")
COUNTED = "SELECT date(scheduled_time_ms / 1000, 'unixepoch'), "


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(tmp_path / "jobhook.db", synchronous="OFF")
    yield opened
    await opened.close()


async def test_a_read_that_fails_is_unavailable(database: Database) -> None:
    store = SqliteStore(database)
    await database.write(lambda connection: drop(connection, "executions"))
    with pytest.raises(Unavailable):
        await store.read_execution(a_key())
    with pytest.raises(Unavailable):
        await store.list_executions(None, ExecutionFilter(), None, 10)


def drop(connection: sqlite3.Connection, table: str) -> None:
    connection.execute(f"DROP TABLE {table}")


async def test_no_read_scans_a_table_or_sorts_its_answer(database: Database) -> None:
    """Every statement of the port's reads, as SQLite plans it.

    Only the short list of schedules is read whole, and services, which are read in the order of their key, to a limit;
    and what is open is counted in groups, of which there are as many as days and services.
    """
    statements: list[str] = []
    for connection in (database.reader, database._listing):
        connection.set_trace_callback(statements.append)
    await every_read(SqliteStore(database))
    plans = {statement: plan(database.reader, statement) for statement in statements if statement.startswith("SELECT")}
    assert len(plans) > 25
    bad = {
        statement: steps
        for statement, steps in plans.items()
        if "TEMP B-TREE" in steps or any(step.startswith("SCAN") and "USING" not in step for step in steps.split("; "))
    }
    assert [statement for statement in bad if not statement.startswith((*READ_IN_KEY_ORDER, COUNTED))] == []
    (counting,) = (steps for statement, steps in plans.items() if statement.startswith(COUNTED))
    assert counting.startswith("SCAN executions USING INDEX executions_open")


def plan(connection: sqlite3.Connection, statement: str) -> str:
    connection.set_trace_callback(None)
    return "; ".join(row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))


async def test_a_rare_end_is_found_by_an_index_and_not_among_all_others(database: Database) -> None:
    statements: list[str] = []
    database._listing.set_trace_callback(statements.append)
    store, key = SqliteStore(database), a_key()
    for after in (None, (T0, key.id)):
        await store.list_executions(OfService("reports"), ExecutionFilter("failed", T0, T0), after, 5)
        await store.list_executions(None, ExecutionFilter("failed", T0, T0), after, 5)
    used = [plan(database.reader, statement) for statement in statements if statement.startswith("SELECT")]
    of_service = "executions_failed_of_service (service_name=? AND status=? AND scheduled_time_ms>"
    of_all = "executions_by_status (status=? AND scheduled_time_ms>"
    assert [of_service in step or of_all in step for step in used] == [True] * 4


async def every_read(store: SqliteStore) -> None:
    key = a_key()
    await store.read_job(key.guid)
    await store.read_job_state(key.guid)
    await store.read_lock_holder(key.guid, key.incarnation)
    await store.read_execution(key)
    await store.read_schedule(HOURLY)
    await store.read_schedule_by_rule("x")
    await store.read_fire(HOURLY, T0)
    for after in (None, ("reports", "nightly")):
        await store.list_jobs(None, after, 5)
        await store.list_jobs("reports", after, 5)
    for place in (None, ("reports",)):
        await store.list_services(place, 5)
    for position in (None, (key.guid,)):
        await store.list_scheduled_jobs(HOURLY, position, 5)
    await store.list_schedules()
    await store.list_fires(HOURLY, T0, T0, 5)
    await store.list_open_fires(T0, 5)
    await store.list_overdue(T0, 5)
    await store.list_unreported(T0, 5)
    await store.list_locks(T0, 5)
    await store.list_tallies("2026-11-21", "2026-11-22")
    await store.list_open_tallies(T0, T0)
    for guid in (None, key.guid):
        for seen in (None, (T0, "x")):
            await store.list_changes(guid, Between(T0, T0), seen, 5)
    scopes: list[Scope] = [None, OfService("reports"), OfJob(key.guid, key.incarnation)]
    for last in (None, (T0, key.id)):
        for scope in scopes:
            for status in (None, "failed", "success"):
                for since in (None, T0):
                    await store.list_executions(scope, ExecutionFilter(status, since, since), last, 5)
