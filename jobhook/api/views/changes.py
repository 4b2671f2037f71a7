"""The routes of the audit trail."""

from jobhook.api.queries import changes_query
from jobhook.api.rendering.audit import change_document
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.core.identities import job_guid
from jobhook.core.jobs.audit import Change
from jobhook.core.paging import Page, encode_cursor
from jobhook.ports import Backend
from jobhook.use_cases import read_changes


async def list_job_changes(backend: Backend, request: Request) -> Response:
    """Who did what to a job, deleted or not."""
    query = changes_query(request, job_guid(*request.job_names))
    page = await read_changes.list_job_changes(
        backend, *request.job_names, query.span, query.page.after, query.page.limit
    )
    return _changes(page)


async def list_changes(backend: Backend, request: Request) -> Response:
    """Who did what to which job."""
    query = changes_query(request)
    return _changes(await read_changes.list_changes(backend, query.span, query.page.after, query.page.limit))


def _changes(page: Page[Change]) -> Response:
    results = [change_document(change) for change in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
