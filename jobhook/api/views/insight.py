"""The routes of why something did or did not run, of how Jobhook is doing, and of how much came to which end."""

from chalice.app import Blueprint, Request, Response

from jobhook.api import wiring
from jobhook.api.queries import health_query, stats_query, why_query
from jobhook.api.responses import answer
from jobhook.api.routes import route


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it, authorizers included."""
    insight = Blueprint(__name__)
    route(insight, "GET", "/why", why)
    route(insight, "GET", "/health", health)
    route(insight, "GET", "/stats", stats)
    return insight


def why(request: Request) -> Response:
    """Why a job did or did not run at a time."""
    from jobhook.api.rendering.insight import why_document
    from jobhook.use_cases.explain_run import explain_run

    service, job, at_ms = why_query(request)
    explained = wiring.perform(explain_run, service, job, at_ms)
    return answer(why_document(explained.asked, explained.explanation))


def health(request: Request) -> Response:
    """How Jobhook is doing."""
    from jobhook.api.rendering.insight import health_document
    from jobhook.use_cases.read_health import read_health

    return answer(health_document(wiring.perform(read_health, health_query(request))))


def stats(request: Request) -> Response:
    """How many executions came to which end."""
    from jobhook.api.rendering.stats import stats_document
    from jobhook.use_cases.read_stats import read_stats

    asked = stats_query(request, wiring.now_ms())
    return answer(stats_document(asked, wiring.perform(read_stats, asked)))
