"""The routes of schedules and of what is going to run."""

from typing import TYPE_CHECKING

from chalice.app import Blueprint, Request, Response

from jobhook.api import wiring
from jobhook.api.queries import schedules_query, upcoming_query
from jobhook.api.responses import answer
from jobhook.api.routes import route
from jobhook.core.paging import Page, encode_cursor

if TYPE_CHECKING:
    from jobhook.core.schedules.upcoming import Occurrence


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it, authorizers included."""
    schedules = Blueprint(__name__)
    route(schedules, "GET", "/services/{service}/jobs/{job}/upcoming", list_job_upcoming)
    route(schedules, "GET", "/upcoming", list_upcoming)
    route(schedules, "GET", "/schedules", list_schedules)
    return schedules


def list_job_upcoming(request: Request, service: str, job: str) -> Response:
    """The next occurrences of a job."""
    from jobhook.use_cases.read_upcoming import list_job_upcoming

    query = upcoming_query(request, ((int,),))
    return _occurrences(
        wiring.perform(list_job_upcoming, service, job, query.until_ms, query.page.after, query.page.limit)
    )


def list_upcoming(request: Request) -> Response:
    """The next occurrences of all jobs."""
    from jobhook.use_cases.read_upcoming import list_upcoming

    query = upcoming_query(request, ((int, str), (int, str, str), (int, str, int, str)))
    return _occurrences(wiring.perform(list_upcoming, query.until_ms, query.page.after, query.page.limit))


def list_schedules(request: Request) -> Response:
    """The schedules that jobs share."""
    from jobhook.api.rendering.schedules import schedule_document
    from jobhook.use_cases.read_schedules import list_schedules

    query = schedules_query(request)
    listed = wiring.perform(list_schedules, query.after, query.limit)
    now_ms, keep_phase = wiring.now_ms(), wiring.settings().rates_keep_phase
    return answer(
        {
            "results": [schedule_document(row, now_ms, keep_phase) for row in listed.page.items],
            "next_cursor": encode_cursor(listed.page.next_after),
            "quota": {"used": listed.used, "limit": listed.quota},
        }
    )


def _occurrences(page: "Page[Occurrence]") -> Response:
    from jobhook.api.rendering.schedules import occurrence_document

    keep_phase = wiring.settings().rates_keep_phase
    results = [occurrence_document(one, keep_phase) for one in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
