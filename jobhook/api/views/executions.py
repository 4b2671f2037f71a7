"""The routes of the history."""

from jobhook.api.queries import check_service_name, executions_query, no_query
from jobhook.api.rendering import resources as views
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.core.executions.execution import Execution
from jobhook.core.identities import job_guid
from jobhook.core.paging import Page, encode_cursor
from jobhook.ports import Backend
from jobhook.use_cases import read_executions


async def list_job_executions(backend: Backend, request: Request) -> Response:
    """The executions of a job, since it was last created."""
    query = executions_query(request, job_guid(*request.job_names))
    page = await read_executions.list_job_executions(
        backend, *request.job_names, query.only, query.page.after, query.page.limit
    )
    return _executions(page)


async def list_service_executions(backend: Backend, request: Request) -> Response:
    """The executions of a service."""
    service = request.names["service"]
    check_service_name(service)
    query = executions_query(request)
    page = await read_executions.list_executions(backend, service, query.only, query.page.after, query.page.limit)
    return _executions(page)


async def list_executions(backend: Backend, request: Request) -> Response:
    """The executions of all services."""
    query = executions_query(request)
    page = await read_executions.list_executions(backend, None, query.only, query.page.after, query.page.limit)
    return _executions(page)


async def get_execution(backend: Backend, request: Request) -> Response:
    """An execution's whole record."""
    no_query(request)
    found = await read_executions.read_execution(backend, request.names["execution_id"])
    return answer(views.execution_document(found, whole=True))


def _executions(page: Page[Execution]) -> Response:
    results = [views.execution_document(execution, whole=False) for execution in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
