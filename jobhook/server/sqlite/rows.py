"""Values as rows and rows as values. JSON in a column is read by nobody but this module."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from chalicelib.domain.changes import Action, Change
from chalicelib.domain.execution import Attempt, Execution, Status, Trigger
from chalicelib.domain.job import Job, JobSettings, LastSuccess, ScheduledJob
from chalicelib.domain.names import ExecutionKey
from chalicelib.domain.notifications import Delivery, Event, Format, Notification, NotificationPolicy
from chalicelib.domain.pauses import Pause
from chalicelib.domain.schedules import Fire, FireState, RuleState, ScheduleRow
from chalicelib.domain.spans import ALWAYS, Span

Cell = str | int | None

JOB_COLUMNS = (
    "guid, service_name, job_name, incarnation, schedule, enabled, ttl_seconds, timeout_seconds, effective_from_ms, "
    "version, created_at_ms, updated_at_ms, exclusive, invocation_target, invocation_type, state_schema, payload, "
    "pause, description, tags, external_id, start_at_ms, end_at_ms, retention_days, created_by, updated_by, "
    "response_schema, more_schedules, notify"
)
SCHEDULED_JOB_COLUMNS = (  # what dispatch needs: not the payload, of which a page of jobs may hold 25 MB
    "service_name, job_name, guid, incarnation, ttl_seconds, timeout_seconds, pause, start_at_ms, end_at_ms, "
    "retention_days, schedule, effective_from_ms, more_schedules, notify, expression, since_ms"
)
_EXECUTION_LISTED = (
    "guid, incarnation, scheduled_time_ms, service_name, job_name, schedule, status, ttl_seconds, revision, "
    "workflow_told, holds_lock, invocation_target, reason, started_at_ms, service_invoked_at_ms, ended_at_ms, "
    "expires_at_ms, timeout_at_ms, invocation_latency_ms, summary, correlation_id, error, progress, task_token, "
    "attempts, request_trigger, retry_of, retried_by, retention_days"
)
EXECUTION_COLUMNS = f"{_EXECUTION_LISTED}, state_schema, state, payload, notify_on, notification, notify_at_ms"
CHANGE_COLUMNS = "guid, at_ms, id, service_name, job_name, incarnation, made_by, action, version, execution_id, details"
LISTED_EXECUTION_COLUMNS = f"{_EXECUTION_LISTED}, NULL, NULL, NULL, NULL, NULL, NULL"


def job_cells(job: Job) -> tuple[Cell, ...]:
    """A job in the order of JOB_COLUMNS."""
    settings = job.settings
    return (
        job.guid,
        job.service_name,
        job.job_name,
        job.incarnation,
        settings.schedule,
        int(settings.enabled),
        settings.ttl_seconds,
        settings.timeout_seconds,
        job.effective_from_ms,
        job.version,
        job.created_at_ms,
        job.updated_at_ms,
        int(settings.exclusive),
        settings.invocation_target,
        settings.invocation_type,
        _dump(settings.state_schema),
        settings.payload,
        _pause_text(job.pause),
        settings.description,
        orjson.dumps(settings.tags).decode() if settings.tags else None,
        settings.external_id,
        settings.span.start_ms,
        settings.span.end_ms,
        settings.retention_days,
        job.created_by,
        job.updated_by,
        _dump(settings.response_schema),
        _more_text(job),
        _policy_text(settings.notify),
    )


def read_targets(connection: sqlite3.Connection, guids: Sequence[str]) -> dict[str, str]:
    """Where the webhooks of jobs go, by guid; without those that are no more."""
    if not guids:
        return {}
    query = "SELECT guid, invocation_target FROM jobs WHERE guid IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (orjson.dumps(guids).decode(),)).fetchall())


def read_notify_targets(connection: sqlite3.Connection, guids: Sequence[str]) -> dict[str, str]:
    """Whom jobs tell of their ends, by guid; without those that tell nobody, or are no more."""
    query = "SELECT guid, notify FROM jobs WHERE guid IN (SELECT value FROM json_each(?)) AND notify IS NOT NULL"
    policies = connection.execute(query, (orjson.dumps(guids).decode(),))
    return {guid: policy.target for guid, text in policies if (policy := _policy_of(text)) is not None}


def job_of(row: sqlite3.Row) -> Job:
    """The job in a row of JOB_COLUMNS, or of these and more, read by position: every webhook reads one."""
    (
        guid, service_name, job_name, incarnation, schedule, enabled, ttl_seconds, timeout_seconds, effective_from_ms,
        version, created_at_ms, updated_at_ms, exclusive, invocation_target, invocation_type, state_schema, payload,
        pause, description, tags, external_id, start_at_ms, end_at_ms, retention_days, created_by, updated_by,
        response_schema, more_schedules, notify, *_,
    ) = row  # fmt: skip
    more = _load(more_schedules) or ()
    settings = JobSettings(
        invocation_target=invocation_target,
        schedule=schedule,
        ttl_seconds=ttl_seconds,
        timeout_seconds=timeout_seconds,
        enabled=bool(enabled),
        exclusive=bool(exclusive),
        invocation_type=invocation_type,
        payload=payload,
        state_schema=_load(state_schema),
        description=description,
        tags=tuple(_load(tags) or ()),
        external_id=external_id,
        span=_span(start_at_ms, end_at_ms),
        retention_days=retention_days,
        response_schema=_load(response_schema),
        more_schedules=tuple(expression for expression, _ in more),
        notify=_policy_of(notify),
    )
    return Job(
        service_name=service_name,
        job_name=job_name,
        incarnation=incarnation,
        settings=settings,
        version=version,
        created_at_ms=created_at_ms,
        updated_at_ms=updated_at_ms,
        effective_from_ms=effective_from_ms,
        guid=guid,
        pause=_pause_of(pause),
        created_by=created_by,
        updated_by=updated_by,
        more_from_ms=tuple(since_ms for _, since_ms in more),
    )


def scheduled_job_of(row: sqlite3.Row) -> ScheduledJob:
    """The job in a row of SCHEDULED_JOB_COLUMNS."""
    return ScheduledJob(
        service_name=row["service_name"],
        job_name=row["job_name"],
        guid=row["guid"],
        incarnation=row["incarnation"],
        ttl_seconds=row["ttl_seconds"],
        timeout_seconds=row["timeout_seconds"],
        effective_from_ms=row["since_ms"],
        pause=_pause_of(row["pause"]),
        span=_span(row["start_at_ms"], row["end_at_ms"]),
        retention_days=row["retention_days"],
        others=_others(row),
        notify_on=_policy_events(row["notify"]),
    )


def last_success_text(success: LastSuccess) -> str:
    """A last success as its column holds it."""
    return orjson.dumps(
        [success.execution_id, success.scheduled_time_ms, success.service_invoked_at_ms, success.state, success.summary]
    ).decode()


def last_success_of(text: str | None) -> LastSuccess | None:
    """The last success in its column."""
    return None if text is None else LastSuccess(*orjson.loads(text))


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
        int(execution.workflow_told),
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
        _dump(execution.state_schema),
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
        workflow_told, holds_lock, invocation_target, reason, started_at_ms, service_invoked_at_ms, ended_at_ms,
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
        state_schema=_load(state_schema),
        task_token=task_token,
        holds_lock=bool(holds_lock),
        workflow_told=bool(workflow_told),
        revision=revision,
        trigger=Trigger.SCHEDULE if request_trigger is None else Trigger(request_trigger),
        retry_of=retry_of,
        retried_by=retried_by,
        retention_days=retention_days,
        notify_on=() if notify_on is None else tuple(map(Event, notify_on.split(","))),
        notification=_notification_of(notification),
    )


def change_cells(change: Change) -> tuple[Cell, ...]:
    """A change in the order of CHANGE_COLUMNS."""
    return (
        change.guid,
        change.at_ms,
        change.id,
        change.service_name,
        change.job_name,
        change.incarnation,
        change.by,
        change.action.value,
        change.version,
        change.execution_id,
        _dump(change.details),
    )


def change_of(row: sqlite3.Row) -> Change:
    """The change in a row of CHANGE_COLUMNS."""
    return Change(
        service_name=row["service_name"],
        job_name=row["job_name"],
        guid=row["guid"],
        incarnation=row["incarnation"],
        at_ms=row["at_ms"],
        by=row["made_by"],
        action=Action(row["action"]),
        version=row["version"],
        execution_id=row["execution_id"],
        details=_load(row["details"]),
    )


def schedule_of(row: sqlite3.Row) -> ScheduleRow:
    """The schedule in a row of `schedules`."""
    return ScheduleRow(
        row["expression"],
        row["generation"],
        RuleState(row["state"]),
        row["jobs"],
        row["created_at_ms"],
        row["checked_until_ms"],
    )


def fire_of(row: sqlite3.Row) -> Fire:
    """The fire in a row of `fires`."""
    return Fire(
        row["expression"],
        row["scheduled_time_ms"],
        FireState(row["state"]),
        row["created_at_ms"],
        row["until_ms"],
        row["count"],
        row["reason"],
    )


def _more_text(job: Job) -> str | None:
    more = list(zip(job.settings.more_schedules, job.more_from_ms, strict=True))
    return orjson.dumps(more).decode() if more else None


def _others(row: sqlite3.Row) -> tuple[tuple[str, int], ...]:
    """The schedules of the job other than the one that the row is of."""
    more = row["more_schedules"]
    if more is None:
        return ()
    each = ((row["schedule"], row["effective_from_ms"]), *orjson.loads(more))
    return tuple((expression, since_ms) for expression, since_ms in each if expression != row["expression"])


def _policy_text(policy: NotificationPolicy | None) -> str | None:
    return None if policy is None else orjson.dumps([policy.target, policy.on, policy.format]).decode()


def _policy_of(text: str | None) -> NotificationPolicy | None:
    if text is None:
        return None
    target, on, form = orjson.loads(text)
    return NotificationPolicy(target, tuple(map(Event, on)), Format(form))


def _policy_events(text: str | None) -> tuple[Event, ...]:
    policy = _policy_of(text)
    return () if policy is None else policy.on


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


def _span(start_ms: int | None, end_ms: int | None) -> Span:
    return ALWAYS if start_ms is None and end_ms is None else Span(start_ms, end_ms)


def _pause_text(pause: Pause | None) -> str | None:
    return None if pause is None else orjson.dumps([pause.reason, pause.from_ms, pause.until_ms]).decode()


def _pause_of(text: str | None) -> Pause | None:
    return None if text is None else Pause(*orjson.loads(text))


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
            ]
            for attempt in attempts
        ]
    ).decode()


def _dump(document: Mapping[str, object] | None) -> str | None:
    return None if document is None else orjson.dumps(document).decode()


def _load(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
