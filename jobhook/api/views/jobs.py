"""The routes of jobs and services.

What validates bodies or reckons with schedules is imported where it is called: every Lambda function loads this module,
and most of them must not pay for that.
"""

from typing import TYPE_CHECKING

from jobhook.api.queries import check_service_name, dry_run_query, names_query, no_query
from jobhook.api.rendering import resources as views
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer, empty_answer
from jobhook.core.jobs.job import Job, Service
from jobhook.core.jobs.preconditions import job_etag
from jobhook.core.paging import Page, encode_cursor
from jobhook.ports import Backend
from jobhook.use_cases import read_jobs

if TYPE_CHECKING:
    from jobhook.use_cases.plan_job import PlannedJob
    from jobhook.use_cases.put_job import Change


async def put_job(backend: Backend, request: Request) -> Response:
    """Create a job or change its configuration."""
    from jobhook.api.bodies.job import parse_job

    settings = parse_job(*request.job_names, request.media_type, request.body, backend.clock.now_ms())
    return await _changed(backend, request, lambda _: settings)


async def patch_job(backend: Backend, request: Request) -> Response:
    """Change some of a job's configuration."""
    from jobhook.api.bodies.patch import parse_patch

    patch = parse_patch(request.media_type, request.body)
    now_ms = backend.clock.now_ms()
    return await _changed(backend, request, lambda stored: patch.apply(stored, *request.job_names, now_ms))


async def get_job(backend: Backend, request: Request) -> Response:
    """A job's configuration."""
    no_query(request)
    return job_answer(backend, await read_jobs.read_job(backend, *request.job_names))


async def delete_job(backend: Backend, request: Request) -> Response:
    """Remove a job; what runs, runs on."""
    from jobhook.use_cases.delete_job import delete_job

    no_query(request)
    await delete_job(backend, *request.job_names, request.precondition, request.caller)
    return empty_answer()


async def list_service_jobs(backend: Backend, request: Request) -> Response:
    """The jobs of a service."""
    service = request.names["service"]
    check_service_name(service)
    query = names_query(request, 2, service)
    return _jobs(backend, await read_jobs.list_jobs(backend, service, query.after, query.limit))


async def list_jobs(backend: Backend, request: Request) -> Response:
    """The jobs of all services."""
    query = names_query(request, 2)
    return _jobs(backend, await read_jobs.list_jobs(backend, None, query.after, query.limit))


async def list_services(backend: Backend, request: Request) -> Response:
    """The services that have jobs."""
    query = names_query(request, 1)
    page: Page[Service] = await read_jobs.list_services(backend, query.after, query.limit)
    results = [views.service_document(service) for service in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})


def job_answer(backend: Backend, job: Job, status: int = 200) -> Response:
    """A job as it is now, with the tag that If-Match takes."""
    return answer(views.job_document(job, backend.clock.now_ms(), whole=True), status, {"ETag": job_etag(job)})


async def _changed(backend: Backend, request: Request, change: "Change") -> Response:
    from jobhook.use_cases.plan_job import plan_job
    from jobhook.use_cases.put_job import change_job

    only_if, by = request.precondition, request.caller
    if dry_run_query(request):
        return _planned(backend, await plan_job(backend, *request.job_names, change, only_if, by))
    stored = await change_job(backend, *request.job_names, change, only_if, by)
    return job_answer(backend, stored.job, 201 if stored.created else 200)


def _planned(backend: Backend, plan: "PlannedJob") -> Response:
    from jobhook.api.rendering.schedules import occurrence_document

    keep_phase = backend.settings.rates_keep_phase
    return answer(
        {
            "dry_run": True,
            "created": plan.created,
            "changed": plan.changed,
            "job": views.job_document(plan.job, backend.clock.now_ms(), whole=True),
            "upcoming": [occurrence_document(one, keep_phase) for one in plan.upcoming],
        }
    )


def _jobs(backend: Backend, page: Page[Job]) -> Response:
    now_ms = backend.clock.now_ms()
    results = [views.job_document(job, now_ms, whole=False) for job in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
