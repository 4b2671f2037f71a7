"""The answers of the routes of jobs and services."""

from typing import Annotated, Any, Literal

from pydantic import Field

from jobhook.api.openapi.schedules import Occurrence
from jobhook.api.openapi.texts import Answer, Count, Cursor, EpochMs, Expression, Instant, Name
from jobhook.core.notifications.policy import Event, Format


class Pause(Answer):
    """Occurrences from `from` on and before `until` are skipped; `until` is null where somebody has to resume."""

    reason: str
    from_: Annotated[Instant, Field(alias="from")]
    from_ms: EpochMs
    until: Instant | None
    until_ms: EpochMs | None


class NotificationPolicy(Answer):
    """Whom a job tells of the ends of its executions."""

    target: str
    on: list[Event]
    format: Format


class JobSummary(Answer):
    """A job as listings have it, without its payload."""

    service_name: Name
    job_name: Name
    guid: Annotated[str, Field(json_schema_extra={"format": "uuid"}, description="A function of the two names.")]
    description: str | None
    tags: list[str]
    external_id: str | None
    is_async: Annotated[Literal[True], Field(alias="async")]
    enabled: bool
    exclusive: bool
    invocation_target: str
    invocation_type: str
    schedule: Annotated[Expression, Field(description="The first of its schedules.")]
    schedules: list[Expression]
    ttl_seconds: int
    timeout_seconds: int
    state_schema: dict[str, Any] | None
    response_schema: dict[str, Any] | None
    start_at: Instant | None
    start_at_ms: EpochMs | None
    end_at: Instant | None
    end_at_ms: EpochMs | None
    retention_days: int | None
    notify: Annotated[NotificationPolicy | None, Field(description="Null where nobody is told.")]
    pause: Annotated[Pause | None, Field(description="Null where none is in force.")]
    version: Annotated[int, Field(ge=1, description="Counts the changes.")]
    created_at: Instant
    created_at_ms: EpochMs
    created_by: str | None
    updated_at: Instant
    updated_at_ms: EpochMs
    updated_by: str | None


class Job(JobSummary):
    """A job as it is now."""

    payload: str | None


class PlannedJob(Answer):
    """What a PUT or PATCH would do: nothing was stored."""

    dry_run: Literal[True]
    created: Annotated[bool, Field(description="Whether there is no such job yet.")]
    changed: Annotated[bool, Field(description="Whether the job would be another than it is.")]
    job: Job
    upcoming: Annotated[list[Occurrence], Field(description="Its next ten times.")]


class Criterion(Answer):
    """Something that a service must satisfy; `met` is null where it was not looked at, or the job asks for nothing."""

    name: Literal["url_allowed", "resolves", "connects", "answers_in_time", "status_2xx", "response_schema"]
    met: bool | None
    detail: str


class TestCall(Answer):
    """What a test call has shown. `response` is the start of the service's answer."""

    __test__ = False  # no test of pytest's, whatever its name says

    passed: bool
    criteria: list[Criterion]
    http_status: int | None
    duration_ms: Annotated[int | None, Field(description="Null where nothing was sent.")]
    response: str | None


class JobPage(Answer):
    """A page of jobs, by name."""

    results: list[JobSummary]
    next_cursor: Cursor


class Service(Answer):
    """A service that has jobs, and how many."""

    service_name: Name
    jobs: Count


class ServicePage(Answer):
    """A page of services, by name."""

    results: list[Service]
    next_cursor: Cursor
