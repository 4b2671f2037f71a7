"""GET of jobs and services."""

from jobhook.core.errors import JobNotFound
from jobhook.core.identities import is_name, job_guid
from jobhook.core.jobs.job import Job, Service
from jobhook.core.paging import Page, Position
from jobhook.ports import Backend


async def read_job(backend: Backend, service_name: str, job_name: str) -> Job:
    """The job's configuration. Raises JobNotFound."""
    job = await backend.store.read_job(job_guid(service_name, job_name))
    if job is None:
        raise JobNotFound(f"service {service_name!r} has no job {job_name!r}")
    return job


async def list_jobs(backend: Backend, service_name: str | None, after: Position | None, limit: int) -> Page[Job]:
    """A page of a service's jobs, or of all (None), by name. What can be no service's name has none."""
    if service_name is not None and not is_name(service_name):
        return Page((), None)
    return await backend.store.list_jobs(service_name, after, limit)


async def list_services(backend: Backend, after: Position | None, limit: int) -> Page[Service]:
    """A page of the services that have jobs, by name."""
    return await backend.store.list_services(after, limit)
