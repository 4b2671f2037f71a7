"""The routes of schedules and of what is going to run."""

from typing import TYPE_CHECKING

from jobhook.api.queries import schedules_query, upcoming_query
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.core.paging import Page, encode_cursor
from jobhook.ports import Backend

if TYPE_CHECKING:
    from jobhook.core.schedules.upcoming import Occurrence


async def list_job_upcoming(backend: Backend, request: Request) -> Response:
    """The next occurrences of a job."""
    from jobhook.use_cases.read_upcoming import list_job_upcoming

    query = upcoming_query(request, ((int,),))
    page = await list_job_upcoming(backend, *request.job_names, query.until_ms, query.page.after, query.page.limit)
    return _occurrences(backend, page)


async def list_upcoming(backend: Backend, request: Request) -> Response:
    """The next occurrences of all jobs."""
    from jobhook.use_cases.read_upcoming import list_upcoming

    query = upcoming_query(request, ((int, str), (int, str, str), (int, str, int, str)))
    return _occurrences(backend, await list_upcoming(backend, query.until_ms, query.page.after, query.page.limit))


async def list_schedules(backend: Backend, request: Request) -> Response:
    """The schedules that jobs share."""
    from jobhook.api.rendering.schedules import schedule_document
    from jobhook.use_cases.read_schedules import list_schedules

    query = schedules_query(request)
    listed = await list_schedules(backend, query.after, query.limit)
    now_ms, keep_phase = backend.clock.now_ms(), backend.settings.rates_keep_phase
    return answer(
        {
            "results": [schedule_document(row, now_ms, keep_phase) for row in listed.page.items],
            "next_cursor": encode_cursor(listed.page.next_after),
            "quota": {"used": listed.used, "limit": listed.quota},
        }
    )


def _occurrences(backend: Backend, page: "Page[Occurrence]") -> Response:
    from jobhook.api.rendering.schedules import occurrence_document

    keep_phase = backend.settings.rates_keep_phase
    results = [occurrence_document(one, keep_phase) for one in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
