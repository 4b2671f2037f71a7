"""The routes of the API: one table, which every server binds to its own requests."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from jobhook.api.request import Request
from jobhook.api.responses import Response, empty_answer, error_answer, method_not_allowed, unknown_path
from jobhook.api.views import actions, callbacks, changes, description, executions, insight, jobs, schedules
from jobhook.core.errors import JobhookError
from jobhook.ports import Backend


class View(Protocol):
    """Answers the requests of one route. Its name finds its description, and its docstring is the summary."""

    __name__: str
    __module__: str

    def __call__(self, backend: Backend, request: Request, /) -> Awaitable[Response]:
        """The answer. Raises JobhookError, which is answered in the contract's form."""


@dataclass(frozen=True)
class Route:
    """A method of a path, and the view that answers it.

    A `signed` route asks for a signature. A route that `waits_for_service` takes as long as a service of someone
    else's: a server limits how many of its requests are under way.
    """

    method: str
    path: str
    view: View
    signed: bool = True
    waits_for_service: bool = False

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The segments of the path; a name stands between braces."""
        return tuple(self.path.removeprefix("/").split("/"))

    async def answer(self, backend: Backend, request: Request) -> Response:
        """The answer of the view, errors included."""
        try:
            return await self.view(backend, request)
        except JobhookError as error:
            return error_answer(error)


_JOB = "/services/{service}/jobs/{job}"
_EXECUTION = "/executions/{execution_id}"

ROUTES: Sequence[Route] = (
    Route("PUT", _JOB, jobs.put_job),
    Route("PATCH", _JOB, jobs.patch_job),
    Route("GET", _JOB, jobs.get_job),
    Route("DELETE", _JOB, jobs.delete_job),
    Route("GET", "/services/{service}/jobs", jobs.list_service_jobs),
    Route("GET", "/jobs", jobs.list_jobs),
    Route("GET", "/services", jobs.list_services),
    Route("GET", f"{_JOB}/upcoming", schedules.list_job_upcoming),
    Route("GET", "/upcoming", schedules.list_upcoming),
    Route("GET", "/schedules", schedules.list_schedules),
    Route("POST", f"{_JOB}/run", actions.run_job),
    Route("POST", f"{_JOB}/test", actions.test_job, waits_for_service=True),
    Route("POST", f"{_JOB}/pause", actions.pause_job),
    Route("POST", f"{_JOB}/resume", actions.resume_job),
    Route("POST", f"{_EXECUTION}/cancel", actions.cancel_execution),
    Route("POST", f"{_EXECUTION}/retry", actions.retry_execution),
    Route("GET", f"{_JOB}/executions", executions.list_job_executions),
    Route("GET", "/services/{service}/executions", executions.list_service_executions),
    Route("GET", "/executions", executions.list_executions),
    Route("GET", _EXECUTION, executions.get_execution),
    Route("GET", f"{_JOB}/changes", changes.list_job_changes),
    Route("GET", "/changes", changes.list_changes),
    Route("GET", "/why", insight.why),
    Route("GET", "/health", insight.health),
    Route("GET", "/stats", insight.stats),
    Route("POST", "/callback/{guid}/{token}", callbacks.post_callback, signed=False),
    Route("GET", "/openapi.json", description.openapi),
)


@dataclass(frozen=True, slots=True)
class Match:
    """The routes of a path by their methods, and the path's names. An unknown path has no routes."""

    routes: Mapping[str, Route]
    names: Mapping[str, str]

    def route(self, method: str) -> Route | None:
        """The route for a method. HEAD is answered as GET; its body is left out by the server."""
        return self.routes.get("GET" if method == "HEAD" else method)

    def without_route(self, method: str) -> Response:
        """The answer to a method that has no route here: the path's methods to OPTIONS, otherwise 404 or 405."""
        if not self.routes:
            return unknown_path()
        methods = {*self.routes, "OPTIONS"} | ({"HEAD"} if "GET" in self.routes else set())
        allowed = ", ".join(sorted(methods))
        if method == "OPTIONS":
            return Response(empty_answer().status, {"Allow": allowed})
        return method_not_allowed(allowed)


class Router:
    """Finds the routes of a path. No two paths of the table fit the same segments."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_length: dict[int, dict[tuple[str, ...], dict[str, Route]]] = {}
        for route in routes:
            paths = self._by_length.setdefault(len(route.segments), {})
            paths.setdefault(route.segments, {})[route.method] = route

    def find(self, segments: Sequence[str]) -> Match:
        """The routes of the path that has these segments."""
        for template, routes in self._by_length.get(len(segments), {}).items():
            names = _names(template, segments)
            if names is not None:
                return Match(routes, names)
        return Match({}, {})


def _names(template: Sequence[str], segments: Sequence[str]) -> Mapping[str, str] | None:
    """The names of a path that fits a route's segments; None for another path."""
    names = {}
    for expected, segment in zip(template, segments, strict=True):
        if expected.startswith("{"):
            names[expected[1:-1]] = segment
        elif expected != segment:
            return None
    return names
