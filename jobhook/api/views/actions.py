"""The routes of what people do to jobs and executions."""

from chalice.app import Blueprint, Request, Response

from jobhook.api import wiring
from jobhook.api.queries import no_query
from jobhook.api.rendering import resources as views
from jobhook.api.requests import address_of, caller, media_type, raw_body
from jobhook.api.responses import answer
from jobhook.api.routes import route
from jobhook.api.views.jobs import job_answer
from jobhook.core.executions.execution import Execution


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it, authorizers included."""
    actions = Blueprint(__name__)
    route(actions, "POST", "/services/{service}/jobs/{job}/run", run_job)
    route(actions, "POST", "/services/{service}/jobs/{job}/test", test_job)
    route(actions, "POST", "/services/{service}/jobs/{job}/pause", pause_job)
    route(actions, "POST", "/services/{service}/jobs/{job}/resume", resume_job)
    route(actions, "POST", "/executions/{execution_id}/cancel", cancel_execution)
    route(actions, "POST", "/executions/{execution_id}/retry", retry_execution)
    return actions


def run_job(request: Request, service: str, job: str) -> Response:
    """Run a job now."""
    from jobhook.api.bodies.actions import parse_run
    from jobhook.use_cases.run_job import run_job

    no_query(request)
    asked = parse_run(media_type(request), raw_body(request))
    return _accepted(wiring.perform(run_job, service, job, asked, caller(request)))


def test_job(request: Request, service: str, job: str) -> Response:
    """Send a job's webhook once, and say what its service makes of it."""
    from jobhook.api.bodies.actions import parse_test
    from jobhook.use_cases.test_job import test_job

    no_query(request)
    asked = parse_test(media_type(request), raw_body(request))
    base_url = wiring.settings().base_url or address_of(request)
    return answer(wiring.perform(test_job, service, job, asked, base_url))


def pause_job(request: Request, service: str, job: str) -> Response:
    """Let a job's occurrences pass for a while."""
    from jobhook.api.bodies.actions import parse_pause
    from jobhook.use_cases.pause_job import pause_job

    no_query(request)
    reason, until_ms = parse_pause(media_type(request), raw_body(request), wiring.now_ms())
    return job_answer(wiring.perform(pause_job, service, job, reason, until_ms, caller(request)))


def resume_job(request: Request, service: str, job: str) -> Response:
    """End a job's pause."""
    from jobhook.use_cases.pause_job import resume_job

    _refuse_all(request)
    return job_answer(wiring.perform(resume_job, service, job, caller(request)))


def cancel_execution(request: Request, execution_id: str) -> Response:
    """End an execution that runs."""
    from jobhook.use_cases.cancel_execution import cancel_execution

    _refuse_all(request)
    return answer(views.execution_document(wiring.perform(cancel_execution, execution_id, caller(request)), whole=True))


def retry_execution(request: Request, execution_id: str) -> Response:
    """Do again what went wrong."""
    from jobhook.use_cases.retry_execution import retry_execution

    _refuse_all(request)
    return _accepted(wiring.perform(retry_execution, execution_id, caller(request)))


def _refuse_all(request: Request) -> None:
    """The path says all that there is to say."""
    from jobhook.api.bodies.actions import check_no_body

    no_query(request)
    check_no_body(media_type(request), raw_body(request))


def _accepted(execution: Execution) -> Response:
    return answer(views.execution_document(execution, whole=True), 202)
