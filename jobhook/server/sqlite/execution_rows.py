"""Executions as rows and rows as executions. JSON in a column is read by nobody but this module."""

import sqlite3

import orjson

from jobhook.core.executions.execution import Attempt, Execution, Status, Trigger
from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.policy import Delivery, Event, Notification
from jobhook.server.sqlite.rows import Cell, dump, load

_EXECUTION_LISTED = (
    "guid, incarnation, scheduled_time_ms, service_name, job_name, schedule, status, ttl_seconds, revision, "
    "workflow_told, holds_lock, invocation_target, reason, started_at_ms, service_invoked_at_ms, ended_at_ms, "
    "expires_at_ms, timeout_at_ms, invocation_latency_ms, summary, correlation_id, error, progress, task_token, "
    "attempts, request_trigger, retry_of, retried_by, retention_days"
)
EXECUTION_COLUMNS = f"{_EXECUTION_LISTED}, state_schema, state, payload, notify_on, notification, notify_at_ms"
LISTED_EXECUTION_COLUMNS = f"{_EXECUTION_LISTED}, NULL, NULL, NULL, NULL, NULL, NULL"


def execution_cells(execution: Execution) -> tuple[Cell, ...]:
    """An execution in the order of EXECUTION_COLUMNS."""
    return (
        execution.key.guid,
        execution.key.incarnation,
        execution.key.scheduled_time_ms,
        execution.service_name,
        execution.job_name,
        execution.schedule,
        execution.status.value,
        execution.ttl_seconds,
        execution.revision,
        int(execution.workflow_reported),
        int(execution.holds_lock),
        execution.invocation_target,
        execution.reason,
        execution.started_at_ms,
        execution.service_invoked_at_ms,
        execution.ended_at_ms,
        execution.expires_at_ms,
        execution.timeout_at_ms,
        execution.invocation_latency_ms,
        execution.summary,
        execution.correlation_id,
        execution.error,
        execution.progress,
        execution.task_token,
        _attempts_text(execution.attempts),
        None if execution.trigger is Trigger.SCHEDULE else execution.trigger.value,
        execution.retry_of,
        execution.retried_by,
        execution.retention_days,
        dump(execution.state_schema),
        execution.state,
        execution.payload,
        ",".join(execution.notify_on) or None,
        _notification_text(execution.notification),
        None if execution.notification is None else execution.notification.next_at_ms,
    )


def execution_of(row: sqlite3.Row) -> Execution:
    """The execution in a row of EXECUTION_COLUMNS or LISTED_EXECUTION_COLUMNS, read by position: it is read a lot."""
    (
        guid, incarnation, scheduled_time_ms, service_name, job_name, schedule, status, ttl_seconds, revision,
        workflow_reported, holds_lock, invocation_target, reason, started_at_ms, service_invoked_at_ms, ended_at_ms,
        expires_at_ms, timeout_at_ms, invocation_latency_ms, summary, correlation_id, error, progress, task_token,
        attempts, request_trigger, retry_of, retried_by, retention_days, state_schema, state, payload,
        notify_on, notification, _,
    ) = row  # fmt: skip
    return Execution(
        key=ExecutionKey(guid, incarnation, scheduled_time_ms),
        service_name=service_name,
        job_name=job_name,
        schedule=schedule,
        status=Status(status),
        ttl_seconds=ttl_seconds,
        invocation_target=invocation_target,
        reason=reason,
        started_at_ms=started_at_ms,
        service_invoked_at_ms=service_invoked_at_ms,
        ended_at_ms=ended_at_ms,
        expires_at_ms=expires_at_ms,
        timeout_at_ms=timeout_at_ms,
        invocation_latency_ms=invocation_latency_ms,
        attempts=tuple(Attempt(*attempt) for attempt in orjson.loads(attempts)),
        state=state,
        summary=summary,
        correlation_id=correlation_id,
        error=error,
        progress=progress,
        payload=payload,
        state_schema=load(state_schema),
        task_token=task_token,
        holds_lock=bool(holds_lock),
        workflow_reported=bool(workflow_reported),
        revision=revision,
        trigger=Trigger.SCHEDULE if request_trigger is None else Trigger(request_trigger),
        retry_of=retry_of,
        retried_by=retried_by,
        retention_days=retention_days,
        notify_on=() if notify_on is None else tuple(map(Event, notify_on.split(","))),
        notification=_notification_of(notification),
    )


def _notification_text(notification: Notification | None) -> str | None:
    if notification is None:
        return None
    return orjson.dumps(
        [
            notification.event,
            notification.status,
            notification.attempts,
            notification.next_at_ms,
            notification.delivered_at_ms,
            notification.http_status,
            notification.error,
        ]
    ).decode()


def _notification_of(text: str | None) -> Notification | None:
    if text is None:
        return None
    event, status, *rest = orjson.loads(text)
    return Notification(Event(event), Delivery(status), *rest)


def _attempts_text(attempts: tuple[Attempt, ...]) -> str:
    return orjson.dumps(
        [
            [
                attempt.number,
                attempt.at_ms,
                attempt.token_hash,
                attempt.http_status,
                attempt.error,
                attempt.duration_ms,
                attempt.response,
                attempt.refused,
            ]
            for attempt in attempts
        ]
    ).decode()
