"""Every error that Jobhook answers with, in one tree; `jobhook/api/errors.py` gives each its HTTP status.

Messages never hold secrets, callback URLs, payloads or states: they are meant to be logged and sent.
"""

from dataclasses import dataclass


class JobhookError(Exception):
    """Something that the caller is told: a stable code and a sentence that says what to do."""

    code = "InternalError"

    @property
    def message(self) -> str:
        """The sentence of the answer."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a document: where, and what would be right."""

    field: str
    message: str


class InvalidDocument(JobhookError):
    """A body, a path or a query is not what the contract asks for; `problems` lists all that is wrong."""

    code = "InvalidDocument"

    def __init__(self, problems: list[Problem], *, code: str = "InvalidDocument", message: str | None = None) -> None:
        self.problems = problems
        self.code = code
        super().__init__(message or "; ".join(f"{problem.field}: {problem.message}" for problem in problems))


class DocumentTooLarge(InvalidDocument):
    """A field is longer than its limit; the problems name the field and the limit."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems, code="PayloadTooLarge")


class ImpossibleSchedule(InvalidDocument):
    """The schedule is well-formed but asks for what cannot be: it never comes due, or AWS has no room for it."""

    def __init__(self, message: str) -> None:
        super().__init__([Problem("schedule", message)], code="InvalidSchedule")


class TargetNotAllowed(InvalidDocument):
    """A target is a valid URL whose host is an address that webhooks of this installation may not reach."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems, code="TargetNotAllowed")


class UnsupportedMediaType(JobhookError):
    """The body is not declared as JSON."""

    code = "UnsupportedMediaType"


class NotFound(JobhookError):
    """Nothing is known under that name, id or path."""

    code = "NotFound"


class JobNotFound(NotFound):
    """There is no job of that name."""

    code = "JobNotFound"


class ExecutionNotFound(NotFound):
    """There is no execution of that id."""

    code = "ExecutionNotFound"


class CallbackNotFound(NotFound):
    """The callback URL is not one of ours. Says the same whatever is wrong with it, so that nothing can be probed."""

    code = "CallbackNotFound"

    def __init__(self) -> None:
        super().__init__("no execution takes callbacks at this URL; use the callback_url of the webhook, unchanged")


class ExecutionEnded(JobhookError):
    """The execution has ended, so what was asked of it cannot be any more; `status` says how it ended."""

    code = "ExecutionEnded"

    def __init__(self, status: str, consequence: str = "it takes no further callbacks") -> None:
        self.status = status
        super().__init__(f"the execution has ended ({status}); {consequence}")


class NotRetryable(JobhookError):
    """The execution cannot be retried: it has not ended, has succeeded, or was retried already."""

    code = "NotRetryable"


class Conflict(JobhookError):
    """Others kept changing the same thing; nothing was changed, and trying again is safe."""

    code = "VersionConflict"


class PreconditionFailed(JobhookError):
    """If-Match or If-None-Match does not hold: the job is not as the caller believes; nothing was changed."""

    code = "PreconditionFailed"


class Unavailable(JobhookError):
    """Something that Jobhook needs does not answer; nothing was half done, and trying again is safe."""

    code = "ServiceUnavailable"


class TaskError(JobhookError):
    """An error that ends a task of the state machine; on AWS its class name is what Retry and Catch name."""


class ExclusiveRunInProgress(TaskError):
    """An exclusive job's earlier execution has not ended."""

    code = "ExclusiveRunInProgress"


class JobGone(TaskError):
    """The job was deleted or disabled between its due time and its first attempt."""

    code = "JobGone"


class JobPaused(TaskError):
    """The job was paused before its due time; whoever dispatched it did not know yet."""

    code = "JobPaused"


class WebhookRefused(TaskError):
    """The service answered the webhook in a way that trying again cannot mend."""

    code = "WebhookRefused"


class WebhookUnavailable(TaskError):
    """The service could not be reached, was too slow, or asked to be tried again."""

    code = "WebhookUnavailable"
