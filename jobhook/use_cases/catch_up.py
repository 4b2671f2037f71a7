"""Finds the fires that were due and never came: the latest runs, the others are recorded as missed."""

from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution, Status
from jobhook.core.executions.outcomes import Outcome, record_passed, record_paused
from jobhook.core.executions.writes import CheckedUntil, PutFire
from jobhook.core.jobs.job import ScheduledJob
from jobhook.core.schedules.expression import parse
from jobhook.core.schedules.missed import REASON, CatchUp, plan_catch_up
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.core.times import to_rfc3339
from jobhook.ports import Backend, WriteConflict
from jobhook.use_cases.dispatch_schedule import dispatch_schedule

_FIRES_READ = 2_000


async def catch_up(backend: Backend, row: ScheduleRow, until_ms: int) -> int:
    """Account for every due fire of the schedule up to `until_ms`; the number that was missed.

    May die anywhere and be run again: rows that are there stay, and `checked_until_ms` moves last.
    """
    schedule = parse(row.expression)
    if until_ms <= row.checked_until_ms or (schedule.kind == "rate" and not backend.settings.rates_keep_phase):
        return 0
    fires = await backend.store.list_fires(row.expression, row.checked_until_ms + 1, until_ms, _FIRES_READ)
    if len(fires) == _FIRES_READ:
        until_ms = fires[-1].scheduled_time_ms  # the rest is seen by the next run
    plan = plan_catch_up(schedule, row, fires, until_ms, backend.clock.now_ms())
    await _record_missed(backend, row, plan)
    if plan.run_ms is not None:
        await dispatch_schedule(backend, row, plan.run_ms)
    await backend.effects.carry_out(Decision((CheckedUntil(row.expression, row.generation, until_ms),)))
    return sum(gap.count for gap in plan.gaps)


async def _record_missed(backend: Backend, row: ScheduleRow, plan: CatchUp) -> None:
    for gap in plan.gaps:
        try:
            await backend.effects.carry_out(Decision((PutFire(gap),)))
        except WriteConflict:
            continue  # an earlier run of this died after it
    if not plan.times_ms:
        return
    after = None
    while True:
        page = await backend.store.list_scheduled_jobs(row.expression, after, backend.settings.page_size)
        await backend.store.put_absent(
            [
                _passed(backend, job, row.expression, time_ms)
                for job in page.items
                for time_ms in plan.times_ms
                if job.has(time_ms)
            ]
        )
        if page.next_after is None:
            return
        after = page.next_after


def _passed(backend: Backend, job: ScheduledJob, expression: str, time_ms: int) -> Execution:
    now_ms = backend.clock.now_ms()
    pause = job.pause_at(time_ms)
    if pause is not None:
        return record_paused(job, pause, expression, time_ms, now_ms)
    error = f"nothing fired at {to_rfc3339(time_ms)}, and by the catch-up policy only the latest missed fire runs"
    return record_passed(job, expression, time_ms, Outcome(Status.MISSED, REASON, error), now_ms)
