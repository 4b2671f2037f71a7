"""The errors of the API: for each its status, code and meaning, and their form."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from jobhook.core.executions.execution import Status


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that an operation may answer with."""

    status: int
    code: str
    meaning: str


class Problem(BaseModel):
    """One thing that is wrong: where, and what would be right."""

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str


class Error(BaseModel):
    """Every error; `errors` is there where single fields are to blame, and then lists all that is wrong."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(description="A stable word for programs; each answer lists those that it may have.")]
    message: Annotated[str, Field(description="A sentence that says what to do.")]
    errors: list[Problem] = []


class EndedError(BaseModel):
    """The execution has ended, and how."""

    model_config = ConfigDict(extra="forbid")

    code: str
    message: str
    status: Status


BAD_REQUEST = Fault(400, "BadRequest", "this is no request that can be answered")
INVALID_JSON = Fault(400, "InvalidJson", "the body is no JSON object")
INVALID_JOB = Fault(400, "InvalidJob", "a field of the job, or a name, is wrong")
INVALID_SCHEDULE = Fault(400, "InvalidSchedule", "the schedule, and nothing else, is wrong")
INVALID_CALLBACK = Fault(400, "InvalidCallback", "a field of the callback is wrong; the execution goes on waiting")
INVALID_STATE = Fault(400, "InvalidState", "`state` does not satisfy the job's `state_schema`")
INVALID_RUN = Fault(400, "InvalidRun", "a field is wrong, or asks for what the job does not allow")
INVALID_TEST = Fault(400, "InvalidTest", "a field is wrong")
INVALID_PAUSE = Fault(400, "InvalidPause", "a field of the pause is wrong")
INVALID_REQUEST = Fault(400, "InvalidRequest", "there is a body that says something, and none is taken")
INVALID_QUERY = Fault(400, "InvalidQuery", "a query parameter is wrong or unknown")
JOB_NOT_FOUND = Fault(404, "JobNotFound", "there is no such job")
EXECUTION_NOT_FOUND = Fault(404, "ExecutionNotFound", "there is no such execution")
CALLBACK_NOT_FOUND = Fault(404, "CallbackNotFound", "no execution takes callbacks at this URL")
NOT_FOUND = Fault(404, "NotFound", "there is nothing at this path")
CONFLICT = Fault(409, "VersionConflict", "others kept changing the same thing; try again")
NOT_RETRYABLE = Fault(409, "NotRetryable", "it has not ended, has succeeded, or was retried already")
ENDED = Fault(410, "ExecutionEnded", "the execution has ended, and `status` says how")
PRECONDITION_FAILED = Fault(412, "PreconditionFailed", "`If-Match` or `If-None-Match` does not hold")
TOO_LARGE = Fault(413, "PayloadTooLarge", "a field or the body is longer than its limit")
MEDIA_TYPE = Fault(415, "UnsupportedMediaType", "the body is not declared as JSON")
IMPOSSIBLE = Fault(422, "InvalidSchedule", "the schedule never comes due again, or there is no room for another rule")
TARGET = Fault(422, "TargetNotAllowed", "the target is an address that webhooks of this installation may not reach")

SIGNATURE = (
    Fault(403, "MissingAuthenticationToken", "the request is not signed"),
    Fault(403, "IncompleteSignature", "the signature cannot be verified as it is"),
    Fault(403, "RequestExpired", "the signature is too old, or of the future"),
    Fault(403, "InvalidSignature", "the signature does not match this request and a known access key"),
    Fault(403, "AccessDenied", "the caller may not do this"),
)
ANYWHERE = (
    BAD_REQUEST,
    NOT_FOUND,
    TOO_LARGE,
    Fault(408, "RequestTimeout", "the request did not arrive in time"),
    Fault(429, "TooManyRequests", "too many requests at once (on AWS); try again in a moment"),
    Fault(500, "InternalError", "a fault of Jobhook's; its log says more"),
    Fault(503, "ServiceUnavailable", "something that Jobhook needs does not answer; nothing was half done"),
    Fault(503, "Unavailable", "the gateway could not reach Jobhook (on AWS)"),
    Fault(504, "Unavailable", "no answer in time (on AWS)"),
)
"""What every operation may answer."""
