"""What the memory store holds, and whether a write's condition holds on it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import singledispatch

from jobhook.core.executions import writes
from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, LastSuccess
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.core.schedules.rows import Fire, RuleState, ScheduleRow

Incarnation = tuple[str, str]


@dataclass(slots=True)
class Rows:
    """All rows; locks and last successes by the job's guid and incarnation."""

    jobs: dict[str, Job] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    schedules: dict[str, ScheduleRow] = field(default_factory=dict)
    fires: dict[tuple[str, int], Fire] = field(default_factory=dict)
    pages: dict[PageKey, FirePage] = field(default_factory=dict)
    executions: dict[ExecutionKey, Execution] = field(default_factory=dict)
    locks: dict[Incarnation, tuple[ExecutionKey, int]] = field(default_factory=dict)
    last_successes: dict[Incarnation, LastSuccess] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    tallies: Counter[tuple[str, str, str]] = field(default_factory=Counter)


@singledispatch
def holds(write: object, rows: Rows) -> bool:
    """Whether the hard condition of `write` holds; soft writes and those without a condition always may."""
    return True


@holds.register
def _(write: writes.PutJob, rows: Rows) -> bool:
    stored = rows.jobs.get(write.job.guid)
    if stored is None or write.if_version is None:
        return stored is None and write.if_version is None
    return (stored.incarnation, stored.version) == (write.job.incarnation, write.if_version)


@holds.register
def _(write: writes.DropJob, rows: Rows) -> bool:
    stored = rows.jobs.get(write.job.guid)
    return stored is not None and (stored.incarnation, stored.version) == (write.job.incarnation, write.job.version)


@holds.register
def _(write: writes.CountSchedule, rows: Rows) -> bool:
    row = rows.schedules.get(write.expression)
    return row is not None and row.generation == write.generation and row.state is not RuleState.DELETING


@holds.register
def _(write: writes.PutSchedule, rows: Rows) -> bool:
    row = rows.schedules.get(write.row.expression)
    if row is None or write.if_generation is None:
        return row is None and write.if_generation is None
    return (row.generation, row.state, row.jobs) == (write.if_generation, write.if_state, write.if_jobs)


@holds.register
def _(write: writes.DropSchedule, rows: Rows) -> bool:
    row = rows.schedules.get(write.expression)
    return row is not None and (row.generation, row.state, row.jobs) == (write.generation, write.if_state, 0)


@holds.register
def _(write: writes.PutFire, rows: Rows) -> bool:
    return (write.fire.expression, write.fire.scheduled_time_ms) not in rows.fires


@holds.register
def _(write: writes.PutExecution, rows: Rows) -> bool:
    stored = rows.executions.get(write.execution.key)
    return (None if stored is None else stored.revision) == write.if_revision


@holds.register
def _(write: writes.TakeLock, rows: Rows) -> bool:
    return (write.key.guid, write.key.incarnation) not in rows.locks


@holds.register
def _(write: writes.PutPage, rows: Rows) -> bool:
    stored = rows.pages.get(write.page.key)
    return (None if stored is None else stored.revision) == write.if_revision


@holds.register
def _(write: writes.DropPage, rows: Rows) -> bool:
    stored = rows.pages.get(write.page.key)
    return stored is not None and stored.revision == write.page.revision
