"""What is going to run: the next times of a schedule, less those that a job has no part in."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jobhook.core.jobs.job import Job, ScheduledJob
from jobhook.core.schedules.expression import parse
from jobhook.core.schedules.rows import ScheduleRow


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A job at a time to come."""

    service_name: str
    job_name: str
    schedule: str
    scheduled_time_ms: int


def is_exact(expression: str, rates_keep_phase: bool) -> bool:
    """Whether its times are known: EventBridge does not tell when it counts a rate from."""
    return rates_keep_phase or parse(expression).kind != "rate"


def next_time(row: ScheduleRow, after_ms: int) -> int | None:
    """The schedule's first time after that instant."""
    return parse(row.expression).next_after(after_ms, anchor_ms=row.created_at_ms)


def job_times(row: ScheduleRow, job: Job, after_ms: int) -> Iterator[int]:
    """The times after that instant at which a job of the schedule runs, lazily; a pause is leapt over, not walked."""
    span, pause = job.settings.span, job.pause
    time_ms = max(after_ms, job.from_ms[row.expression] - 1, (span.start_ms or 0) - 1)
    while (following_ms := next_time(row, time_ms)) is not None and not span.over(following_ms):
        if pause is None or not pause.holds(following_ms):
            yield following_ms
            time_ms = following_ms
        elif pause.until_ms is None:
            return
        else:
            time_ms = pause.until_ms - 1


def occurrences(rows: Sequence[ScheduleRow], job: Job, after_ms: int) -> Iterator[Occurrence]:
    """What a job runs after that instant on all its schedules, lazily; where two are due at a time, it runs once."""
    last_ms = None
    for time_ms, place in heapq.merge(*(_placed(place, row, job, after_ms) for place, row in enumerate(rows))):
        if time_ms != last_ms:
            yield Occurrence(job.service_name, job.job_name, rows[place].expression, time_ms)
        last_ms = time_ms


def runs_on_another(job: ScheduledJob, expression: str, time_ms: int, rows: Mapping[str, ScheduleRow]) -> bool:
    """Whether the occurrence is told of under another of the job's schedules: of those due at once, under the least."""
    return any(
        other < expression and since_ms <= time_ms and other in rows and next_time(rows[other], time_ms - 1) == time_ms
        for other, since_ms in job.others
    )


def _placed(place: int, row: ScheduleRow, job: Job, after_ms: int) -> Iterator[tuple[int, int]]:
    return ((time_ms, place) for time_ms in job_times(row, job, after_ms))
