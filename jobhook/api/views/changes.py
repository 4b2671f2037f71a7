"""The routes of the audit trail."""

from chalice.app import Blueprint, Request, Response

from jobhook.api import wiring
from jobhook.api.queries import changes_query
from jobhook.api.rendering.audit import change_document
from jobhook.api.responses import answer
from jobhook.api.routes import route
from jobhook.core.identities import job_guid
from jobhook.core.jobs.audit import Change
from jobhook.core.paging import Page, encode_cursor
from jobhook.use_cases import read_changes


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it, authorizers included."""
    changes = Blueprint(__name__)
    route(changes, "GET", "/services/{service}/jobs/{job}/changes", list_job_changes)
    route(changes, "GET", "/changes", list_changes)
    return changes


def list_job_changes(request: Request, service: str, job: str) -> Response:
    """Who did what to a job, deleted or not."""
    query = changes_query(request, job_guid(service, job))
    page = wiring.perform(read_changes.list_job_changes, service, job, query.span, query.page.after, query.page.limit)
    return _changes(page)


def list_changes(request: Request) -> Response:
    """Who did what to which job."""
    query = changes_query(request)
    return _changes(wiring.perform(read_changes.list_changes, query.span, query.page.after, query.page.limit))


def _changes(page: Page[Change]) -> Response:
    results = [change_document(change) for change in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
