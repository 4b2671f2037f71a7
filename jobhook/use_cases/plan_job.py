"""PUT and PATCH with ?dry_run=true: what would be stored, and when it would run; nothing is changed."""

from dataclasses import dataclass
from itertools import islice

from jobhook.core.identities import job_guid
from jobhook.core.jobs.job import Job
from jobhook.core.jobs.preconditions import Precondition
from jobhook.core.schedules.rows import RuleState, ScheduleRow
from jobhook.core.schedules.upcoming import Occurrence, occurrences
from jobhook.core.times import floor_to_second
from jobhook.ports import Backend
from jobhook.use_cases.put_job import Change, changed_job

SHOWN_TIMES = 10


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """The job as it would be, whether it would be new or changed, and its next occurrences."""

    job: Job
    created: bool
    changed: bool
    upcoming: tuple[Occurrence, ...]


async def plan_job(
    backend: Backend, service_name: str, job_name: str, change: Change, only_if: Precondition, by: str | None = None
) -> PlannedJob:
    """What `put_job` would do. Raises what the change and the precondition raise."""
    stored = await backend.store.read_job(job_guid(service_name, job_name))
    only_if.check(stored)
    settings, now_ms = change(stored), backend.clock.now_ms()
    job = changed_job(backend, service_name, job_name, stored, settings, by)
    rows = [
        await backend.store.read_schedule(expression) or _row_to_come(expression, now_ms)
        for expression in settings.schedules
    ]
    upcoming = islice(occurrences(rows, job, now_ms), SHOWN_TIMES) if settings.enabled else ()
    return PlannedJob(job, stored is None, job is not stored, tuple(upcoming))


def _row_to_come(expression: str, now_ms: int) -> ScheduleRow:
    began_ms = floor_to_second(now_ms)
    return ScheduleRow(expression, "", RuleState.CREATING, 0, began_ms, began_ms)
