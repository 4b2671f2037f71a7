"""A schedule has come due: start one execution for each of its enabled jobs."""

from collections.abc import Sequence

from jobhook.core.errors import Unavailable
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.executions.outcomes import record_paused
from jobhook.core.executions.writes import FireDone, PutFire
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import ScheduledJob
from jobhook.core.schedules.rows import Fire, FireState, ScheduleRow
from jobhook.core.times import floor_to_minute
from jobhook.ports import Backend, Settings, StartPage, WriteConflict


async def dispatch_rule(backend: Backend, rule_suffix: str, event_time_ms: int) -> None:
    """Dispatch what a rule's event asks for. An event of a rule that no schedule has any more asks for nothing."""
    row = await backend.store.read_schedule_by_rule(rule_suffix)
    if row is not None:
        await dispatch_schedule(backend, row, event_time_ms)


async def dispatch_schedule(backend: Backend, row: ScheduleRow, event_time_ms: int) -> None:
    """Start the executions of one nominal time; again, late or doubled it starts only what was not started.

    The fire's row is written first and marked done last, so that the reconciler finds what died in between.
    """
    nominal_ms = nominal_time(row.expression, event_time_ms)
    now_ms = backend.clock.now_ms()
    fire = Fire(row.expression, nominal_ms, FireState.OPEN, now_ms, nominal_ms)
    try:
        await backend.store.commit((PutFire(fire),))
    except WriteConflict:
        known = await backend.store.read_fire(row.expression, nominal_ms)
        if known is not None and known.state is not FireState.OPEN:
            return
    await start_page(backend, StartPage(row.expression, nominal_ms))


async def start_page(backend: Backend, page: StartPage) -> None:
    """Start a page of a fire's executions, and hand the next page on; the last page marks the fire as done.

    One job's failure does not touch another's: what could not be started is handed on by itself. Raises Unavailable
    where such a run cannot be started this time either.
    """
    if page.runs:
        if await backend.workflows.start(page.runs):
            raise Unavailable("the state machine did not take the run; it is tried again later")
        return
    jobs = await backend.store.list_scheduled_jobs(page.expression, page.after, backend.settings.page_size)
    due = [job for job in jobs.items if job.has(page.scheduled_time_ms)]
    runs = [
        occurrence(job, page.expression, page.scheduled_time_ms, backend.settings)
        for job in due
        if job.pause_at(page.scheduled_time_ms) is None
    ]
    await _record_paused(backend, page, due)
    started = page.started + len(runs)
    if jobs.next_after is not None:
        rest = StartPage(page.expression, page.scheduled_time_ms, jobs.next_after, started)
        await backend.start_queue.send((rest,))
    unstarted = await backend.workflows.start(runs) if runs else ()
    if unstarted:
        alone = [StartPage(page.expression, page.scheduled_time_ms, runs=(run,)) for run in unstarted]
        await backend.start_queue.send(alone)
    if jobs.next_after is None:
        await backend.store.commit((FireDone(page.expression, page.scheduled_time_ms, started),))


async def _record_paused(backend: Backend, page: StartPage, due: Sequence[ScheduledJob]) -> None:
    now_ms, time_ms = backend.clock.now_ms(), page.scheduled_time_ms
    skipped = [
        record_paused(job, pause, page.expression, time_ms, now_ms)
        for job in due
        if (pause := job.pause_at(time_ms)) is not None
    ]
    if skipped:
        await backend.store.put_absent(skipped)


def nominal_time(expression: str, event_time_ms: int) -> int:
    """The time that an event stands for: cron fires on whole minutes, a rate when its rule says.

    A row's expression has been parsed, so its first word tells; the parser would make this function's start slower.
    """
    return floor_to_minute(event_time_ms) if expression.startswith("cron(") else event_time_ms


def occurrence(job: ScheduledJob, expression: str, scheduled_time_ms: int, settings: Settings) -> ExecutionInput:
    """The run of a job at a scheduled time; its id is a function of both, so it can be started only once."""
    return ExecutionInput.of(
        ExecutionKey(job.guid, job.incarnation, scheduled_time_ms),
        job.service_name,
        job.job_name,
        expression,
        job.ttl_seconds,
        job.timeout_seconds,
        settings.heartbeat_grace_seconds,
    )
