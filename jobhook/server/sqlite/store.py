"""The `Store` port over SQLite: reads by key on the loop's thread, listings beside it."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from jobhook.core.executions.execution import Execution
from jobhook.core.executions.stats import OpenTallies, Tally
from jobhook.core.executions.writes import CountStarted, DropPage, FireDone, PutExecution, PutFire, PutPage, Write
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, JobState, ScheduledJob, Service
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import Between, ExecutionFilter, Page, Position, Scope
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.core.schedules.rows import Fire, ScheduleRow
from jobhook.server.sqlite import fire_pages, listings
from jobhook.server.sqlite.apply import Committed, apply, insert_absent, no_listener
from jobhook.server.sqlite.database import Database, unreadable
from jobhook.server.sqlite.execution_rows import EXECUTION_COLUMNS, execution_of
from jobhook.server.sqlite.job_rows import JOB_COLUMNS, job_of, last_success_of
from jobhook.server.sqlite.rows import fire_of, schedule_of

Value = TypeVar("Value")

_OF_FIRES = (PutFire, FireDone, CountStarted, PutPage, DropPage)


def of_fires_alone(writes: Sequence[Write]) -> bool:
    """Whether these need not reach the disk at once: what a power cut takes back is dispatched again."""
    return all(isinstance(write, _OF_FIRES) for write in writes)


class SqliteStore:
    """Jobs, executions and the ledger in one file."""

    def __init__(self, database: Database, committed: Committed = no_listener) -> None:
        """`committed` is told of writes once they are durable."""
        self._database = database
        self._committed = committed

    async def commit(self, writes: Sequence[Write]) -> None:
        """Durable on return, except for fires: their executions are durable before a webhook is sent."""
        durable = not of_fires_alone(writes)
        await self._database.write(lambda connection: apply(connection, writes), durable=durable)
        self._committed(writes)

    async def put_absent(self, executions: Sequence[Execution]) -> None:
        def insert(connection: sqlite3.Connection) -> None:
            for execution in executions:
                insert_absent(connection, execution)

        await self._database.write(insert)
        self._committed([PutExecution(execution, None) for execution in executions])

    async def read_job(self, guid: str) -> Job | None:
        return self._one(f"SELECT {JOB_COLUMNS} FROM jobs WHERE guid = ?", (guid,), job_of)

    async def read_job_state(self, guid: str) -> JobState | None:
        return self._one(
            f"SELECT {JOB_COLUMNS}, last_success, locks.scheduled_time_ms AS held_ms "
            "FROM jobs LEFT JOIN locks USING (guid, incarnation) "
            "WHERE guid = ?",
            (guid,),
            _job_state_of,
        )

    async def read_lock_holder(self, guid: str, incarnation: str) -> str | None:
        return self._one(
            "SELECT guid, incarnation, scheduled_time_ms FROM locks WHERE guid = ? AND incarnation = ?",
            (guid, incarnation),
            lambda row: ExecutionKey(*row).id,
        )

    async def read_execution(self, key: ExecutionKey) -> Execution | None:
        return self._one(
            f"SELECT {EXECUTION_COLUMNS} FROM executions WHERE guid = ? AND incarnation = ? AND scheduled_time_ms = ?",
            (key.guid, key.incarnation, key.scheduled_time_ms),
            execution_of,
        )

    async def read_schedule(self, expression: str) -> ScheduleRow | None:
        return self._one("SELECT * FROM schedules WHERE expression = ?", (expression,), schedule_of)

    async def read_schedule_by_rule(self, rule_suffix: str) -> ScheduleRow | None:
        return self._one("SELECT * FROM schedules WHERE rule_suffix = ?", (rule_suffix,), schedule_of)

    async def read_fire(self, expression: str, scheduled_time_ms: int) -> Fire | None:
        return self._one(
            "SELECT * FROM fires WHERE expression = ? AND scheduled_time_ms = ?",
            (expression, scheduled_time_ms),
            fire_of,
        )

    async def list_jobs(self, service_name: str | None, after: Position | None, limit: int) -> Page[Job]:
        return await self._database.list(lambda reader: listings.jobs(reader, service_name, after, limit))

    async def list_services(self, after: Position | None, limit: int) -> Page[Service]:
        return await self._database.list(lambda reader: listings.services(reader, after, limit))

    async def list_schedules(self) -> Sequence[ScheduleRow]:
        return await self._rows("SELECT * FROM schedules", (), schedule_of)

    async def list_scheduled_jobs(
        self, expression: str, after: Position | None, limit: int, until: Position | None = None
    ) -> Page[ScheduledJob]:
        """A position is (guid,)."""
        return self._database.read(lambda reader: listings.scheduled_jobs(reader, expression, after, limit, until))

    async def list_page_bounds(self, expression: str, after: Position | None, size: int, limit: int) -> Page[Position]:
        return await self._database.list(
            lambda reader: fire_pages.list_page_bounds(reader, expression, after, size, limit)
        )

    async def read_page(self, key: PageKey) -> FirePage | None:
        return self._database.read(lambda reader: fire_pages.read_page(reader, key))

    async def list_pages(self, expression: str, scheduled_time_ms: int, limit: int) -> Sequence[PageKey]:
        return self._database.read(lambda reader: fire_pages.list_pages(reader, expression, scheduled_time_ms, limit))

    async def list_executions(
        self, scope: Scope, only: ExecutionFilter, after: Position | None, limit: int
    ) -> Page[Execution]:
        return await self._database.list(lambda reader: listings.executions(reader, scope, only, after, limit))

    async def list_changes(self, guid: str | None, span: Between, after: Position | None, limit: int) -> Page[Change]:
        return await self._database.list(lambda reader: listings.changes(reader, guid, span, after, limit))

    async def list_tallies(self, since_day: str, until_day: str) -> Sequence[Tally]:
        return await self._rows(
            "SELECT day, service_name, status, count FROM tallies WHERE day BETWEEN ? AND ?",
            (since_day, until_day),
            lambda row: Tally(*row),
        )

    async def list_open_tallies(self, since_ms: int, until_ms: int) -> OpenTallies:
        """Counts all open executions."""
        return OpenTallies(
            await self._rows(
                "SELECT date(scheduled_time_ms / 1000, 'unixepoch'), service_name, status, count(*) "
                "FROM executions INDEXED BY executions_open "
                "WHERE status IN ('pending', 'running') AND scheduled_time_ms BETWEEN ? AND ? GROUP BY 1, 2, 3",
                (since_ms, until_ms),
                lambda row: Tally(*row),
            )
        )

    async def list_fires(self, expression: str, since_ms: int, until_ms: int, limit: int) -> Sequence[Fire]:
        return await self._rows(
            "SELECT * FROM fires WHERE expression = ? AND scheduled_time_ms BETWEEN ? AND ? "
            "ORDER BY scheduled_time_ms LIMIT ?",
            (expression, since_ms, until_ms, limit),
            fire_of,
        )

    async def list_latest_fires(self, expression: str, until_ms: int, limit: int) -> Sequence[Fire]:
        return await self._rows(
            "SELECT * FROM fires WHERE expression = ? AND scheduled_time_ms <= ? "
            "ORDER BY scheduled_time_ms DESC LIMIT ?",
            (expression, until_ms, limit),
            fire_of,
        )

    async def list_open_fires(self, before_ms: int, limit: int) -> Sequence[Fire]:
        return await self._rows(
            "SELECT * FROM fires WHERE state = 'open' AND created_at_ms < ? ORDER BY created_at_ms LIMIT ?",
            (before_ms, limit),
            fire_of,
        )

    async def list_overdue(self, before_ms: int, limit: int) -> Sequence[Execution]:
        return await self._rows(
            f"SELECT {EXECUTION_COLUMNS} FROM executions WHERE status IN ('pending', 'running') AND expires_at_ms < ? "
            "ORDER BY expires_at_ms LIMIT ?",
            (before_ms, limit),
            execution_of,
        )

    async def list_unreported(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        return await self._rows(
            "SELECT guid, incarnation, scheduled_time_ms FROM executions WHERE workflow_told = 0 "
            "AND ended_at_ms IS NOT NULL AND ended_at_ms < ? ORDER BY ended_at_ms LIMIT ?",
            (before_ms, limit),
            lambda row: ExecutionKey(*row),
        )

    async def list_due_notifications(self, before_ms: int, limit: int) -> Sequence[DueNotification]:
        return await self._rows(
            "SELECT guid, incarnation, scheduled_time_ms, notify_at_ms FROM executions WHERE notify_at_ms IS NOT NULL "
            "AND notify_at_ms < ? ORDER BY notify_at_ms LIMIT ?",
            (before_ms, limit),
            lambda row: DueNotification(ExecutionKey(*row[:3]), row[3]),
        )

    async def list_locks(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        return await self._rows(
            "SELECT guid, incarnation, scheduled_time_ms FROM locks WHERE taken_at_ms < ? ORDER BY taken_at_ms LIMIT ?",
            (before_ms, limit),
            lambda row: ExecutionKey(*row),
        )

    def _one(self, query: str, cells: Sequence[str | int], value_of: Callable[[sqlite3.Row], Value]) -> Value | None:
        try:
            row = self._database.reader.execute(query, cells).fetchone()
        except sqlite3.Error as error:
            raise unreadable(error) from error
        return None if row is None else value_of(row)

    async def _rows(
        self, query: str, cells: Sequence[str | int], value_of: Callable[[sqlite3.Row], Value]
    ) -> Sequence[Value]:
        return await self._database.list(lambda reader: [value_of(row) for row in reader.execute(query, cells)])


def _job_state_of(row: sqlite3.Row) -> JobState:
    job = job_of(row)
    held_ms = row["held_ms"]
    holder = None if held_ms is None else ExecutionKey(job.guid, job.incarnation, held_ms).id
    return JobState(job, holder, last_success_of(row["last_success"]))
