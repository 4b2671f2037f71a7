"""PUT and PATCH: create a job or change its configuration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.writes import CountSchedule, CountService, PutChange, PutJob, Write
from jobhook.core.identities import job_guid
from jobhook.core.jobs.audit import created, updated
from jobhook.core.jobs.job import Job, JobSettings, check_end, new_job
from jobhook.core.jobs.preconditions import Precondition
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.core.targets.target import check_targets
from jobhook.ports import Backend
from jobhook.use_cases.ensure_schedule import ensure_schedules, retire_schedule
from jobhook.use_cases.retry import retry_on_conflict

Change = Callable[[Job | None], JobSettings]
"""The settings that are asked for, given the job as it is stored; raises where they cannot be."""


@dataclass(frozen=True, slots=True)
class StoredJob:
    """The job as stored, and whether this PUT created it."""

    job: Job
    created: bool


async def put_job(
    backend: Backend, service_name: str, job_name: str, settings: JobSettings, by: str | None = None
) -> StoredJob:
    """Store the job on schedules whose rules stand, changed `by` that caller. The same settings again change nothing.

    The rule comes first: a rule without jobs does no harm, a job without a rule would never run. Raises
    ImpossibleSchedule where the rule is refused, TargetNotAllowed where nothing may be sent to a target, Conflict where
    others kept changing the job.
    """
    return await change_job(backend, service_name, job_name, lambda _: settings, Precondition(), by)


async def change_job(
    backend: Backend, service_name: str, job_name: str, change: Change, only_if: Precondition, by: str | None = None
) -> StoredJob:
    """As `put_job`, with settings that may depend on what is stored. Raises what `change` and `only_if` raise, too."""
    return await retry_on_conflict(backend, lambda: _put(backend, service_name, job_name, change, only_if, by))


async def _put(
    backend: Backend, service_name: str, job_name: str, change: Change, only_if: Precondition, by: str | None
) -> StoredJob:
    stored = await backend.store.read_job(job_guid(service_name, job_name))
    only_if.check(stored)
    settings = change(stored)
    job = changed_job(backend, service_name, job_name, stored, settings, by)
    if job is stored:
        return StoredJob(job, created=False)
    before = () if stored is None else stored.settings.schedules
    rows = await ensure_schedules(backend, [one for one in settings.schedules if one not in before])
    left = [one for one in before if one not in settings.schedules]
    left_rows = [row for one in left if (row := await backend.store.read_schedule(one)) is not None]
    await backend.effects.carry_out(Decision(tuple(_writes(stored, job, rows, left_rows))))
    for row in left_rows:
        await retire_schedule(backend, row.expression)
    return StoredJob(job, created=stored is None)


def changed_job(
    backend: Backend, service_name: str, job_name: str, stored: Job | None, settings: JobSettings, by: str | None
) -> Job:
    """The job with these settings, new where none is stored, `stored` itself where nothing changes.

    Raises InvalidDocument where it would end in the past, TargetNotAllowed where nothing may be sent to
    one of its targets.
    """
    if stored is not None and stored.settings == settings:
        return stored
    now_ms, lead_ms = backend.clock.now_ms(), backend.settings.lead_ms
    check_end(settings, stored, now_ms)
    check_targets(settings.targets, backend.settings.target_networks)
    if stored is None:
        return new_job(service_name, job_name, settings, backend.ids.incarnation(), now_ms, lead_ms, by=by)
    return stored.configured(settings, now_ms, lead_ms, by=by)


def _writes(stored: Job | None, job: Job, joined: Sequence[ScheduleRow], left: Sequence[ScheduleRow]) -> list[Write]:
    counted = [
        *(CountSchedule(row.expression, row.generation, +1) for row in joined),
        *(CountSchedule(row.expression, row.generation, -1) for row in left),
    ]
    if stored is None:
        return [PutJob(job, None), *counted, CountService(job.service_name, +1), PutChange(created(job))]
    gone = tuple(one for one in stored.settings.schedules if one not in job.settings.schedules)
    return [PutJob(job, stored.version, gone), *counted, PutChange(updated(stored, job))]
