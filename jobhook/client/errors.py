"""Every error that the client raises, in one tree."""

from dataclasses import dataclass


class JobhookError(Exception):
    """Any failure of the client; its text describes it and holds no secret."""


class UrlRefused(JobhookError):
    """The URL given for Jobhook is not valid; nothing was sent."""


class Unreachable(JobhookError):
    """Jobhook did not answer: the connection failed, the name is unknown, or the answer took too long."""


class NoCredentials(JobhookError):
    """Requests must be signed, and no credentials were found."""


class ExecutionEnded(JobhookError):
    """Jobhook no longer waits for this run; `status` is how it ended, None where that is not known."""

    def __init__(self, status: str | None) -> None:
        self.status = status
        super().__init__(f"Jobhook waits for this run no more ({status or 'its callback URL is unknown'})")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a request: the field, and what a right value is."""

    field: str
    message: str


class ApiError(JobhookError):
    """Jobhook answered with an error: its HTTP status, stable code, sentence, and any single problems."""

    def __init__(self, status: int, code: str, message: str, problems: tuple[Problem, ...] = ()) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.problems = problems
        super().__init__(f"{code}: {message}")


class Refused(ApiError):
    """400, 413, 415 and 422: the request is not valid; `problems` lists the mistakes."""


class Denied(ApiError):
    """401 and 403: the request was not signed, or the caller lacks the permission."""


class NotFound(ApiError):
    """404: the job, execution or path does not exist."""


class Conflict(ApiError):
    """409 and 412: another request changed the same thing."""


class Unavailable(ApiError):
    """429, 502, 503 and 504: Jobhook cannot answer now; nothing was changed in part."""


_KINDS: dict[int, type[ApiError]] = {
    400: Refused,
    401: Denied,
    403: Denied,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    413: Refused,
    415: Refused,
    422: Refused,
    429: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def api_error(status: int, code: str, message: str, problems: tuple[Problem, ...] = ()) -> ApiError:
    """The error of that status's class."""
    return _KINDS.get(status, ApiError)(status, code, message, problems)
