"""DELETE: remove a job; what runs, runs on."""

from jobhook.core.errors import JobNotFound
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.writes import CountSchedule, CountService, DropJob, PutChange, Write
from jobhook.core.identities import job_guid
from jobhook.core.jobs.audit import deleted
from jobhook.core.jobs.preconditions import Precondition
from jobhook.ports import Backend
from jobhook.use_cases.ensure_schedule import retire_schedule
from jobhook.use_cases.retry import retry_on_conflict

_ANYHOW = Precondition()


async def delete_job(
    backend: Backend, service_name: str, job_name: str, only_if: Precondition = _ANYHOW, by: str | None = None
) -> None:
    """Remove the job and its last success, and each of its schedules' rules if it was the last on it.

    Raises JobNotFound, PreconditionFailed.
    """
    for expression in await retry_on_conflict(backend, lambda: _delete(backend, service_name, job_name, only_if, by)):
        await retire_schedule(backend, expression)


async def _delete(
    backend: Backend, service_name: str, job_name: str, only_if: Precondition, by: str | None
) -> tuple[str, ...]:
    job = await backend.store.read_job(job_guid(service_name, job_name))
    if job is None:
        raise JobNotFound(f"service {service_name!r} has no job {job_name!r}")
    only_if.check(job)
    change = deleted(job, by, backend.clock.now_ms())
    writes: list[Write] = [DropJob(job), CountService(service_name, -1), PutChange(change)]
    for expression in job.settings.schedules:
        row = await backend.store.read_schedule(expression)
        if row is not None:
            writes.append(CountSchedule(row.expression, row.generation, -1))
    await backend.effects.carry_out(Decision(tuple(writes)))
    return job.settings.schedules
