"""The routes of the audit trail."""

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.change_views import change_document
from chalicelib.domain.changes import Change
from chalicelib.domain.names import job_guid
from chalicelib.domain.paging import Page, encode_cursor
from chalicelib.handlers.answers import answer
from chalicelib.handlers.queries import changes_query
from chalicelib.handlers.routes import route
from chalicelib.use_cases import read_changes


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
