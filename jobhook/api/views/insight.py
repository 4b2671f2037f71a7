"""The routes of why something did or did not run, of how Jobhook is doing, and of how much came to which end."""

from jobhook.api.queries import health_query, stats_query, why_query
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.ports import Backend


async def why(backend: Backend, request: Request) -> Response:
    """Why a job did or did not run at a time."""
    from jobhook.api.rendering.insight import why_document
    from jobhook.use_cases.explain_run import explain_run

    service, job, at_ms = why_query(request)
    explained = await explain_run(backend, service, job, at_ms)
    return answer(why_document(explained.asked, explained.explanation))


async def health(backend: Backend, request: Request) -> Response:
    """How Jobhook is doing."""
    from jobhook.api.rendering.insight import health_document
    from jobhook.use_cases.read_health import read_health

    return answer(health_document(await read_health(backend, health_query(request))))


async def stats(backend: Backend, request: Request) -> Response:
    """How many executions came to which end."""
    from jobhook.api.rendering.stats import stats_document
    from jobhook.use_cases.read_stats import read_stats

    asked = stats_query(request, backend.clock.now_ms())
    return answer(stats_document(asked, await read_stats(backend, asked)))
