"""The routes of the history."""

from chalice.app import Blueprint, Request, Response

from jobhook.api import wiring
from jobhook.api.queries import check_service_name, executions_query, no_query
from jobhook.api.rendering import resources as views
from jobhook.api.responses import answer
from jobhook.api.routes import route
from jobhook.core.executions.execution import Execution
from jobhook.core.identities import job_guid
from jobhook.core.paging import Page, encode_cursor
from jobhook.use_cases import read_executions


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it, authorizers included."""
    executions = Blueprint(__name__)
    route(executions, "GET", "/services/{service}/jobs/{job}/executions", list_job_executions)
    route(executions, "GET", "/services/{service}/executions", list_service_executions)
    route(executions, "GET", "/executions", list_executions)
    route(executions, "GET", "/executions/{execution_id}", get_execution)
    return executions


def list_job_executions(request: Request, service: str, job: str) -> Response:
    """The executions of a job, since it was last created."""
    query = executions_query(request, job_guid(service, job))
    page = wiring.perform(
        read_executions.list_job_executions, service, job, query.only, query.page.after, query.page.limit
    )
    return _executions(page)


def list_service_executions(request: Request, service: str) -> Response:
    """The executions of a service."""
    check_service_name(service)
    query = executions_query(request)
    page = wiring.perform(read_executions.list_executions, service, query.only, query.page.after, query.page.limit)
    return _executions(page)


def list_executions(request: Request) -> Response:
    """The executions of all services."""
    query = executions_query(request)
    page = wiring.perform(read_executions.list_executions, None, query.only, query.page.after, query.page.limit)
    return _executions(page)


def get_execution(request: Request, execution_id: str) -> Response:
    """An execution's whole record."""
    no_query(request)
    found = wiring.perform(read_executions.read_execution, execution_id)
    return answer(views.execution_document(found, whole=True))


def _executions(page: Page[Execution]) -> Response:
    results = [views.execution_document(execution, whole=False) for execution in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
