"""The listings of the API over SQLite; each page is one index range."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from jobhook.core.executions.execution import OPEN, Execution, Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, ScheduledJob, Service
from jobhook.core.paging import Between, ExecutionFilter, OfJob, OfService, Page, Position, Scope
from jobhook.server.sqlite.execution_rows import LISTED_EXECUTION_COLUMNS, execution_of
from jobhook.server.sqlite.job_rows import JOB_COLUMNS, SCHEDULED_JOB_COLUMNS, job_of, scheduled_job_of
from jobhook.server.sqlite.rows import CHANGE_COLUMNS, change_of

Item = TypeVar("Item")
Condition = tuple[str, tuple[str | int, ...]]


def jobs(reader: sqlite3.Connection, service_name: str | None, after: Position | None, limit: int) -> Page[Job]:
    """Jobs by service and name."""
    conditions: list[Condition] = []
    if service_name is not None:
        conditions.append(("service_name = ?", (service_name,)))
    if after is not None:
        conditions.append(("(service_name, job_name) > (?, ?)", after))
    return _page(
        reader,
        (f"SELECT {JOB_COLUMNS} FROM jobs", conditions, "service_name, job_name", limit),
        job_of,
        lambda job: (job.service_name, job.job_name),
    )


def services(reader: sqlite3.Connection, after: Position | None, limit: int) -> Page[Service]:
    """Services by name."""
    conditions: list[Condition] = [] if after is None else [("service_name > ?", after)]
    return _page(
        reader,
        ("SELECT service_name, jobs FROM services", conditions, "service_name", limit),
        lambda row: Service(*row),
        lambda service: (service.service_name,),
    )


def scheduled_jobs(
    reader: sqlite3.Connection, expression: str, after: Position | None, limit: int, until: Position | None = None
) -> Page[ScheduledJob]:
    """Enabled jobs of a schedule by guid; a range of the schedule's own rows, in their order."""
    conditions: list[Condition] = [("expression = ?", (expression,))]
    if after is not None:
        conditions.append(("guid > ?", after[-1:]))
    if until is not None:
        conditions.append(("guid <= ?", until[-1:]))
    return _page(
        reader,
        (
            f"SELECT {SCHEDULED_JOB_COLUMNS} FROM job_schedules CROSS JOIN jobs USING (guid)",
            conditions,
            "guid",
            limit,
        ),
        scheduled_job_of,
        lambda job: (job.guid,),
    )


def changes(
    reader: sqlite3.Connection, guid: str | None, span: Between, after: Position | None, limit: int
) -> Page[Change]:
    """Changes of a job or of all, newest first."""
    conditions: list[Condition] = [] if guid is None else [("guid = ?", (guid,))]
    if span.since_ms is not None:
        conditions.append(("at_ms >= ?", (span.since_ms,)))
    if span.until_ms is not None:
        conditions.append(("at_ms <= ?", (span.until_ms,)))
    if after is not None:
        conditions.append(("(at_ms, id) < (?, ?)", after))
    return _page(
        reader,
        (f"SELECT {CHANGE_COLUMNS} FROM changes", conditions, "at_ms DESC, id DESC", limit),
        change_of,
        lambda change: (change.at_ms, change.id),
    )


def executions(
    reader: sqlite3.Connection,
    scope: Scope,
    only: ExecutionFilter,
    after: Position | None,
    limit: int,
) -> Page[Execution]:
    """Executions of the scope, newest first. Their order within one time is that of their ids: guid, incarnation."""
    conditions = _of_scope(scope)
    if only.status is not None:
        conditions.append(_of_status(only.status))
    if only.since_ms is not None:
        conditions.append(("scheduled_time_ms >= ?", (only.since_ms,)))
    if only.until_ms is not None:
        conditions.append(("scheduled_time_ms <= ?", (only.until_ms,)))
    if after is not None:
        conditions.append(("(scheduled_time_ms, guid, incarnation) < (?, ?, ?)", _after_key(after)))
    return _page(
        reader,
        (
            f"SELECT {LISTED_EXECUTION_COLUMNS} FROM executions",
            conditions,
            "scheduled_time_ms DESC, guid DESC, incarnation DESC",
            limit,
        ),
        _listed,
        lambda execution: (execution.key.scheduled_time_ms, execution.id),
    )


def _of_scope(scope: Scope) -> list[Condition]:
    match scope:
        case OfJob(guid, incarnation):
            return [("guid = ? AND incarnation = ?", (guid, incarnation))]
        case OfService(service_name):
            return [("service_name = ?", (service_name,))]
        case None:
            return []


def _of_status(status: str) -> Condition:
    """Said again in the words of the indexes that hold only some statuses, so that SQLite sees that they hold this."""
    if status == Status.SUCCESS:
        return ("status = 'success'", ())
    if status in OPEN:
        return ("status = ? AND status <> 'success'", (status,))
    return ("status = ? AND status <> 'success' AND status NOT IN ('success', 'pending', 'running')", (status,))


def _after_key(after: Position) -> tuple[str | int, ...]:
    scheduled_time_ms, execution_id = after
    key = ExecutionKey.parse(str(execution_id))
    return (scheduled_time_ms, key.guid, key.incarnation) if key else (scheduled_time_ms, "", "")


def _listed(row: sqlite3.Row) -> Execution:
    execution = execution_of(row)
    return replace(execution, attempts=tuple(replace(attempt, response=None) for attempt in execution.attempts))


def _page(
    reader: sqlite3.Connection,
    query: tuple[str, list[Condition], str, int],
    value_of: Callable[[sqlite3.Row], Item],
    position_of: Callable[[Item], Position],
) -> Page[Item]:
    """One row more than asked for is read, to know whether there is another page."""
    select, conditions, order, limit = query
    where = f"WHERE {' AND '.join(condition for condition, _ in conditions)}" if conditions else ""
    cells = [cell for _, part in conditions for cell in part]
    rows = reader.execute(f"{select} {where} ORDER BY {order} LIMIT {limit + 1:d}", cells).fetchall()
    items = [value_of(row) for row in rows[:limit]]
    return Page(items, position_of(items[-1]) if len(rows) > limit else None)
