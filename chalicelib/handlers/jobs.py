"""The routes of jobs and services.

Use cases that validate bodies are imported where they are called: every Lambda function loads this module, and most
of them must not pay for pydantic.
"""

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain import views
from chalicelib.domain.job import Job, Service
from chalicelib.domain.paging import Page, encode_cursor
from chalicelib.handlers.answers import answer, empty_answer
from chalicelib.handlers.queries import names_query
from chalicelib.handlers.requests import media_type, raw_body
from chalicelib.handlers.routes import route
from chalicelib.use_cases import read_jobs


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it, authorizers included."""
    jobs = Blueprint(__name__)
    route(jobs, "PUT", "/services/{service}/jobs/{job}", put_job)
    route(jobs, "GET", "/services/{service}/jobs/{job}", get_job)
    route(jobs, "DELETE", "/services/{service}/jobs/{job}", delete_job)
    route(jobs, "GET", "/services/{service}/jobs", list_service_jobs)
    route(jobs, "GET", "/jobs", list_jobs)
    route(jobs, "GET", "/services", list_services)
    return jobs


def put_job(request: Request, service: str, job: str) -> Response:
    """Create a job or change its configuration."""
    from chalicelib.domain.requests import parse_job
    from chalicelib.use_cases.put_job import put_job

    settings = parse_job(service, job, media_type(request), raw_body(request), wiring.now_ms())
    stored = wiring.perform(put_job, service, job, settings)
    return answer(views.job_document(stored.job, wiring.now_ms(), whole=True), 201 if stored.created else 200)


def get_job(_: Request, service: str, job: str) -> Response:
    """A job's configuration."""
    found = wiring.perform(read_jobs.read_job, service, job)
    return answer(views.job_document(found, wiring.now_ms(), whole=True))


def delete_job(_: Request, service: str, job: str) -> Response:
    """Remove a job; what runs, runs on."""
    from chalicelib.use_cases.delete_job import delete_job

    wiring.perform(delete_job, service, job)
    return empty_answer()


def list_service_jobs(request: Request, service: str) -> Response:
    """The jobs of a service."""
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


def _jobs(page: Page[Job]) -> Response:
    now_ms = wiring.now_ms()
    results = [views.job_document(job, now_ms, whole=False) for job in page.items]
    return answer({"results": results, "next_cursor": encode_cursor(page.next_after)})
