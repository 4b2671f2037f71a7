"""The routes of jobs and services.

What validates bodies or reckons with schedules is imported where it is called: every Lambda function loads this module,
and most of them must not pay for that.
"""

from typing import TYPE_CHECKING

from chalice.app import Blueprint, Request, Response

from jobhook.api import wiring
from jobhook.api.queries import check_service_name, dry_run_query, names_query, no_query
from jobhook.api.rendering import resources as views
from jobhook.api.requests import caller, media_type, precondition, raw_body
from jobhook.api.responses import answer, empty_answer
from jobhook.api.routes import route
from jobhook.core.jobs.job import Job, Service
from jobhook.core.jobs.preconditions import job_etag
from jobhook.core.paging import Page, encode_cursor
from jobhook.use_cases import read_jobs

if TYPE_CHECKING:
    from jobhook.use_cases.plan_job import PlannedJob
    from jobhook.use_cases.put_job import Change


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it, authorizers included."""
    jobs = Blueprint(__name__)
    route(jobs, "PUT", "/services/{service}/jobs/{job}", put_job)
    route(jobs, "PATCH", "/services/{service}/jobs/{job}", patch_job)
    route(jobs, "GET", "/services/{service}/jobs/{job}", get_job)
    route(jobs, "DELETE", "/services/{service}/jobs/{job}", delete_job)
    route(jobs, "GET", "/services/{service}/jobs", list_service_jobs)
    route(jobs, "GET", "/jobs", list_jobs)
    route(jobs, "GET", "/services", list_services)
    return jobs


def put_job(request: Request, service: str, job: str) -> Response:
    """Create a job or change its configuration."""
    from jobhook.api.bodies.job import parse_job

    settings = parse_job(service, job, media_type(request), raw_body(request), wiring.now_ms())
    return _changed(request, service, job, lambda _: settings)


def patch_job(request: Request, service: str, job: str) -> Response:
    """Change some of a job's configuration."""
    from jobhook.api.bodies.patch import parse_patch

    patch = parse_patch(media_type(request), raw_body(request))
    now_ms = wiring.now_ms()
    return _changed(request, service, job, lambda stored: patch.apply(stored, service, job, now_ms))


def get_job(request: Request, service: str, job: str) -> Response:
    """A job's configuration."""
    no_query(request)
    return job_answer(wiring.perform(read_jobs.read_job, service, job))


def delete_job(request: Request, service: str, job: str) -> Response:
    """Remove a job; what runs, runs on."""
    from jobhook.use_cases.delete_job import delete_job

    no_query(request)
    wiring.perform(delete_job, service, job, precondition(request), caller(request))
    return empty_answer()


def list_service_jobs(request: Request, service: str) -> Response:
    """The jobs of a service."""
    check_service_name(service)
    query = names_query(request, 2, service)
    return _jobs(wiring.perform(read_jobs.list_jobs, service, query.after, query.limit))


def list_jobs(request: Request) -> Response:
    """The jobs of all services."""
    query = names_query(request, 2)
    return _jobs(wiring.perform(read_jobs.list_jobs, None, query.after, query.limit))


def list_services(request: Request) -> Response:
    """The services that have jobs."""
    query = names_query(request, 1)
    page: Page[Service] = wiring.perform(read_jobs.list_services, query.after, query.limit)
    results = [views.service_document(service) for service in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})


def job_answer(job: Job, status: int = 200) -> Response:
    """A job as it is now, with the tag that If-Match takes."""
    return answer(views.job_document(job, wiring.now_ms(), whole=True), status, {"ETag": job_etag(job)})


def _changed(request: Request, service: str, job: str, change: "Change") -> Response:
    from jobhook.use_cases.plan_job import plan_job
    from jobhook.use_cases.put_job import change_job

    only_if, by = precondition(request), caller(request)
    if dry_run_query(request):
        return _planned(wiring.perform(plan_job, service, job, change, only_if, by))
    stored = wiring.perform(change_job, service, job, change, only_if, by)
    return job_answer(stored.job, 201 if stored.created else 200)


def _planned(plan: "PlannedJob") -> Response:
    from jobhook.api.rendering.schedules import occurrence_document

    keep_phase = wiring.settings().rates_keep_phase
    return answer(
        {
            "dry_run": True,
            "created": plan.created,
            "changed": plan.changed,
            "job": views.job_document(plan.job, wiring.now_ms(), whole=True),
            "upcoming": [occurrence_document(one, keep_phase) for one in plan.upcoming],
        }
    )


def _jobs(page: Page[Job]) -> Response:
    now_ms = wiring.now_ms()
    results = [views.job_document(job, now_ms, whole=False) for job in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
