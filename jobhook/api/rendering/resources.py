"""How jobs and executions look on the wire; fields as in the wire contract, and no secret among them."""

from jobhook.core.executions.execution import Attempt, Execution
from jobhook.core.jobs.job import Job, Service
from jobhook.core.jobs.pause import Pause
from jobhook.core.jobs.settings_document import policy_body
from jobhook.core.notifications.policy import Notification
from jobhook.core.times import to_rfc3339

Document = dict[str, object]


def job_document(job: Job, now_ms: int, *, whole: bool) -> Document:
    """A job as it is now; listings leave out its payload (`whole` false)."""
    settings = job.settings
    pause = job.pause_at(now_ms)
    document: Document = {
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
        "state_schema": settings.state_schema,
        "response_schema": settings.response_schema,
        **instant("start_at", settings.span.start_ms),
        **instant("end_at", settings.span.end_ms),
        "retention_days": settings.retention_days,
        "notify": policy_body(settings.notify),
        "pause": None if pause is None else pause_document(pause),
        "version": job.version,
        **instant("created_at", job.created_at_ms),
        "created_by": job.created_by,
        **instant("updated_at", job.updated_at_ms),
        "updated_by": job.updated_by,
    }
    if whole:
        document["payload"] = settings.payload
    return document


def service_document(service: Service) -> Document:
    """A service and its number of jobs."""
    return {"service_name": service.service_name, "jobs": service.jobs}


def execution_document(execution: Execution, *, whole: bool) -> Document:
    """An execution; listings leave out payload, state, notification and response bodies (`whole` false)."""
    document: Document = {
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
        **instant("started_at", execution.started_at_ms),
        **instant("service_invoked_at", execution.service_invoked_at_ms),
        **instant("ended_at", execution.ended_at_ms),
        **instant("expires_at", execution.expires_at_ms),
        "duration_ms": execution.duration_ms,
        "invocation_latency_ms": execution.invocation_latency_ms,
        "attempts": [_attempt_document(attempt, whole=whole) for attempt in execution.attempts],
        "summary": execution.summary,
        "correlation_id": execution.correlation_id,
        "error": execution.error,
        "progress": execution.progress,
    }
    if whole:
        document["state"] = execution.state
        document["payload"] = execution.payload
        document["notification"] = _notification_document(execution.notification)
    return document


def pause_document(pause: Pause) -> Document:
    """A pause; `until` is None where somebody has to resume the job."""
    return {"reason": pause.reason, **instant("from", pause.from_ms), **instant("until", pause.until_ms)}


def callback_document(execution: Execution) -> Document:
    """The answer to a callback."""
    return {"status": execution.status.value, **instant("expires_at", execution.expires_at_ms)}


def _attempt_document(attempt: Attempt, *, whole: bool) -> Document:
    document: Document = {
        "n": attempt.number,
        **instant("at", attempt.at_ms),
        "http_status": attempt.http_status,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
    }
    if whole:
        document["response"] = attempt.response
    return document


def _notification_document(notification: Notification | None) -> Document | None:
    """How the telling of an end stands; `next_attempt_at` is null unless there will be one."""
    if notification is None:
        return None
    return {
        "event": notification.event.value,
        "status": notification.status.value,
        "attempts": notification.attempts,
        **instant("next_attempt_at", notification.next_at_ms),
        **instant("delivered_at", notification.delivered_at_ms),
        "http_status": notification.http_status,
        "error": notification.error,
    }


def instant(name: str, instant_ms: int | None) -> Document:
    """An instant both ways, as every time on the wire: RFC 3339, and epoch milliseconds under `<name>_ms`."""
    return {name: None if instant_ms is None else to_rfc3339(instant_ms), f"{name}_ms": instant_ms}
