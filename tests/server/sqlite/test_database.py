"""Group commit: units of work share a transaction, and each stands or falls by itself."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jobhook.core.errors import Unavailable
from jobhook.core.executions.execution import Trigger
from jobhook.core.executions.writes import PutJob
from jobhook.core.identities import ExecutionKey
from jobhook.server.sqlite import schema
from jobhook.server.sqlite.database import Database, savepoint
from jobhook.server.sqlite.job_rows import SCHEDULED_JOB_COLUMNS
from jobhook.server.sqlite.schema import UnknownSchema
from jobhook.server.sqlite.store import SqliteStore


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(tmp_path / "jobhook.db", synchronous="OFF")
    yield opened
    await opened.close()


def named(name: str, jobs: int = 1) -> Callable[[sqlite3.Connection], int]:
    """A unit that inserts a service; its name is the table's key."""

    def insert(connection: sqlite3.Connection) -> int:
        return connection.execute("INSERT OR IGNORE INTO services VALUES (?, ?)", (name, jobs)).rowcount

    return insert


def broken_after(name: str, error: Exception) -> Callable[[sqlite3.Connection], None]:
    def insert_and_raise(connection: sqlite3.Connection) -> None:
        def work() -> None:
            named(name)(connection)
            raise error

        savepoint(connection, work)

    return insert_and_raise


def breaking_sqlite(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO no_such_table VALUES (1)")


def ignore(_: object) -> None:
    """For units that are one statement."""


def names(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT service_name FROM services")}


async def test_a_unit_is_durable_once_its_future_is_done(database: Database, tmp_path: Path) -> None:
    assert await database.write(named("a")) == 1
    other = sqlite3.connect(tmp_path / "jobhook.db")
    assert names(other) == {"a"}
    other.close()


async def test_units_that_are_queued_together_are_committed_together_and_in_order(database: Database) -> None:
    order: list[int] = []
    commits = 0

    def noting(number: int) -> Callable[[sqlite3.Connection], None]:
        def unit(connection: sqlite3.Connection) -> None:
            nonlocal commits
            assert connection.in_transaction
            commits += number == 0 or not order
            order.append(number)
            named(f"s{number:03d}")(connection)

        return unit

    await asyncio.gather(*(database.write(noting(number)) for number in range(50)))
    assert order == list(range(50))
    assert commits == 1
    assert len(names(database.reader)) == 50


async def test_nothing_is_seen_before_it_is_committed(database: Database) -> None:
    seen: list[set[str]] = []

    def look(connection: sqlite3.Connection) -> None:
        named("a")(connection)
        seen.append(names(database.reader))

    await database.write(look)
    assert seen == [set()]
    assert names(database.reader) == {"a"}


async def test_a_unit_that_raises_is_undone_and_harms_no_neighbour(database: Database) -> None:
    outcomes = await asyncio.gather(
        database.write(named("before")),
        database.write(broken_after("broken", ValueError("on purpose"))),
        database.write(named("after")),
        return_exceptions=True,
    )
    assert outcomes[0] == outcomes[2] == 1
    assert isinstance(outcomes[1], ValueError)
    assert names(database.reader) == {"before", "after"}


async def test_an_sqlite_error_makes_the_whole_group_unavailable_and_nothing_of_it_stays(database: Database) -> None:
    outcomes = await asyncio.gather(
        database.write(named("a")),
        database.write(breaking_sqlite),
        database.write(named("b")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert names(database.reader) == set()
    assert await database.write(named("next")) == 1
    assert names(database.reader) == {"next"}


async def test_a_full_disk_is_unavailable_and_the_database_goes_on_once_there_is_room(database: Database) -> None:
    def limit(pages: int) -> Callable[[sqlite3.Connection], None]:
        return lambda connection: ignore(connection.execute(f"PRAGMA max_page_count = {pages}"))

    fill = named("x" * 1_000_000)
    await database.write(named("a"))
    await database.write(limit(1))  # SQLite takes the size that the file has, if that is more
    outcomes = await asyncio.gather(
        database.write(named("b")), database.write(fill), database.write(named("c")), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert names(database.reader) == {"a"}
    await database.write(limit(1_000_000))
    await database.write(fill)
    assert names(database.reader) == {"a", "x" * 1_000_000}


async def test_a_lock_of_another_process_is_unavailable(database: Database, tmp_path: Path) -> None:
    await database.write(lambda connection: ignore(connection.execute("PRAGMA busy_timeout = 1")))
    other = sqlite3.connect(tmp_path / "jobhook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await database.write(named("a"))
    other.execute("ROLLBACK")
    other.close()
    assert await database.write(named("a")) == 1


async def test_who_stops_waiting_disturbs_nobody_and_the_unit_is_done(database: Database) -> None:
    cancelled, kept = database.write(named("cancelled")), database.write(named("kept"))
    failing = database.write(broken_after("failing", ValueError()))
    cancelled.cancel()
    failing.cancel()
    assert await kept == 1
    assert names(database.reader) == {"cancelled", "kept"}


async def test_more_than_a_group_holds_is_done_in_several(database: Database) -> None:
    await asyncio.gather(*(database.write(named(f"s{number}")) for number in range(1_001)))
    assert len(names(database.reader)) == 1_001


async def test_close_finishes_what_was_queued(tmp_path: Path) -> None:
    database = Database(tmp_path / "jobhook.db", synchronous="OFF")
    queued = [database.write(named(f"s{number}")) for number in range(500)]
    await database.close()
    assert all(unit.done() for unit in queued)
    again = Database(tmp_path / "jobhook.db", synchronous="OFF")
    assert len(names(again.reader)) == 500
    await again.close()


async def test_listings_see_what_was_committed(database: Database) -> None:
    await database.write(named("a"))
    assert await database.list(names) == {"a"}


async def test_an_unreadable_listing_is_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable):
        await database.list(lambda reader: reader.execute("SELECT * FROM no_such_table").fetchall())


async def test_data_of_another_version_is_refused(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "jobhook.db")
    other.execute("PRAGMA user_version = 999")
    other.close()
    with pytest.raises(UnknownSchema, match="999"):
        Database(tmp_path / "jobhook.db")


async def test_data_of_the_first_version_opens_with_all_that_it_has(tmp_path: Path) -> None:
    first = sqlite3.connect(tmp_path / "jobhook.db")
    first.executescript(f"{schema._TABLES}PRAGMA user_version = 1;")
    first.execute(
        "INSERT INTO executions (guid, incarnation, scheduled_time_ms, service_name, job_name, schedule, status, "
        "ttl_seconds, revision, workflow_told, holds_lock, invocation_target, attempts) "
        "VALUES ('g', 'i', 5, 'reports', 'nightly', 'rate(1 day)', 'running', 60, 3, 0, 0, 'http://x', '[]')"
    )
    first.execute(
        "INSERT INTO jobs (guid, service_name, job_name, incarnation, schedule, enabled, ttl_seconds, timeout_seconds, "
        "effective_from_ms, version, created_at_ms, updated_at_ms, exclusive, invocation_target, invocation_type) "
        "VALUES ('g', 'reports', 'nightly', 'i', 'rate(1 day)', 1, 60, 120, 1, 4, 1, 2, 0, 'http://x', 'http')"
    )
    first.commit()
    first.close()
    database = Database(tmp_path / "jobhook.db", synchronous="OFF")
    job = await SqliteStore(database).read_job("g")
    assert job is not None
    assert (job.version, job.pause, job.from_ms) == (4, None, {"rate(1 day)": 1})
    assert (await SqliteStore(database).list_scheduled_jobs("rate(1 day)", None, 5)).items == [
        job.scheduled("rate(1 day)")
    ]
    execution = await SqliteStore(database).read_execution(ExecutionKey("g", "i", 5))
    assert execution is not None
    assert (execution.revision, execution.trigger, execution.retry_of) == (3, Trigger.SCHEDULE, None)
    assert database.reader.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
    await database.close()


async def test_jobs_of_the_version_with_one_schedule_each_are_found_by_it(tmp_path: Path) -> None:
    """A job's only schedule was in its own row, and an index had those of the enabled ones."""
    before = next(at for at, statements in enumerate(schema._MIGRATIONS) if "job_schedules" in statements)
    old = sqlite3.connect(tmp_path / "jobhook.db", isolation_level=None)
    for step, statements in enumerate((schema._TABLES, *schema._MIGRATIONS[:before]), 1):
        old.executescript(f"{statements}PRAGMA user_version = {step};")
    for guid, enabled in (("a", 1), ("b", 0), ("c", 1)):
        old.execute(
            "INSERT INTO jobs (guid, service_name, job_name, incarnation, schedule, enabled, ttl_seconds, "
            "timeout_seconds, effective_from_ms, version, created_at_ms, updated_at_ms, exclusive, invocation_target, "
            "invocation_type) "
            "VALUES (?, 'reports', ?, 'i', 'rate(1 day)', ?, 60, 120, 7, 4, 1, 2, 0, 'http://x', 'http')",
            (guid, guid, enabled),
        )
    old.close()
    database = Database(tmp_path / "jobhook.db", synchronous="OFF")
    store = SqliteStore(database)
    page = await store.list_scheduled_jobs("rate(1 day)", None, 5)
    assert [(job.guid, job.effective_from_ms) for job in page.items] == [("a", 7), ("c", 7)]
    job = await store.read_job("b")
    assert job is not None
    enabled_again = job.configured(replace(job.settings, enabled=True, more_schedules=("rate(2 days)",)), 9)
    await store.commit((PutJob(enabled_again, 4),))
    page = await store.list_scheduled_jobs("rate(2 days)", None, 5)
    assert [(job.guid, job.others) for job in page.items] == [("b", (("rate(1 day)", 9),))]
    await database.close()


def test_a_page_of_dispatch_is_a_range_of_the_schedules_rows() -> None:
    connection = sqlite3.connect(":memory:")
    schema.prepare(connection)
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN SELECT {SCHEDULED_JOB_COLUMNS} FROM job_schedules CROSS JOIN jobs USING (guid) "
        "WHERE expression = 'x' AND guid > 'y' ORDER BY guid LIMIT 5"
    ).fetchall()
    steps = [step for *_, step in plan]
    assert steps == [
        "SEARCH job_schedules USING PRIMARY KEY (expression=? AND guid>?)",
        "SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (guid=?)",
    ]
    connection.close()


def test_migrated_data_has_the_tables_of_new_data(tmp_path: Path) -> None:
    old, new = sqlite3.connect(tmp_path / "old.db"), sqlite3.connect(tmp_path / "new.db")
    old.executescript(f"{schema._TABLES}PRAGMA user_version = 1;")
    tables = []
    for connection in (old, new):
        schema.prepare(connection)
        schema.prepare(connection)
        tables.append(connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall())
        connection.close()
    assert tables[0] == tables[1]


async def test_the_file_is_durable_to_power_loss_unless_asked_otherwise(tmp_path: Path) -> None:
    database = Database(tmp_path / "jobhook.db")
    settings = await database.write(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        ]
    )
    assert settings == ["wal", 2]
    await database.close()


async def test_only_a_group_with_a_durable_unit_waits_for_the_disk_and_writes_the_log_back(tmp_path: Path) -> None:
    database = Database(tmp_path / "jobhook.db")

    def settings(connection: sqlite3.Connection) -> list[int]:
        names = ("synchronous", "wal_autocheckpoint")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    waits, waits_not = [2, 1_000], [1, 0]
    assert await database.write(settings, durable=False) == waits_not
    assert await database.write(settings) == waits
    mixed = (database.write(settings, durable=False), database.write(settings))
    for unit in mixed:
        assert await unit == waits
    assert await database.write(settings, durable=False) == waits_not
    await database.close()


async def test_a_unit_that_is_not_durable_is_seen_and_outlives_the_process(tmp_path: Path) -> None:
    database = Database(tmp_path / "jobhook.db")
    assert await database.write(named("a"), durable=False) == 1
    assert names(database.reader) == {"a"}
    other = sqlite3.connect(tmp_path / "jobhook.db")
    assert names(other) == {"a"}
    other.close()
    await database.close()


async def test_a_unit_that_is_not_durable_never_waits_for_more_than_was_asked_for(database: Database) -> None:
    def level(connection: sqlite3.Connection) -> int:
        found: int = connection.execute("PRAGMA synchronous").fetchone()[0]
        return found

    assert [await database.write(level, durable=False), await database.write(level)] == [0, 0]


async def test_a_group_that_is_not_durable_and_fails_is_undone_and_the_database_goes_on(database: Database) -> None:
    outcomes = await asyncio.gather(
        database.write(named("a"), durable=False),
        database.write(breaking_sqlite, durable=False),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 2
    assert await database.write(named("next"), durable=False) == 1
    assert await database.write(named("durable")) == 1
    assert names(database.reader) == {"next", "durable"}
