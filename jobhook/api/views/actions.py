"""The routes of what people do to jobs and executions."""

from jobhook.api.queries import no_query
from jobhook.api.rendering import resources as views
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.api.views.jobs import job_answer
from jobhook.core.executions.execution import Execution
from jobhook.ports import Backend


async def run_job(backend: Backend, request: Request) -> Response:
    """Run a job now."""
    from jobhook.api.bodies.actions import parse_run
    from jobhook.use_cases.run_job import run_job

    no_query(request)
    asked = parse_run(request.media_type, request.body)
    return _accepted(await run_job(backend, *request.job_names, asked, request.caller))


async def test_job(backend: Backend, request: Request) -> Response:
    """Send a job's webhook once, and say what its service makes of it."""
    from jobhook.api.bodies.actions import parse_test
    from jobhook.use_cases.test_job import test_job

    no_query(request)
    asked = parse_test(request.media_type, request.body)
    base_url = backend.settings.base_url or request.base_url
    return answer(await test_job(backend, *request.job_names, asked, base_url))


async def pause_job(backend: Backend, request: Request) -> Response:
    """Let a job's occurrences pass for a while."""
    from jobhook.api.bodies.actions import parse_pause
    from jobhook.use_cases.pause_job import pause_job

    no_query(request)
    reason, until_ms = parse_pause(request.media_type, request.body, backend.clock.now_ms())
    return job_answer(backend, await pause_job(backend, *request.job_names, reason, until_ms, request.caller))


async def resume_job(backend: Backend, request: Request) -> Response:
    """End a job's pause."""
    from jobhook.use_cases.pause_job import resume_job

    _refuse_all(request)
    return job_answer(backend, await resume_job(backend, *request.job_names, request.caller))


async def cancel_execution(backend: Backend, request: Request) -> Response:
    """End an execution that runs."""
    from jobhook.use_cases.cancel_execution import cancel_execution

    _refuse_all(request)
    cancelled = await cancel_execution(backend, request.names["execution_id"], request.caller)
    return answer(views.execution_document(cancelled, whole=True))


async def retry_execution(backend: Backend, request: Request) -> Response:
    """Do again what went wrong."""
    from jobhook.use_cases.retry_execution import retry_execution

    _refuse_all(request)
    return _accepted(await retry_execution(backend, request.names["execution_id"], request.caller))


def _refuse_all(request: Request) -> None:
    """The path says all that there is to say."""
    from jobhook.api.bodies.actions import check_no_body

    no_query(request)
    check_no_body(request.media_type, request.body)


def _accepted(execution: Execution) -> Response:
    return answer(views.execution_document(execution, whole=True), 202)
