"""POST .../pause and .../resume: let a job's occurrences pass for a while."""

from collections.abc import Callable

from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.writes import PutChange, PutJob
from jobhook.core.jobs.audit import paused_or_resumed
from jobhook.core.jobs.job import Job
from jobhook.ports import Backend
from jobhook.use_cases.read_jobs import read_job
from jobhook.use_cases.retry import retry_on_conflict


async def pause_job(
    backend: Backend, service_name: str, job_name: str, reason: str, until_ms: int | None, by: str | None = None
) -> Job:
    """The job, paused from now on; one that is paused keeps its beginning. Raises JobNotFound, Conflict."""
    return await _change(
        backend, service_name, job_name, lambda job, now_ms: job.paused_for(reason, until_ms, now_ms, by)
    )


async def resume_job(backend: Backend, service_name: str, job_name: str, by: str | None = None) -> Job:
    """The job, with occurrences again from now on; itself where it is not paused. Raises JobNotFound, Conflict."""
    lead_ms = backend.settings.lead_ms
    return await _change(backend, service_name, job_name, lambda job, now_ms: job.resumed(now_ms, lead_ms, by=by))


async def _change(backend: Backend, service_name: str, job_name: str, change: Callable[[Job, int], Job]) -> Job:
    async def store() -> Job:
        stored = await read_job(backend, service_name, job_name)
        job = change(stored, backend.clock.now_ms())
        if job is not stored:
            await backend.effects.carry_out(Decision((PutJob(job, stored.version), PutChange(paused_or_resumed(job)))))
        return job

    return await retry_on_conflict(backend, store)
