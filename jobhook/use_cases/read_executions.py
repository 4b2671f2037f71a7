"""GET of executions: one by its id, or a page of them by job, by service or over all."""

from jobhook.core.errors import ExecutionNotFound
from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey, is_name
from jobhook.core.paging import ExecutionFilter, OfJob, OfService, Page, Position
from jobhook.ports import Backend
from jobhook.use_cases.read_jobs import read_job


async def read_execution(backend: Backend, execution_id: str) -> Execution:
    """The execution's whole record. Raises ExecutionNotFound."""
    key = ExecutionKey.parse(execution_id)
    execution = await backend.store.read_execution(key) if key else None
    if execution is None:
        raise ExecutionNotFound("there is no execution of that id")
    return execution


async def list_job_executions(
    backend: Backend, service_name: str, job_name: str, only: ExecutionFilter, after: Position | None, limit: int
) -> Page[Execution]:
    """A page of the executions of the job's present incarnation, newest first. Raises JobNotFound."""
    job = await read_job(backend, service_name, job_name)
    return await backend.store.list_executions(OfJob(job.guid, job.incarnation), only, after, limit)


async def list_executions(
    backend: Backend, service_name: str | None, only: ExecutionFilter, after: Position | None, limit: int
) -> Page[Execution]:
    """A page of a service's executions, or of all (None), newest first. What can be no service's name has none."""
    if service_name is not None and not is_name(service_name):
        return Page((), None)
    scope = None if service_name is None else OfService(service_name)
    return await backend.store.list_executions(scope, only, after, limit)
