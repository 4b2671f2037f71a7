"""Applies the writes of a decision inside a unit of work: one small function for each kind of write."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from jobhook.core.executions.execution import Execution
from jobhook.core.executions.stats import day_of
from jobhook.core.executions.writes import (
    CheckedUntil,
    CountEnded,
    CountSchedule,
    CountService,
    CountStarted,
    DropJob,
    DropPage,
    DropSchedule,
    FireDone,
    FreeLock,
    MarkReported,
    PutChange,
    PutExecution,
    PutFire,
    PutJob,
    PutPage,
    PutSchedule,
    SaveLastSuccess,
    TakeLock,
    Write,
    count_of,
)
from jobhook.core.jobs.job import Job
from jobhook.core.schedules.rows import RuleState
from jobhook.ports import WriteConflict
from jobhook.server.sqlite import fire_pages
from jobhook.server.sqlite.database import savepoint
from jobhook.server.sqlite.execution_rows import EXECUTION_COLUMNS, execution_cells
from jobhook.server.sqlite.job_rows import JOB_COLUMNS, job_cells, last_success_text
from jobhook.server.sqlite.rows import CHANGE_COLUMNS, change_cells

Committed = Callable[[Sequence[Write]], None]
"""Is told of writes once they are durable; soft ones, and the record of what was not absent, may not have been made."""


def no_listener(_: Sequence[Write]) -> None:
    """Where nobody wants to know."""


_UNCONDITIONAL = (CountService, CountEnded, PutChange)


def apply(connection: sqlite3.Connection, writes: Sequence[Write]) -> None:
    """Apply all writes or none; raises WriteConflict with the first hard write whose condition does not hold."""

    def in_turn() -> None:
        for write in writes:
            if not _APPLY[type(write)](connection, write) and not write.soft:
                raise WriteConflict((write,))

    if all(write.soft or isinstance(write, _UNCONDITIONAL) for write in writes[1:]):
        in_turn()  # only the first write can be lost, so there is nothing to undo
    else:
        savepoint(connection, in_turn)


def insert_absent(connection: sqlite3.Connection, ended: Execution) -> None:
    """Insert and count an ended execution where there is no record of it."""
    if _changes(connection, _INSERT_EXECUTION, execution_cells(ended)):
        _count_ended(connection, count_of(ended))


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))


def _assignments(columns: str) -> str:
    return ", ".join(f"{column.strip()} = ?" for column in columns.split(","))


_INSERT_EXECUTION = f"INSERT OR IGNORE INTO executions ({EXECUTION_COLUMNS}) VALUES ({_marks(EXECUTION_COLUMNS)})"
# What never changes after the first write is not written again: an update of all columns would touch every index.
_CHANGING = (
    "status, revision, workflow_told, holds_lock, reason, started_at_ms, service_invoked_at_ms, ended_at_ms, "
    "expires_at_ms, timeout_at_ms, invocation_latency_ms, summary, correlation_id, error, progress, task_token, "
    "attempts, retried_by, state, notification, notify_at_ms"
)
_CHANGING_AT = [
    EXECUTION_COLUMNS.replace(" ", "").split(",").index(name) for name in _CHANGING.replace(" ", "").split(",")
]
_UPDATE_EXECUTION = (
    f"UPDATE executions SET {_assignments(_CHANGING)} "
    "WHERE guid = ? AND incarnation = ? AND scheduled_time_ms = ? AND revision = ?"
)


def _put_execution(connection: sqlite3.Connection, write: PutExecution) -> bool:
    cells = execution_cells(write.execution)
    if write.if_revision is None:
        return _changes(connection, _INSERT_EXECUTION, cells)
    changed = [cells[at] for at in _CHANGING_AT]
    return connection.execute(_UPDATE_EXECUTION, (*changed, *cells[:3], write.if_revision)).rowcount == 1


def _mark_reported(connection: sqlite3.Connection, write: MarkReported) -> bool:
    return _changes(
        connection,
        "UPDATE executions SET workflow_told = 1 WHERE guid = ? AND incarnation = ? AND scheduled_time_ms = ? "
        "AND ended_at_ms IS NOT NULL",
        (write.key.guid, write.key.incarnation, write.key.scheduled_time_ms),
    )


def _put_job(connection: sqlite3.Connection, write: PutJob) -> bool:
    cells = job_cells(write.job)
    if write.if_version is None:
        insert = f"INSERT OR IGNORE INTO jobs ({JOB_COLUMNS}) VALUES ({_marks(JOB_COLUMNS)})"
        won = _changes(connection, insert, cells)
    else:
        won = _changes(
            connection,
            f"UPDATE jobs SET {_assignments(JOB_COLUMNS)} WHERE guid = ? AND version = ? AND incarnation = ?",
            (*cells, write.job.guid, write.if_version, write.job.incarnation),
        )
    if won:
        _place(connection, write.job)
    return won


def _place(connection: sqlite3.Connection, job: Job) -> None:
    """The rows by which dispatch finds the job: one for each of its schedules while it is enabled."""
    connection.execute("DELETE FROM job_schedules WHERE guid = ?", (job.guid,))
    if job.settings.enabled:
        rows = [(expression, job.guid, since_ms) for expression, since_ms in job.from_ms.items()]
        connection.executemany("INSERT INTO job_schedules (expression, guid, since_ms) VALUES (?, ?, ?)", rows)


def _drop_job(connection: sqlite3.Connection, write: DropJob) -> bool:
    won = _changes(
        connection,
        "DELETE FROM jobs WHERE guid = ? AND version = ? AND incarnation = ?",
        (write.job.guid, write.job.version, write.job.incarnation),
    )
    if won:
        connection.execute("DELETE FROM job_schedules WHERE guid = ?", (write.job.guid,))
    return won


def _count_service(connection: sqlite3.Connection, write: CountService) -> bool:
    connection.execute(
        "INSERT INTO services (service_name, jobs) VALUES (?, ?) "
        "ON CONFLICT (service_name) DO UPDATE SET jobs = jobs + excluded.jobs",
        (write.service_name, write.delta),
    )
    connection.execute("DELETE FROM services WHERE service_name = ? AND jobs <= 0", (write.service_name,))
    return True


def _count_schedule(connection: sqlite3.Connection, write: CountSchedule) -> bool:
    return _changes(
        connection,
        "UPDATE schedules SET jobs = jobs + ?, state = CASE WHEN ? > 0 THEN 'active' ELSE state END "
        "WHERE expression = ? AND generation = ? AND state <> 'deleting'",
        (write.delta, write.delta, write.expression, write.generation),
    )


def _put_schedule(connection: sqlite3.Connection, write: PutSchedule) -> bool:
    row = write.row
    cells = (row.generation, row.rule_suffix, row.state, row.jobs, row.created_at_ms, row.checked_until_ms)
    if write.if_generation is None:
        return _changes(
            connection, "INSERT OR IGNORE INTO schedules VALUES (?, ?, ?, ?, ?, ?, ?)", (row.expression, *cells)
        )
    return _changes(
        connection,
        "UPDATE schedules SET generation = ?, rule_suffix = ?, state = ?, jobs = ?, created_at_ms = ?, "
        "checked_until_ms = ? WHERE expression = ? AND generation = ? AND jobs = ? AND state = coalesce(?, state)",
        (*cells, row.expression, write.if_generation, write.if_jobs, write.if_state),
    )


def _drop_schedule(connection: sqlite3.Connection, write: DropSchedule) -> bool:
    return _changes(
        connection,
        "DELETE FROM schedules WHERE expression = ? AND generation = ? AND state = ? AND jobs = 0",
        (write.expression, write.generation, RuleState(write.if_state).value),
    )


def _checked_until(connection: sqlite3.Connection, write: CheckedUntil) -> bool:
    return _changes(
        connection,
        "UPDATE schedules SET checked_until_ms = ?1 "
        "WHERE expression = ?2 AND generation = ?3 AND checked_until_ms < ?1",
        (write.until_ms, write.expression, write.generation),
    )


def _put_fire(connection: sqlite3.Connection, write: PutFire) -> bool:
    fire = write.fire
    return _changes(
        connection,
        "INSERT OR IGNORE INTO fires VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            fire.expression,
            fire.scheduled_time_ms,
            fire.state,
            fire.created_at_ms,
            fire.until_ms,
            fire.count,
            fire.reason,
            fire.progress_at_ms,
        ),
    )


def _fire_done(connection: sqlite3.Connection, write: FireDone) -> bool:
    return _changes(
        connection,
        "UPDATE fires SET state = 'done', count = count + ? "
        "WHERE expression = ? AND scheduled_time_ms = ? AND state = 'open'",
        (write.count, write.expression, write.scheduled_time_ms),
    )


def _take_lock(connection: sqlite3.Connection, write: TakeLock) -> bool:
    key = write.key
    return _changes(
        connection,
        "INSERT OR IGNORE INTO locks VALUES (?, ?, ?, ?)",
        (key.guid, key.incarnation, key.scheduled_time_ms, write.taken_at_ms),
    )


def _free_lock(connection: sqlite3.Connection, write: FreeLock) -> bool:
    key = write.key
    return _changes(
        connection,
        "DELETE FROM locks WHERE guid = ? AND incarnation = ? AND scheduled_time_ms = ?",
        (key.guid, key.incarnation, key.scheduled_time_ms),
    )


def _save_last_success(connection: sqlite3.Connection, write: SaveLastSuccess) -> bool:
    return _changes(
        connection,
        "UPDATE jobs SET last_success = ?, last_success_ms = ? WHERE guid = ? AND incarnation = ? "
        "AND coalesce(last_success_ms, -1) < ?",
        (
            last_success_text(write.success),
            write.success.scheduled_time_ms,
            write.guid,
            write.incarnation,
            write.success.scheduled_time_ms,
        ),
    )


def _count_ended(connection: sqlite3.Connection, write: CountEnded) -> bool:
    return _changes(
        connection,
        "INSERT INTO tallies VALUES (?, ?, ?, 1) "
        "ON CONFLICT (day, service_name, status) DO UPDATE SET count = count + 1",
        (day_of(write.key.scheduled_time_ms), write.service_name, write.status.value),
    )


def _put_change(connection: sqlite3.Connection, write: PutChange) -> bool:
    return _changes(
        connection,
        f"INSERT OR REPLACE INTO changes ({CHANGE_COLUMNS}) VALUES ({_marks(CHANGE_COLUMNS)})",
        change_cells(write.change),
    )


def _changes(connection: sqlite3.Connection, statement: str, cells: Sequence[str | int | None]) -> bool:
    return connection.execute(statement, cells).rowcount == 1


_APPLY: dict[type, Callable[[sqlite3.Connection, Any], bool]] = {
    PutJob: _put_job,
    DropJob: _drop_job,
    CountService: _count_service,
    CountSchedule: _count_schedule,
    PutSchedule: _put_schedule,
    DropSchedule: _drop_schedule,
    CheckedUntil: _checked_until,
    PutFire: _put_fire,
    FireDone: _fire_done,
    CountStarted: fire_pages.count_started,
    PutPage: fire_pages.put_page,
    DropPage: fire_pages.drop_page,
    PutExecution: _put_execution,
    MarkReported: _mark_reported,
    TakeLock: _take_lock,
    FreeLock: _free_lock,
    SaveLastSuccess: _save_last_success,
    PutChange: _put_change,
    CountEnded: _count_ended,
}
