"""The answers of the API and their form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobhook.api.errors import METHOD_NOT_ALLOWED, NOT_FOUND, Fault, status_of
from jobhook.core.errors import ExecutionEnded, InvalidDocument, JobhookError, Unavailable
from jobhook.core.json_text import compact

JSON = "application/json"
_RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def answer(document: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    body = compact(document)
    # A query parameter of API Gateway's may hold a lone surrogate, and an error names unknown parameters.
    return Response(status, {"Content-Type": JSON, **(headers or {})}, body.encode("utf-8", "replace"))


def empty_answer() -> Response:
    """204: done, without a document."""
    return Response(204)


def error_answer(error: JobhookError) -> Response:
    """An error in the contract's form."""
    document: dict[str, object] = {"code": error.code, "message": error.message}
    if isinstance(error, InvalidDocument):
        document["errors"] = [{"field": problem.field, "message": problem.message} for problem in error.problems]
    if isinstance(error, ExecutionEnded):
        document["status"] = str(error.status)
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if isinstance(error, Unavailable) else {}
    return answer(document, status_of(type(error)), headers)


def fault_answer(fault: Fault, message: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """A fault that no class of errors has; its message is its meaning unless another is given."""
    return answer({"code": fault.code, "message": message or fault.meaning}, fault.status, headers)


def unknown_path() -> Response:
    """404 for a path that no route has."""
    return fault_answer(NOT_FOUND)


def method_not_allowed(allowed: str) -> Response:
    """405 for a path of other methods, which `allowed` lists."""
    return fault_answer(METHOD_NOT_ALLOWED, headers={"Allow": allowed})
