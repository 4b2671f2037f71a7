"""The documents of the API, as they come over the wire; every field is explained in docs/api.md."""

from typing import Any, Literal, Required, TypedDict

Status = Literal[
    "pending", "running", "success", "failed", "timed_out", "cancelled", "skipped", "missed", "dead_lettered"
]
Trigger = Literal["schedule", "run", "retry"]
Overlap = Literal["refuse", "allow"]
NotifyEvent = Literal["success", "failed", "timed_out", "cancelled", "skipped", "missed", "dead_lettered", "recovered"]
NotifyFormat = Literal["json", "slack"]
ACTIVE: frozenset[str] = frozenset({"pending", "running"})
"""The statuses of an execution that has not ended."""


class NotifySettings(TypedDict, total=False):
    """Whom a job is to tell of which ends; what is left out gets its default."""

    target: Required[str]
    on: list[NotifyEvent]
    format: NotifyFormat


class Notify(TypedDict):
    """Whom a job tells of which ends."""

    target: str
    on: list[NotifyEvent]
    format: NotifyFormat


class JobSettings(TypedDict, total=False):
    """The body of a PUT: the whole configuration, where what is left out gets its default.

    `schedule` is required, or `schedules` where there are several.
    """

    schedule: str
    schedules: list[str]
    invocation_target: Required[str]
    ttl_seconds: Required[int]
    timeout_seconds: int
    payload: str | None
    enabled: bool
    exclusive: bool
    state_schema: dict[str, Any] | None
    response_schema: dict[str, Any] | None
    invocation_type: str
    description: str | None
    tags: list[str]
    external_id: str | None
    start_at: str | int | None
    end_at: str | int | None
    retention_days: int | None
    notify: NotifySettings | None


_PauseHead = TypedDict("_PauseHead", {"from": str})


class Pause(_PauseHead):
    """Why and since when a job's occurrences are skipped; without `until`, until somebody resumes it."""

    reason: str
    from_ms: int
    until: str | None
    until_ms: int | None


_JobHead = TypedDict("_JobHead", {"async": bool})


class Job(_JobHead):
    """A stored job; listings leave out `payload`."""

    service_name: str
    job_name: str
    guid: str
    enabled: bool
    exclusive: bool
    invocation_target: str
    invocation_type: str
    schedule: str
    schedules: list[str]
    ttl_seconds: int
    timeout_seconds: int
    state_schema: dict[str, Any] | None
    response_schema: dict[str, Any] | None
    description: str | None
    tags: list[str]
    external_id: str | None
    start_at: str | None
    start_at_ms: int | None
    end_at: str | None
    end_at_ms: int | None
    retention_days: int | None
    notify: Notify | None
    pause: Pause | None
    version: int
    created_at: str
    created_at_ms: int
    created_by: str | None
    updated_at: str
    updated_at_ms: int
    updated_by: str | None


class WholeJob(Job):
    """A job as it is read or written by itself."""

    payload: str | None


class Occurrence(TypedDict):
    """A job at a time to come; not `exact` where only the schedule's period is known."""

    service_name: str
    job_name: str
    schedule: str
    scheduled_time: str
    scheduled_time_ms: int
    exact: bool


class PlannedJob(TypedDict):
    """What a change would come to, and the next ten times of the job then; nothing was stored."""

    dry_run: Literal[True]
    created: bool
    changed: bool
    job: WholeJob
    upcoming: list[Occurrence]


class Service(TypedDict):
    """A service and its number of jobs."""

    service_name: str
    jobs: int


class Attempt(TypedDict):
    """One delivery of the webhook; times in milliseconds."""

    n: int
    at: str | None
    at_ms: int | None
    http_status: int | None
    error: str | None
    duration_ms: int | None


class Execution(TypedDict):
    """A run of a job; listings leave out what `WholeExecution` adds."""

    id: str
    service_name: str
    job_name: str
    schedule: str
    scheduled_time: str
    scheduled_time_ms: int
    status: Status
    reason: str | None
    trigger: Trigger
    retry_of: str | None
    retried_by: str | None
    started_at: str | None
    started_at_ms: int | None
    service_invoked_at: str | None
    service_invoked_at_ms: int | None
    ended_at: str | None
    ended_at_ms: int | None
    expires_at: str | None
    expires_at_ms: int | None
    duration_ms: int | None
    invocation_latency_ms: int | None
    attempts: list[Attempt]
    summary: str | None
    correlation_id: str | None
    error: str | None
    progress: int | None


class Notification(TypedDict):
    """How far the telling of an execution's end has come; without `next_attempt_at` there is no further attempt."""

    event: NotifyEvent
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    next_attempt_at: str | None
    next_attempt_at_ms: int | None
    delivered_at: str | None
    delivered_at_ms: int | None
    http_status: int | None
    error: str | None


class WholeExecution(Execution):
    """An execution as it is read by its id."""

    state: str | None
    payload: str | None
    notification: Notification | None
