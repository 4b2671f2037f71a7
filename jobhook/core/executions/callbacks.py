"""What a callback does to an execution: success and fail end it, a heartbeat buys it another ttl."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from jobhook.core.errors import CallbackNotFound, ExecutionEnded
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution, Status
from jobhook.core.executions.outcomes import Outcome, completion_of, end
from jobhook.core.executions.tokens import CallbackToken
from jobhook.core.executions.writes import Moment, PutExecution


class Signal(StrEnum):
    """What the service says."""

    SUCCESS = "success"
    FAIL = "fail"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback's body, validated. `state` is opaque unless the job has a schema for it; `progress` is 0 to 100."""

    signal: Signal
    state: str | None = None
    summary: str | None = None
    correlation_id: str | None = None
    error: str | None = None
    progress: int | None = None


_REPORTED = ("state", "summary", "correlation_id", "error", "progress")
_ENDS_AS = {Signal.SUCCESS: Status.SUCCESS, Signal.FAIL: Status.FAILED}


def authenticated(execution: Execution | None, token: CallbackToken) -> Execution:
    """The execution, if `token` belongs to one of its attempts; CallbackNotFound whatever is wrong otherwise."""
    if execution is not None:
        for attempt in execution.attempts:
            if attempt.number == token.attempt and token.proves(attempt.token_hash):
                return execution
    raise CallbackNotFound


def decide_callback(execution: Execution, callback: Callback, now_ms: int, *, recovers: bool = False) -> Decision:
    """The writes of a callback. Raises ExecutionEnded where the execution has ended, or should have, in another way.

    `recovers` is whether its success, if it is one, follows something else; looked at only where somebody is told.

    The same end again changes nothing, but tells the state machine again where that is not known to have worked.
    """
    ends_as = _ENDS_AS.get(callback.signal)
    if execution.ended:
        if execution.status is not ends_as:
            raise ExecutionEnded(execution.status)
        return _repeat(execution)
    if execution.expired(now_ms):
        raise ExecutionEnded(Status.TIMED_OUT)
    if ends_as is None:
        return _extend(execution, callback, now_ms)
    reason = "job_failed" if ends_as is Status.FAILED else None
    return end(
        execution, Outcome(ends_as, reason), now_ms, reported=False, said=_fields_of(callback), recovers=recovers
    )


def _extend(execution: Execution, callback: Callback, now_ms: int) -> Decision:
    alive = replace(
        execution,
        **_fields_of(callback),
        status=Status.RUNNING,
        expires_at_ms=execution.expires_from(now_ms),
        revision=execution.revision + 1,
    )
    # Between two attempts there is no task to hold; the next attempt finds the job running and adopts its task.
    heartbeat = None if execution.between_attempts else execution.task_token
    return Decision((PutExecution(alive, execution.revision, Moment.HEARTBEAT),), heartbeat=heartbeat)


def _repeat(execution: Execution) -> Decision:
    return Decision() if execution.workflow_reported else Decision(completion=completion_of(execution))


def _fields_of(callback: Callback) -> dict[str, Any]:
    """The fields of the record that the callback brings; what it does not mention stays as it was."""
    return {name: value for name in _REPORTED if (value := getattr(callback, name)) is not None}
