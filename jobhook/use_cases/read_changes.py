"""GET of changes: who did what to a job, or to all."""

from jobhook.core.errors import JobNotFound
from jobhook.core.identities import job_guid
from jobhook.core.jobs.audit import Change
from jobhook.core.paging import Between, Page, Position
from jobhook.ports import Backend

_EVER = Between()


async def list_job_changes(
    backend: Backend, service_name: str, job_name: str, span: Between, after: Position | None, limit: int
) -> Page[Change]:
    """A page of the changes of every job that had that name, newest first.

    Raises JobNotFound where there is none and nothing is known of any.
    """
    guid = job_guid(service_name, job_name)
    page = await backend.store.list_changes(guid, span, after, limit)
    if not page.items and not await _is_known(backend, guid):
        raise JobNotFound(f"service {service_name!r} has no job {job_name!r}, and nothing is known of an earlier one")
    return page


async def list_changes(backend: Backend, span: Between, after: Position | None, limit: int) -> Page[Change]:
    """A page of the changes of all jobs, newest first."""
    return await backend.store.list_changes(None, span, after, limit)


async def _is_known(backend: Backend, guid: str) -> bool:
    if await backend.store.read_job(guid) is not None:
        return True
    return bool((await backend.store.list_changes(guid, _EVER, None, 1)).items)
