"""The answers of the API: their form, and the one place that gives each error its HTTP status."""

from collections.abc import Mapping

from chalice.app import Response

from jobhook.core.errors import (
    Conflict,
    DocumentTooLarge,
    ExecutionEnded,
    ImpossibleSchedule,
    InvalidDocument,
    JobhookError,
    NotFound,
    NotRetryable,
    PreconditionFailed,
    TargetNotAllowed,
    Unavailable,
    UnsupportedMediaType,
)
from jobhook.core.json_text import compact

_STATUS: Mapping[type[JobhookError], int] = {
    InvalidDocument: 400,
    NotFound: 404,
    Conflict: 409,
    NotRetryable: 409,
    ExecutionEnded: 410,
    PreconditionFailed: 412,
    DocumentTooLarge: 413,
    UnsupportedMediaType: 415,
    ImpossibleSchedule: 422,
    TargetNotAllowed: 422,
    Unavailable: 503,
    JobhookError: 500,
}
_JSON = "application/json"
_RETRY_AFTER_SECONDS = 5


def answer(document: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    body = compact(document)
    return Response(body, {"Content-Type": _JSON, **(headers or {})}, status)


def empty_answer() -> Response:
    """204: done, and there is nothing to say."""
    return Response("", {}, 204)


def error_answer(error: JobhookError) -> Response:
    """What the caller is told of an error."""
    document: dict[str, object] = {"code": error.code, "message": error.message}
    if isinstance(error, InvalidDocument):
        document["errors"] = [{"field": problem.field, "message": problem.message} for problem in error.problems]
    if isinstance(error, ExecutionEnded):
        document["status"] = str(error.status)
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if isinstance(error, Unavailable) else {}
    return answer(document, _status(error), headers)


def unknown_route() -> Response:
    """404 for a path that no route has, for servers that look for the route themselves."""
    return answer({"code": "NotFound", "message": "there is nothing at this path"}, 404)


def in_contract_form(framework: Response) -> Response:
    """An answer that Chalice itself made, in the contract's form; one of ours as it is.

    Ours are declared as JSON or empty; Chalice declares none of its own so.
    """
    status = framework.status_code
    if status == 204 or framework.headers.get("Content-Type") == _JSON:
        return framework
    allow = {"Allow": str(framework.headers["Allow"])} if "Allow" in framework.headers else {}
    if status == 405:
        return answer({"code": "MethodNotAllowed", "message": "this path has no such method"}, status, allow)
    if status < 500:
        return answer({"code": "BadRequest", "message": "this request cannot be answered as it asks to be"}, status)
    return answer({"code": "InternalError", "message": "something went wrong here; trying again may help"}, status)


def _status(error: JobhookError) -> int:
    """The status of the closest class that has one: a subclass may be answered otherwise than its parent."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
