"""How each write changes the memory store's rows, once the conditions of its commit hold."""

from dataclasses import replace
from functools import singledispatch

from jobhook.core.executions import writes
from jobhook.core.executions.stats import day_of
from jobhook.core.schedules.rows import FireState, RuleState
from tests.fakes.rows import Rows


@singledispatch
def apply(write: object, rows: Rows) -> None:
    """Apply one write; a soft one only where its condition holds."""
    raise TypeError(f"no such write: {write!r}")


@apply.register
def _(write: writes.PutJob, rows: Rows) -> None:
    rows.jobs[write.job.guid] = write.job


@apply.register
def _(write: writes.DropJob, rows: Rows) -> None:
    del rows.jobs[write.job.guid]
    rows.last_successes.pop((write.job.guid, write.job.incarnation), None)


@apply.register
def _(write: writes.CountService, rows: Rows) -> None:
    jobs = rows.services.pop(write.service_name, 0) + write.delta
    if jobs > 0:
        rows.services[write.service_name] = jobs


@apply.register
def _(write: writes.CountSchedule, rows: Rows) -> None:
    row = rows.schedules[write.expression]
    state = RuleState.ACTIVE if write.delta > 0 else row.state
    rows.schedules[write.expression] = replace(row, jobs=row.jobs + write.delta, state=state)


@apply.register
def _(write: writes.PutSchedule, rows: Rows) -> None:
    rows.schedules[write.row.expression] = write.row


@apply.register
def _(write: writes.DropSchedule, rows: Rows) -> None:
    del rows.schedules[write.expression]


@apply.register
def _(write: writes.CheckedUntil, rows: Rows) -> None:
    row = rows.schedules.get(write.expression)
    if row is not None and row.generation == write.generation and row.checked_until_ms < write.until_ms:
        rows.schedules[write.expression] = replace(row, checked_until_ms=write.until_ms)


@apply.register
def _(write: writes.PutFire, rows: Rows) -> None:
    rows.fires[write.fire.expression, write.fire.scheduled_time_ms] = write.fire


@apply.register
def _(write: writes.FireDone, rows: Rows) -> None:
    fire = rows.fires.get((write.expression, write.scheduled_time_ms))
    if fire is not None and fire.state is FireState.OPEN:
        done = replace(fire, state=FireState.DONE, count=fire.count + write.count)
        rows.fires[write.expression, write.scheduled_time_ms] = done


@apply.register
def _(write: writes.CountStarted, rows: Rows) -> None:
    fire = rows.fires.get((write.expression, write.scheduled_time_ms))
    if fire is not None:
        counted = replace(fire, count=fire.count + write.count, progress_at_ms=write.at_ms)
        rows.fires[write.expression, write.scheduled_time_ms] = counted


@apply.register
def _(write: writes.PutPage, rows: Rows) -> None:
    rows.pages[write.page.key] = write.page


@apply.register
def _(write: writes.DropPage, rows: Rows) -> None:
    del rows.pages[write.page.key]


@apply.register
def _(write: writes.PutExecution, rows: Rows) -> None:
    rows.executions[write.execution.key] = write.execution


@apply.register
def _(write: writes.MarkReported, rows: Rows) -> None:
    execution = rows.executions.get(write.key)
    if execution is not None and execution.ended:
        rows.executions[write.key] = replace(execution, workflow_reported=True)


@apply.register
def _(write: writes.TakeLock, rows: Rows) -> None:
    rows.locks[write.key.guid, write.key.incarnation] = (write.key, write.taken_at_ms)


@apply.register
def _(write: writes.FreeLock, rows: Rows) -> None:
    place = (write.key.guid, write.key.incarnation)
    if place in rows.locks and rows.locks[place][0] == write.key:
        del rows.locks[place]


@apply.register
def _(write: writes.SaveLastSuccess, rows: Rows) -> None:
    job = rows.jobs.get(write.guid)
    if job is None or job.incarnation != write.incarnation:
        return
    known = rows.last_successes.get((write.guid, write.incarnation))
    if known is None or known.scheduled_time_ms < write.success.scheduled_time_ms:
        rows.last_successes[write.guid, write.incarnation] = write.success


@apply.register
def _(write: writes.PutChange, rows: Rows) -> None:
    rows.changes.append(write.change)


@apply.register
def _(write: writes.CountEnded, rows: Rows) -> None:
    rows.tallies[day_of(write.key.scheduled_time_ms), write.service_name, write.status] += 1
