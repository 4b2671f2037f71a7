"""A schedule has come due: start one execution for each of its enabled jobs.

The first page of jobs is started at once. The other jobs are divided into pages; each has a row, is handed to the start
queue, and is removed when its jobs are started. The fire is done when no page is left.
"""

from collections.abc import Sequence

from jobhook.core.errors import Unavailable
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.executions.outcomes import record_paused
from jobhook.core.executions.writes import CountStarted, DropPage, FireDone, PutFire, PutPage
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import ScheduledJob
from jobhook.core.schedules.pages import FIRST, REST, FirePage, PageKey, divide
from jobhook.core.schedules.rows import Fire, FireState, ScheduleRow
from jobhook.core.times import floor_to_minute
from jobhook.ports import Backend, Settings, WriteConflict

_DIVIDED_AT_ONCE = 25
"""Pages that are stored in one commit; a transaction of DynamoDB takes 100 items."""
_RESUMED_AT_ONCE = 5_000


async def dispatch_rule(backend: Backend, rule_suffix: str, event_time_ms: int) -> None:
    """Dispatch the schedule whose rule sent an event. A rule that belongs to no schedule any more starts nothing."""
    row = await backend.store.read_schedule_by_rule(rule_suffix)
    if row is not None:
        await dispatch_schedule(backend, row, event_time_ms)


async def dispatch_schedule(backend: Backend, row: ScheduleRow, event_time_ms: int) -> None:
    """Start the executions of one nominal time. Again, late or doubled, it starts only what was not started.

    The fire's row is written first and marked done last, so that the reconciler finds a dispatch that died in between.
    """
    nominal_ms = nominal_time(row.expression, event_time_ms)
    fire = Fire(row.expression, nominal_ms, FireState.OPEN, backend.clock.now_ms(), nominal_ms)
    try:
        await backend.effects.carry_out(Decision((PutFire(fire),)))
    except WriteConflict:
        await resume_fire(backend, row.expression, nominal_ms)
    else:
        await _start_fire(backend, row.expression, nominal_ms)


async def resume_fire(backend: Backend, expression: str, scheduled_time_ms: int) -> None:
    """Take up an open fire: hand on the pages that it has left; one that has started all of its pages is done."""
    fire = await backend.store.read_fire(expression, scheduled_time_ms)
    if fire is None or fire.state is not FireState.OPEN:
        return
    pages = await backend.store.list_pages(expression, scheduled_time_ms, _RESUMED_AT_ONCE)
    if pages:
        await backend.start_queue.send(pages)
    elif fire.progress_at_ms is not None:
        await _finish(backend, PageKey(expression, scheduled_time_ms, FIRST))
    else:
        await _start_fire(backend, expression, scheduled_time_ms)


async def start_old_message(backend: Backend, expression: str, time_ms: int, runs: Sequence[ExecutionInput]) -> None:
    """Start what a version without page rows has sent. Raises Unavailable where runs could not be started."""
    if not runs:
        await resume_fire(backend, expression, time_ms)
    elif await backend.workflows.start(runs):
        raise Unavailable("the state machine did not take some runs; they are tried again later")


async def start_page(backend: Backend, key: PageKey) -> None:
    """Start the executions of a page; again it changes nothing. The last page marks the fire as done.

    Raises Unavailable where runs could not be started; the page then holds only these.
    """
    page = await backend.store.read_page(key)
    if page is None:  # started before, by a delivery that may have died before it marked the fire
        await _finish(backend, key)
        return
    if key.name == REST:
        await _divide(backend, page)
        return
    started, left = await _start_runs(backend, page.runs) if page.runs else await _start_jobs(backend, page)
    change = PutPage(page.narrowed(tuple(left)), page.revision) if left else DropPage(page)
    try:
        await backend.effects.carry_out(Decision((change, _count(backend, key, started))))
    except WriteConflict:
        return  # the page was delivered twice, and the other delivery has started it
    if left:
        raise Unavailable("the state machine did not take some runs; they are tried again later")
    await _finish(backend, key)


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


async def _start_fire(backend: Backend, expression: str, scheduled_time_ms: int) -> None:
    """Start the first page, then divide the rest. A small fire has no page rows."""
    first = PageKey(expression, scheduled_time_ms, FIRST)
    jobs = await backend.store.list_scheduled_jobs(expression, None, backend.settings.page_size)
    started, left = await _start_runs(backend, await _due_runs(backend, first, jobs.items))
    if jobs.next_after is None and not left:
        await backend.effects.carry_out(Decision((FireDone(expression, scheduled_time_ms, started),)))
        return
    pages = [FirePage(first, runs=tuple(left))] if left else []
    rest = FirePage(PageKey(expression, scheduled_time_ms, REST), after=jobs.next_after)
    if jobs.next_after is not None:
        pages.append(rest)
    try:
        await backend.effects.carry_out(Decision((*(PutPage(page) for page in pages), _count(backend, first, started))))
    except WriteConflict:
        return  # another delivery of the same event has made them
    if left:
        await backend.start_queue.send((first,))
    if jobs.next_after is not None:
        await _divide(backend, rest)


async def _divide(backend: Backend, page: FirePage) -> None:
    """Divide the rest into pages and hand them on; only keys of the index are read, and few at a time."""
    rest: FirePage | None = page
    while rest is not None:
        bounds = await backend.store.list_page_bounds(
            rest.key.expression, rest.after, backend.settings.page_size, _DIVIDED_AT_ONCE
        )
        division = divide(rest, bounds)
        change = DropPage(rest) if division.rest is None else PutPage(division.rest, rest.revision)
        try:
            await backend.effects.carry_out(Decision((change, *(PutPage(made) for made in division.pages))))
        except WriteConflict:
            return  # another delivery divides the same rest
        await backend.start_queue.send([made.key for made in division.pages])
        rest = division.rest


async def _start_jobs(backend: Backend, page: FirePage) -> tuple[int, list[ExecutionInput]]:
    """Start the jobs between the page's positions; how many were started, and the runs that could not be."""
    started, left, after = 0, list[ExecutionInput](), page.after
    while True:
        jobs = await backend.store.list_scheduled_jobs(
            page.key.expression, after, backend.settings.page_size, page.until
        )
        count, unstarted = await _start_runs(backend, await _due_runs(backend, page.key, jobs.items))
        started, left, after = started + count, [*left, *unstarted], jobs.next_after
        if after is None:
            return started, left


async def _start_runs(backend: Backend, runs: Sequence[ExecutionInput]) -> tuple[int, list[ExecutionInput]]:
    """One run's failure does not touch another's."""
    left = list(await backend.workflows.start(runs)) if runs else []
    return len(runs) - len(left), left


async def _due_runs(backend: Backend, key: PageKey, jobs: Sequence[ScheduledJob]) -> list[ExecutionInput]:
    """The runs of the jobs that take part in the fire; the occurrences that a pause skips are recorded."""
    now_ms, time_ms = backend.clock.now_ms(), key.scheduled_time_ms
    due = [(job, job.pause_at(time_ms)) for job in jobs if job.has(time_ms)]
    skipped = [record_paused(job, pause, key.expression, time_ms, now_ms) for job, pause in due if pause is not None]
    if skipped:
        await backend.store.put_absent(skipped)
    return [occurrence(job, key.expression, time_ms, backend.settings) for job, pause in due if pause is None]


def _count(backend: Backend, key: PageKey, started: int) -> CountStarted:
    """Goes with the page's own write. Pages share the fire's row, but each writes it once for a hundred starts."""
    return CountStarted(key.expression, key.scheduled_time_ms, started, backend.clock.now_ms())


async def _finish(backend: Backend, key: PageKey) -> None:
    if await backend.store.list_pages(key.expression, key.scheduled_time_ms, 1):
        return
    fire = await backend.store.read_fire(key.expression, key.scheduled_time_ms)
    if fire is not None and fire.state is FireState.OPEN:
        done = FireDone(key.expression, key.scheduled_time_ms, 0, counted=fire.count)
        await backend.effects.carry_out(Decision((done,)))
