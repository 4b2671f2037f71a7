"""Jobs as rows and rows as jobs. JSON in a column is read by nobody but this module."""

import sqlite3
from collections.abc import Sequence

import orjson

from jobhook.core.jobs.active_window import ALWAYS, Span
from jobhook.core.jobs.job import Job, JobSettings, LastSuccess, ScheduledJob
from jobhook.core.jobs.pause import Pause
from jobhook.core.notifications.policy import Event, Format, NotificationPolicy
from jobhook.server.sqlite.rows import Cell, dump, load

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
        dump(settings.state_schema),
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
        dump(settings.response_schema),
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
    more = load(more_schedules) or ()
    settings = JobSettings(
        invocation_target=invocation_target,
        schedule=schedule,
        ttl_seconds=ttl_seconds,
        timeout_seconds=timeout_seconds,
        enabled=bool(enabled),
        exclusive=bool(exclusive),
        invocation_type=invocation_type,
        payload=payload,
        state_schema=load(state_schema),
        description=description,
        tags=tuple(load(tags) or ()),
        external_id=external_id,
        span=_span(start_at_ms, end_at_ms),
        retention_days=retention_days,
        response_schema=load(response_schema),
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


def _span(start_ms: int | None, end_ms: int | None) -> Span:
    return ALWAYS if start_ms is None and end_ms is None else Span(start_ms, end_ms)


def _pause_text(pause: Pause | None) -> str | None:
    return None if pause is None else orjson.dumps([pause.reason, pause.from_ms, pause.until_ms]).decode()


def _pause_of(text: str | None) -> Pause | None:
    return None if text is None else Pause(*orjson.loads(text))
