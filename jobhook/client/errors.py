"""Every error that the client raises, in one tree."""

from dataclasses import dataclass


class JobhookError(Exception):
    """Something did not work; the text says what, and holds no secret."""


class UrlRefused(JobhookError):
    """What was given as Jobhook's URL is none; nothing was sent."""


class Unreachable(JobhookError):
    """No answer came: nothing listens there, the name is unknown, or it took too long."""


class NoCredentials(JobhookError):
    """Requests are to be signed, and no credentials were found to sign them with."""


class ExecutionEnded(JobhookError):
    """Jobhook waits for this run no more; `status` says how it ended, or is None where that is not known."""

    def __init__(self, status: str | None) -> None:
        self.status = status
        super().__init__(f"Jobhook waits for this run no more ({status or 'its callback URL is unknown'})")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request: which field, and what would be right."""

    field: str
    message: str


class ApiError(JobhookError):
    """Jobhook answered with an error: its HTTP status, stable code, sentence, and the single problems if there are."""

    def __init__(self, status: int, code: str, message: str, problems: tuple[Problem, ...] = ()) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.problems = problems
        super().__init__(f"{code}: {message}")


class Refused(ApiError):
    """400, 413, 415 and 422: what was asked for is not valid; `problems` lists what is wrong."""


class Denied(ApiError):
    """401 and 403: the request was not signed, or not by someone who may do this."""


class NotFound(ApiError):
    """404: there is no such job, execution or path."""


class Conflict(ApiError):
    """409 and 412: somebody else changed the same thing."""


class Unavailable(ApiError):
    """429, 502, 503 and 504: Jobhook cannot answer now; nothing was half done."""


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
