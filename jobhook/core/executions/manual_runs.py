"""Executions that a person asks for: a run now, a retry of one that went wrong, and the end of one that runs.

Their record is written before the state machine is started, so that it can be read at once and holds what the run does
otherwise than its job says.
"""

from dataclasses import dataclass, replace
from itertools import count, islice

from jobhook.core.errors import ExecutionEnded, InvalidDocument, JobNotFound, NotRetryable, Problem
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution, Status, Trigger
from jobhook.core.executions.new_execution import open_execution
from jobhook.core.executions.outcomes import CANCELLED, completion_of, end, outcome_of_error
from jobhook.core.executions.writes import PutChange, PutExecution
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import cancelled, requested
from jobhook.core.jobs.job import Job
from jobhook.core.jobs.overlap import Overlap, overlap_rule
from jobhook.core.times import SECOND_MS

START_WITHIN_SECONDS = 60
"""When it has had no attempt by then, the reconciler looks whether it was ever started."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run does otherwise than its job says; `payload` counts only where `replaces_payload`."""

    payload: str | None = None
    replaces_payload: bool = False
    overlap: Overlap | None = None


def free_time(now_ms: int, taken: int = 0) -> int:
    """The scheduled time of a run that no schedule asked for: now, or later by as many others as have it already.

    Never on a whole second, where the job's own occurrences are: the id would be theirs.
    """
    times = (time_ms for time_ms in count(now_ms) if time_ms % SECOND_MS != 0)
    return next(islice(times, taken, None))


def request_run(job: Job, request: RunRequest, time_ms: int) -> Execution:
    """The record of a run now. Raises InvalidDocument where the overlap cannot be refused."""
    if request.overlap is Overlap.REFUSE and not job.settings.exclusive:
        problem = Problem("overlap", "must not be 'refuse': the job is not exclusive, so its runs hold no lock")
        raise InvalidDocument([problem], code="InvalidRun")
    execution = _requested(job, time_ms, Trigger.RUN)
    if request.replaces_payload:
        execution = replace(execution, payload=request.payload)
    return replace(execution, holds_lock=overlap_rule(job.settings.exclusive, request.overlap).takes_lock)


def request_retry(
    failed: Execution, job: Job | None, time_ms: int, by: str | None = None
) -> tuple[Execution, Decision]:
    """The record of a retry, and the writes that link both. It has the payload of what it repeats, all else of the job.

    Raises NotRetryable, or JobNotFound where the job is not there any more.
    """
    _check_retryable(failed)
    if job is None or job.incarnation != failed.key.incarnation:
        raise JobNotFound("the job of this execution was deleted; put it again and run it")
    # What never had an attempt, such as a missed occurrence, holds no payload of its own.
    payload = failed.payload if failed.attempts else job.settings.payload
    retry = replace(_requested(job, time_ms, Trigger.RETRY), payload=payload, retry_of=failed.id)
    linked = replace(failed, retried_by=retry.id, revision=failed.revision + 1)
    change = PutChange(requested(job, retry, by))
    return retry, Decision((PutExecution(retry, None), PutExecution(linked, failed.revision), change))


def decide_cancel(execution: Execution, now_ms: int, by: str | None = None) -> Decision:
    """End an open execution as cancelled; again it changes nothing. Raises ExecutionEnded where it ended otherwise."""
    if execution.status is Status.CANCELLED:
        return Decision() if execution.workflow_reported else Decision(completion=completion_of(execution))
    if execution.ended:
        raise ExecutionEnded(execution.status, "it cannot be cancelled")
    decision = end(execution, outcome_of_error(CANCELLED, None, execution), now_ms, reported=False)
    change = PutChange(cancelled(execution, by, now_ms))
    return replace(decision, writes=(*decision.writes, change))


def begin_requested(execution: Execution, now_ms: int) -> Execution:
    """The record at its first attempt: how long the run may take counts from now, however late it was started."""
    asked_ms = execution.key.scheduled_time_ms
    timeout_at_ms = execution.timeout_at_ms
    return replace(
        execution,
        started_at_ms=now_ms,
        timeout_at_ms=None if timeout_at_ms is None else now_ms + timeout_at_ms - asked_ms,
        invocation_latency_ms=now_ms - asked_ms,
    )


def _requested(job: Job, time_ms: int, trigger: Trigger) -> Execution:
    key = ExecutionKey(job.guid, job.incarnation, time_ms)
    return replace(
        open_execution(key, job, job.settings.schedule, job.settings),
        expires_at_ms=time_ms + START_WITHIN_SECONDS * SECOND_MS,
        timeout_at_ms=time_ms + job.settings.timeout_seconds * SECOND_MS,
        trigger=trigger,
    )


def _check_retryable(failed: Execution) -> None:
    if failed.retried_by is not None:
        raise NotRetryable(f"it was retried already, by execution {failed.retried_by}; retry that one")
    if not failed.ended:
        raise NotRetryable(f"the execution has not ended ({failed.status}); wait for its end, or cancel it first")
    if failed.status is Status.SUCCESS:
        raise NotRetryable("the execution has succeeded; to do its work again, run the job")
