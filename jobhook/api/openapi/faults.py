"""The errors of the API, each with its status, code and meaning."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that an operation may answer with."""

    status: int
    code: str
    meaning: str


BAD_REQUEST = Fault(400, "BadRequest", "the request is malformed")
INVALID_JSON = Fault(400, "InvalidJson", "the body is not a JSON object")
INVALID_JOB = Fault(400, "InvalidJob", "a field of the job, or a name, is wrong")
INVALID_SCHEDULE = Fault(400, "InvalidSchedule", "the schedule is wrong, and only the schedule")
INVALID_CALLBACK = Fault(400, "InvalidCallback", "a field of the callback is wrong; the execution goes on waiting")
INVALID_STATE = Fault(400, "InvalidState", "`state` does not satisfy the job's `state_schema`")
INVALID_RUN = Fault(400, "InvalidRun", "a field is wrong, or the job does not allow its value")
INVALID_TEST = Fault(400, "InvalidTest", "a field is wrong")
INVALID_PAUSE = Fault(400, "InvalidPause", "a field of the pause is wrong")
INVALID_REQUEST = Fault(400, "InvalidRequest", "the request has a body, and takes none")
INVALID_QUERY = Fault(400, "InvalidQuery", "a query parameter is wrong or unknown")
JOB_NOT_FOUND = Fault(404, "JobNotFound", "there is no such job")
EXECUTION_NOT_FOUND = Fault(404, "ExecutionNotFound", "there is no such execution")
CALLBACK_NOT_FOUND = Fault(404, "CallbackNotFound", "no execution takes callbacks at this URL")
NOT_FOUND = Fault(404, "NotFound", "there is nothing at this path")
CONFLICT = Fault(409, "VersionConflict", "other requests changed the same thing at the same time; try again")
NOT_RETRYABLE = Fault(409, "NotRetryable", "it has not ended, has succeeded, or was retried already")
ENDED = Fault(410, "ExecutionEnded", "the execution has ended, and `status` says how")
PRECONDITION_FAILED = Fault(412, "PreconditionFailed", "`If-Match` or `If-None-Match` does not hold")
TOO_LARGE = Fault(413, "PayloadTooLarge", "a field or the body is longer than its limit")
MEDIA_TYPE = Fault(415, "UnsupportedMediaType", "the body is not declared as JSON")
IMPOSSIBLE = Fault(422, "InvalidSchedule", "the schedule has no time in the future, or the quota of rules is used up")
TARGET = Fault(422, "TargetNotAllowed", "this installation does not send webhooks to that address")

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
    Fault(408, "RequestTimeout", "the request did not arrive in time"),
    Fault(429, "TooManyRequests", "too many requests at once (on AWS); try again in a moment"),
    Fault(500, "InternalError", "an error in Jobhook; its log has the details"),
    Fault(
        503, "ServiceUnavailable", "a store or service that Jobhook needs does not answer; nothing was changed in part"
    ),
    Fault(503, "Unavailable", "the gateway could not reach Jobhook (on AWS)"),
    Fault(504, "Unavailable", "no answer in time (on AWS)"),
)
"""The errors that every operation may answer with."""
