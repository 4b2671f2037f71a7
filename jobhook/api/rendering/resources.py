"""Jobs, services, executions and callbacks as documents; none of them holds a secret."""

from typing import TYPE_CHECKING, Literal, overload

from jobhook.api.rendering.nullable import nullable_dict, nullable_rfc3339
from jobhook.core.executions.execution import Attempt, Execution
from jobhook.core.jobs.job import Job, Service
from jobhook.core.jobs.pause import Pause
from jobhook.core.notifications.policy import Notification, NotificationPolicy
from jobhook.core.times import to_rfc3339

if TYPE_CHECKING:  # types alone: a function of AWS starts faster without them
    from jobhook.documents import callbacks, executions, jobs


@overload
def job_document(job: Job, now_ms: int, *, whole: Literal[True]) -> "jobs.Job": ...
@overload
def job_document(job: Job, now_ms: int, *, whole: Literal[False]) -> "jobs.JobSummary": ...
def job_document(job: Job, now_ms: int, *, whole: bool) -> "jobs.Job | jobs.JobSummary":
    """A job as it is now; listings leave out its payload (`whole` false)."""
    settings = job.settings
    pause = job.pause_at(now_ms)
    summary: jobs.JobSummary = {
        "service_name": job.service_name,
        "job_name": job.job_name,
        "guid": job.guid,
        "description": settings.description,
        "tags": list(settings.tags),
        "external_id": settings.external_id,
        "async": True,
        "enabled": settings.enabled,
        "exclusive": settings.exclusive,
        "invocation_target": settings.invocation_target,
        "invocation_type": settings.invocation_type,
        "schedule": settings.schedule,
        "schedules": list(settings.schedules),
        "ttl_seconds": settings.ttl_seconds,
        "timeout_seconds": settings.timeout_seconds,
        "state_schema": nullable_dict(settings.state_schema),
        "response_schema": nullable_dict(settings.response_schema),
        "start_at": nullable_rfc3339(settings.span.start_ms),
        "start_at_ms": settings.span.start_ms,
        "end_at": nullable_rfc3339(settings.span.end_ms),
        "end_at_ms": settings.span.end_ms,
        "retention_days": settings.retention_days,
        "notify": None if settings.notify is None else _policy_document(settings.notify),
        "pause": None if pause is None else pause_document(pause),
        "version": job.version,
        "created_at": to_rfc3339(job.created_at_ms),
        "created_at_ms": job.created_at_ms,
        "created_by": job.created_by,
        "updated_at": to_rfc3339(job.updated_at_ms),
        "updated_at_ms": job.updated_at_ms,
        "updated_by": job.updated_by,
    }
    return {**summary, "payload": settings.payload} if whole else summary


def service_document(service: Service) -> "jobs.Service":
    """A service and its number of jobs."""
    return {"service_name": service.service_name, "jobs": service.jobs}


@overload
def execution_document(execution: Execution, *, whole: Literal[True]) -> "executions.Execution": ...
@overload
def execution_document(execution: Execution, *, whole: Literal[False]) -> "executions.ExecutionSummary": ...
def execution_document(execution: Execution, *, whole: bool) -> "executions.AnyExecution":
    """An execution; listings leave out payload, state, notification and response bodies (`whole` false)."""
    summary: executions.ExecutionSummary = {
        "id": execution.id,
        "service_name": execution.service_name,
        "job_name": execution.job_name,
        "schedule": execution.schedule,
        "scheduled_time": to_rfc3339(execution.key.scheduled_time_ms),
        "scheduled_time_ms": execution.key.scheduled_time_ms,
        "status": execution.status.value,
        "reason": execution.reason,
        "trigger": execution.trigger.value,
        "retry_of": execution.retry_of,
        "retried_by": execution.retried_by,
        "started_at": nullable_rfc3339(execution.started_at_ms),
        "started_at_ms": execution.started_at_ms,
        "service_invoked_at": nullable_rfc3339(execution.service_invoked_at_ms),
        "service_invoked_at_ms": execution.service_invoked_at_ms,
        "ended_at": nullable_rfc3339(execution.ended_at_ms),
        "ended_at_ms": execution.ended_at_ms,
        "expires_at": nullable_rfc3339(execution.expires_at_ms),
        "expires_at_ms": execution.expires_at_ms,
        "duration_ms": execution.duration_ms,
        "invocation_latency_ms": execution.invocation_latency_ms,
        "attempts": [_attempt_summary(attempt) for attempt in execution.attempts],
        "summary": execution.summary,
        "correlation_id": execution.correlation_id,
        "error": execution.error,
        "progress": execution.progress,
    }
    if not whole:
        return summary
    attempts: list[executions.Attempt] = [
        {**_attempt_summary(attempt), "response": attempt.response} for attempt in execution.attempts
    ]
    return {
        **summary,
        "attempts": attempts,
        "state": execution.state,
        "payload": execution.payload,
        "notification": None if execution.notification is None else _notification_document(execution.notification),
    }


def pause_document(pause: Pause) -> "jobs.Pause":
    """A pause; `until` is None where only resuming the job ends it."""
    return {
        "reason": pause.reason,
        "from": to_rfc3339(pause.from_ms),
        "from_ms": pause.from_ms,
        "until": nullable_rfc3339(pause.until_ms),
        "until_ms": pause.until_ms,
    }


def callback_document(execution: Execution) -> "callbacks.CallbackAnswer":
    """The answer to a callback."""
    return {
        "status": execution.status.value,
        "expires_at": nullable_rfc3339(execution.expires_at_ms),
        "expires_at_ms": execution.expires_at_ms,
    }


def _attempt_summary(attempt: Attempt) -> "executions.AttemptSummary":
    return {
        "n": attempt.number,
        "at": to_rfc3339(attempt.at_ms),
        "at_ms": attempt.at_ms,
        "http_status": attempt.http_status,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
    }


def _policy_document(policy: NotificationPolicy) -> "jobs.NotificationPolicy":
    return {
        "target": policy.target,
        "on": [event.value for event in policy.on],
        "format": policy.format.value,
    }


def _notification_document(notification: Notification) -> "executions.Notification":
    """A notification's delivery; `next_attempt_at` is None where there is no further attempt."""
    return {
        "event": notification.event.value,
        "status": notification.status.value,
        "attempts": notification.attempts,
        "next_attempt_at": nullable_rfc3339(notification.next_at_ms),
        "next_attempt_at_ms": notification.next_at_ms,
        "delivered_at": nullable_rfc3339(notification.delivered_at_ms),
        "delivered_at_ms": notification.delivered_at_ms,
        "http_status": notification.http_status,
        "error": notification.error,
    }
