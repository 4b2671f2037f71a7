"""GET of what is going to run, by job and over all jobs."""

import heapq
from collections.abc import Iterator
from itertools import islice, takewhile

from jobhook.core.jobs.job import ScheduledJob
from jobhook.core.paging import Page, Position
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.core.schedules.upcoming import Occurrence, next_time, occurrences, runs_on_another
from jobhook.ports import Backend
from jobhook.use_cases.read_jobs import read_job

_LATEST_MS = 2**53


async def list_job_upcoming(
    backend: Backend, service_name: str, job_name: str, until_ms: int | None, after: Position | None, limit: int
) -> Page[Occurrence]:
    """A page of a job's next occurrences; a disabled job has none. Positions: (scheduled_time_ms,).

    Raises JobNotFound.
    """
    job = await read_job(backend, service_name, job_name)
    if not job.settings.enabled:
        return Page((), None)
    rows = [await backend.store.read_schedule(expression) for expression in job.settings.schedules]
    after_ms = int(after[0]) if after else backend.clock.now_ms()
    coming = occurrences([row for row in rows if row is not None], job, after_ms)
    found = list(islice(takewhile(lambda one: one.scheduled_time_ms <= (until_ms or _LATEST_MS), coming), limit + 1))
    shown = found[:limit]
    return Page(shown, (shown[-1].scheduled_time_ms,) if len(found) > limit else None)


async def list_upcoming(backend: Backend, until_ms: int | None, after: Position | None, limit: int) -> Page[Occurrence]:
    """A page of the next occurrences of all jobs, by time. Positions: (time, expression) or with the store's own after.

    No more times of schedules are looked at than `limit`, so a page may be short where jobs are paused or disabled.
    """
    start_ms, start_expression = (int(after[0]), str(after[1])) if after else (backend.clock.now_ms() + 1, "")
    rows = {row.expression: row for row in await backend.store.list_schedules() if row.jobs > 0}
    within: Position | None = after[2:] or None if after else None
    found: list[Occurrence] = []
    times = _merged(rows, start_ms, start_expression)
    for _ in range(limit):
        time_ms, expression = next(times, (_LATEST_MS, ""))
        if time_ms > (until_ms or _LATEST_MS - 1):
            return Page(found, None)
        if (time_ms, expression) != (start_ms, start_expression):
            within = None
        while True:
            if len(found) == limit:
                return Page(found, (time_ms, expression, *(within or ())))
            page = await backend.store.list_scheduled_jobs(expression, within, limit - len(found))
            found.extend(
                _occurrence(job, expression, time_ms)
                for job in page.items
                if _takes_part(job, time_ms) and not runs_on_another(job, expression, time_ms, rows)
            )
            within = page.next_after
            if within is None:
                break
    following = next(times, None)
    return Page(found, following if following and following[0] <= (until_ms or _LATEST_MS - 1) else None)


def _merged(rows: dict[str, ScheduleRow], start_ms: int, start_expression: str) -> Iterator[tuple[int, str]]:
    """Every schedule's times in one order, from that place on."""
    heap = [(time_ms, row.expression) for row in rows.values() if (time_ms := next_time(row, start_ms - 1)) is not None]
    heapq.heapify(heap)
    while heap:
        time_ms, expression = heapq.heappop(heap)
        following_ms = next_time(rows[expression], time_ms)
        if following_ms is not None:
            heapq.heappush(heap, (following_ms, expression))
        if (time_ms, expression) >= (start_ms, start_expression):
            yield time_ms, expression


def _takes_part(job: ScheduledJob, time_ms: int) -> bool:
    return job.has(time_ms) and job.pause_at(time_ms) is None


def _occurrence(job: ScheduledJob, expression: str, time_ms: int) -> Occurrence:
    return Occurrence(job.service_name, job.job_name, expression, time_ms)
