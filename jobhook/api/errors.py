"""The errors of the API: for each its status, its code and its meaning, and the status of each class of errors.

The standard library alone is imported: every Lambda function loads this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jobhook.core.errors import (
    CallbackNotFound,
    Conflict,
    DocumentTooLarge,
    ExecutionEnded,
    ExecutionNotFound,
    ImpossibleSchedule,
    InvalidDocument,
    JobhookError,
    JobNotFound,
    NotFound,
    NotRetryable,
    PreconditionFailed,
    TargetNotAllowed,
    Unavailable,
    UnsupportedMediaType,
)


class MalformedRequest(JobhookError):
    """The request line or the headers are not what HTTP or this API asks for."""

    code = "BadRequest"


_STATUS: Mapping[type[JobhookError], int] = {
    InvalidDocument: 400,
    MalformedRequest: 400,
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


def status_of(kind: type[JobhookError]) -> int:
    """The HTTP status of the closest class that has one: a subclass may have another status than its parent."""
    return next(_STATUS[parent] for parent in kind.__mro__ if parent in _STATUS)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that an operation may answer with."""

    status: int
    code: str
    meaning: str


def _raised(kind: type[JobhookError], meaning: str, code: str | None = None) -> Fault:
    """The fault that an error of this class is answered with."""
    return Fault(status_of(kind), code or kind.code, meaning)


BAD_REQUEST = _raised(MalformedRequest, "the request is malformed")
INVALID_JSON = _raised(InvalidDocument, "the body is not a JSON object", "InvalidJson")
INVALID_JOB = _raised(InvalidDocument, "a field of the job, or a name, is wrong", "InvalidJob")
INVALID_SCHEDULE = _raised(InvalidDocument, "the schedule is wrong, and only the schedule", "InvalidSchedule")
INVALID_CALLBACK = _raised(
    InvalidDocument, "a field of the callback is wrong; the execution goes on waiting", "InvalidCallback"
)
INVALID_STATE = _raised(InvalidDocument, "`state` does not satisfy the job's `state_schema`", "InvalidState")
INVALID_RUN = _raised(InvalidDocument, "a field is wrong, or the job does not allow its value", "InvalidRun")
INVALID_TEST = _raised(InvalidDocument, "a field is wrong", "InvalidTest")
INVALID_PAUSE = _raised(InvalidDocument, "a field of the pause is wrong", "InvalidPause")
INVALID_REQUEST = _raised(InvalidDocument, "the request has a body, and takes none", "InvalidRequest")
INVALID_QUERY = _raised(InvalidDocument, "a query parameter is wrong or unknown", "InvalidQuery")
JOB_NOT_FOUND = _raised(JobNotFound, "there is no such job")
EXECUTION_NOT_FOUND = _raised(ExecutionNotFound, "there is no such execution")
CALLBACK_NOT_FOUND = _raised(CallbackNotFound, "no execution takes callbacks at this URL")
NOT_FOUND = _raised(NotFound, "there is nothing at this path")
CONFLICT = _raised(Conflict, "other requests changed the same thing at the same time; try again")
NOT_RETRYABLE = _raised(NotRetryable, "it has not ended, has succeeded, or was retried already")
ENDED = _raised(ExecutionEnded, "the execution has ended, and `status` says how")
PRECONDITION_FAILED = _raised(PreconditionFailed, "`If-Match` or `If-None-Match` does not hold")
TOO_LARGE = _raised(DocumentTooLarge, "a field or the body is longer than its limit", "PayloadTooLarge")
MEDIA_TYPE = _raised(UnsupportedMediaType, "the body is not declared as JSON")
IMPOSSIBLE = _raised(
    ImpossibleSchedule, "the schedule has no time in the future, or the quota of rules is used up", "InvalidSchedule"
)
TARGET = _raised(TargetNotAllowed, "this installation does not send webhooks to that address", "TargetNotAllowed")
METHOD_NOT_ALLOWED = Fault(405, "MethodNotAllowed", "this path has no such method")
REQUEST_TIMEOUT = Fault(408, "RequestTimeout", "the request did not arrive in time")
INTERNAL_ERROR = _raised(JobhookError, "an error in Jobhook; its log has the details")

SIGNATURE = (
    Fault(403, "MissingAuthenticationToken", "the request is not signed"),
    Fault(403, "IncompleteSignature", "a part of the signature is missing or malformed"),
    Fault(403, "RequestExpired", "the signature's time is too far from now"),
    Fault(403, "InvalidSignature", "the signature does not match this request and a known access key"),
    Fault(403, "AccessDenied", "the caller lacks the permission"),
)
ANYWHERE = (
    BAD_REQUEST,
    NOT_FOUND,
    TOO_LARGE,
    REQUEST_TIMEOUT,
    Fault(429, "TooManyRequests", "too many requests at once (on AWS); try again in a moment"),
    INTERNAL_ERROR,
    _raised(Unavailable, "a store or service that Jobhook needs does not answer; nothing was changed in part"),
    Fault(503, "Unavailable", "the gateway could not reach Jobhook (on AWS)"),
    Fault(504, "Unavailable", "no answer in time (on AWS)"),
)
"""The errors that every operation may answer with."""
