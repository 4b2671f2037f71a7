"""How an execution ends: one place that makes the writes of every ending."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from jobhook.core.executions.decisions import CompleteTask, Decision
from jobhook.core.executions.execution import Execution, ExecutionInput, Status
from jobhook.core.executions.new_execution import new_execution
from jobhook.core.executions.writes import FreeLock, Moment, PutExecution, SaveLastSuccess, Write, count_of
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import Job, LastSuccess, ScheduledJob
from jobhook.core.jobs.pause import Pause
from jobhook.core.notifications.events import notification_of

JOB_FAILED = "JobFailed"
CANCELLED = "Cancelled"
JOB_PAUSED = "job_paused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: a final status, why (a stable word), and what the service or the state machine said of it."""

    status: Status
    reason: str | None = None
    error: str | None = None


# The state machine's error names; what is not here is a fault of ours or of the backend's.
_BY_ERROR = {
    "ExclusiveRunInProgress": (Status.FAILED, "exclusive_run_in_progress"),
    "JobGone": (Status.SKIPPED, "job_deleted_or_disabled"),
    "JobPaused": (Status.SKIPPED, JOB_PAUSED),
    "WebhookRefused": (Status.FAILED, "webhook_refused"),
    "WebhookUnavailable": (Status.FAILED, "webhook_unavailable"),
    JOB_FAILED: (Status.FAILED, "job_failed"),
    CANCELLED: (Status.CANCELLED, "cancelled"),
}
_TIMEOUTS = frozenset({"States.HeartbeatTimeout", "States.Timeout"})
"""Step Functions documents the first for a lapsed heartbeat, and reports the second for it."""


def outcome_of_error(error: str | None, cause: str | None, of: Execution | ExecutionInput) -> Outcome:
    """The outcome of a run that the state machine ended with `error`; `of` is its record, or its input without one.

    Both timeouts have both names, so the clocks of the record say which of them has ended the run.
    """
    if error in _TIMEOUTS:
        return Outcome(Status.TIMED_OUT, _timeout_reason(of), cause or None)
    status, reason = _BY_ERROR.get(error or "", (Status.FAILED, "internal_error"))
    return Outcome(status, reason, cause or None)


def end(
    execution: Execution,
    outcome: Outcome,
    now_ms: int,
    *,
    reported: bool,
    said: Mapping[str, Any] = MappingProxyType({}),
    recovers: bool = False,
) -> Decision:
    """End an open execution: its record, its lock, its place as last success, and (unless `reported`) the task.

    `said` has the fields of the record that the service's last callback brings; `recovers` is whether its success
    follows something else. Exactly one caller wins: the record's revision is the condition, and everything else hangs
    on it, that somebody is told of the end too.
    """
    changes = dict(said) if outcome.error is None else {**said, "error": outcome.error}
    ended = replace(
        execution,
        **changes,
        status=outcome.status,
        reason=outcome.reason,
        ended_at_ms=now_ms,
        expires_at_ms=None,
        holds_lock=False,
        workflow_reported=reported or execution.task_token is None,
        notification=notification_of(outcome.status, execution.notify_on, recovers, now_ms),
        revision=execution.revision + 1,
    )
    writes: list[Write] = [PutExecution(ended, execution.revision, Moment.ENDED), count_of(ended)]
    if execution.holds_lock:
        writes.append(FreeLock(execution.key))
    if outcome.status is Status.SUCCESS:
        writes.append(SaveLastSuccess(execution.key.guid, execution.key.incarnation, _success(ended)))
    return Decision(tuple(writes), completion=None if reported else completion_of(ended))


def completion_of(ended: Execution) -> CompleteTask | None:
    """What the state machine is told of an ended execution, on the newest token; None where it never had one."""
    if ended.task_token is None:
        return None
    if ended.status is Status.SUCCESS:
        return CompleteTask(ended.key, ended.task_token)
    error = CANCELLED if ended.status is Status.CANCELLED else JOB_FAILED
    return CompleteTask(ended.key, ended.task_token, error=error, cause=ended.reason)


def _timeout_reason(of: Execution | ExecutionInput) -> str:
    """Which clock ends first. A ttl never ends after the timeout; at the same instant it is the timeout."""
    if isinstance(of, ExecutionInput):
        by_timeout = of.timeout_seconds <= of.heartbeat_seconds
    else:
        by_timeout = of.timeout_at_ms is not None and of.timeout_at_ms == of.expires_at_ms
    return "timeout_expired" if by_timeout else "ttl_expired"


def record_unstarted(run: ExecutionInput, job: Job | None, outcome: Outcome, now_ms: int) -> Decision:
    """The record of an occurrence that never had an attempt: refused, skipped, missed, or lost to a fault."""
    settings = job.settings if job else None
    pending = new_execution(run.key, run, run.schedule, run.ttl_seconds, settings)
    execution = replace(_unstarted(pending, outcome, now_ms), payload=settings.payload if settings else None)
    return Decision((PutExecution(execution, None, Moment.ENDED), count_of(execution)))


def record_passed(job: ScheduledJob, expression: str, time_ms: int, outcome: Outcome, now_ms: int) -> Execution:
    """The record of an occurrence that no run was started for: missed, or skipped."""
    key = ExecutionKey(job.guid, job.incarnation, time_ms)
    return _unstarted(new_execution(key, job, expression, job.ttl_seconds, job), outcome, now_ms)


def record_paused(job: ScheduledJob, pause: Pause, expression: str, time_ms: int, now_ms: int) -> Execution:
    """The record of an occurrence that a pause skips."""
    return record_passed(job, expression, time_ms, Outcome(Status.SKIPPED, JOB_PAUSED, pause.text), now_ms)


def _unstarted(pending: Execution, outcome: Outcome, now_ms: int) -> Execution:
    return replace(
        pending,
        status=outcome.status,
        reason=outcome.reason,
        error=outcome.error,
        ended_at_ms=now_ms,
        workflow_reported=True,
        notification=notification_of(outcome.status, pending.notify_on, recovers=False, now_ms=now_ms),
    )


def _success(ended: Execution) -> LastSuccess:
    return LastSuccess(
        execution_id=ended.id,
        scheduled_time_ms=ended.key.scheduled_time_ms,
        service_invoked_at_ms=ended.service_invoked_at_ms,
        state=ended.state,
        summary=ended.summary,
    )
