"""Jobs, executions and rows for the contract suite, each valid and each told apart by a few arguments."""

from dataclasses import replace

from jobhook.core.executions.execution import Attempt, Execution, Status
from jobhook.core.identities import ExecutionKey, job_guid
from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.job import Job, JobSettings, LastSuccess, new_job
from jobhook.core.notifications.policy import Delivery, Event, Format, Notification, NotificationPolicy
from jobhook.core.schedules.rows import Fire, FireState, RuleState, ScheduleRow

T0 = 1_795_248_000_000  # 2026-11-21T08:00:00Z
MINUTE = 60_000
DAY = 86_400_000
HOURLY = "rate(1 hour)"
NIGHTLY = "cron(0 3 * * ? *)"

PLAIN = JobSettings("https://reports.example.com/hook", NIGHTLY, ttl_seconds=60, timeout_seconds=300)
RICH = replace(
    PLAIN,
    exclusive=True,
    payload='{"of": "everything", "quote": "\\"", "é": "☃"}',
    state_schema={"type": "object", "properties": {"n": {"type": "integer", "maximum": 2.5}}, "required": []},
    response_schema={"const": "taken \u2603"},
    description='of "everything" \u2603',
    tags=("team:a", "b", "a"),
    external_id="7/é",
    span=Span(T0 - 5, T0 + 500 * DAY),
    retention_days=3_650,
    more_schedules=("rate(9 hours)", "cron(0 4 * * ? *)"),
    notify=NotificationPolicy("https://chat.example.com/x?y=\u2603", (Event.SUCCESS, Event.MISSED), Format.SLACK),
)


def a_job(
    name: str = "nightly", service: str = "reports", *, settings: JobSettings = PLAIN, incarnation: str = "one"
) -> Job:
    return replace(new_job(service, name, settings, incarnation, T0, by="ann"), updated_by="bob")


def a_key(
    name: str = "nightly", minute: int = 0, *, service: str = "reports", incarnation: str = "one"
) -> ExecutionKey:
    return ExecutionKey(job_guid(service, name), incarnation, T0 + minute * MINUTE)


def an_execution(
    name: str = "nightly",
    minute: int = 0,
    status: Status = Status.RUNNING,
    *,
    service: str = "reports",
    incarnation: str = "one",
) -> Execution:
    """An execution in its first attempt, or ended a minute after it began."""
    key = a_key(name, minute, service=service, incarnation=incarnation)
    began_ms = key.scheduled_time_ms
    waiting = Execution(
        key=key,
        service_name=service,
        job_name=name,
        schedule=NIGHTLY,
        status=Status.RUNNING,
        ttl_seconds=60,
        invocation_target="https://reports.example.com/hook",
        started_at_ms=began_ms,
        service_invoked_at_ms=began_ms,
        expires_at_ms=began_ms + MINUTE,
        timeout_at_ms=began_ms + 5 * MINUTE,
        invocation_latency_ms=0,
        attempts=(Attempt(1, began_ms, "a" * 64),),
        task_token="token-of-" + key.id,
    )
    if status in (Status.RUNNING, Status.PENDING):
        return replace(waiting, status=status)
    return replace(waiting, status=status, expires_at_ms=None, ended_at_ms=began_ms + MINUTE)


def whole_execution(name: str = "nightly", minute: int = 0) -> Execution:
    """An execution with something in every field."""
    attempts = (
        Attempt(1, T0, "a" * 64, None, "connection refused", 12, None),
        Attempt(2, T0 + 5, "b" * 64, 503, "the service answered 503", 7, 'busy "now" \u0000\u2603'),
        Attempt(3, T0 + 9, "c" * 64, 200, None, 3, ""),
        Attempt(4, T0 + 11, "d" * 64, 404, "the service answered 404", 2, "", refused=True),
    )
    return replace(
        an_execution(name, minute, Status.FAILED),
        reason="job_failed",
        attempts=attempts,
        state='{"seen": 12}',
        summary="half \u0000 done ☃",
        correlation_id="c-1",
        error="no room",
        progress=0,
        payload="p",
        state_schema={"type": "object"},
        workflow_reported=True,
        revision=7,
        retention_days=5,
        notify_on=(Event.FAILED, Event.RECOVERED),
        notification=Notification(
            Event.FAILED, Delivery.DELIVERED, 3, delivered_at_ms=T0 + 7, http_status=204, error='"no" ☃'
        ),
    )


def to_notify(minute: int, at_ms: int | None) -> Execution:
    """An execution that has failed, of which somebody is told at that time; or was told, where there is none."""
    failed = an_execution(minute=minute, status=Status.FAILED)
    status = Delivery.DELIVERED if at_ms is None else Delivery.PENDING
    notification = Notification(Event.FAILED, status, 1, next_at_ms=at_ms)
    return replace(failed, notify_on=(Event.FAILED,), notification=notification)


def listed(execution: Execution) -> Execution:
    """As listings show it. A store may list tokens, their hashes and `holds_lock`; no answer shows them."""
    attempts = tuple(replace(attempt, token_hash="", response=None) for attempt in execution.attempts)
    return replace(
        execution,
        payload=None,
        state=None,
        state_schema=None,
        task_token=None,
        holds_lock=False,
        attempts=attempts,
        notify_on=(),
        notification=None,
    )


def a_success(minute: int = 0, state: str | None = None, *, incarnation: str = "one") -> LastSuccess:
    key = a_key(minute=minute, incarnation=incarnation)
    return LastSuccess(key.id, key.scheduled_time_ms, key.scheduled_time_ms + 1, state, "all done")


def a_row(
    expression: str = NIGHTLY, state: RuleState = RuleState.CREATING, jobs: int = 0, *, generation: str = "g1"
) -> ScheduleRow:
    return ScheduleRow(expression, generation, state, jobs, T0, T0)


def a_fire(minute: int = 0, state: FireState = FireState.OPEN, *, expression: str = NIGHTLY) -> Fire:
    at = T0 + minute * MINUTE
    return Fire(expression, at, state, at + 5, at)
