"""Jobs and services, and what a test call shows of a job's target."""

from typing import Annotated, Any, Literal, TypedDict

from jobhook.documents.annotations import Field
from jobhook.documents.kinds import (
    Count,
    Cursor,
    EpochMs,
    Event,
    Expression,
    Format,
    Instant,
    Milliseconds,
    Name,
    Seconds,
)
from jobhook.documents.schedules import Occurrence

_From = TypedDict("_From", {"from": Instant})
_Async = TypedDict(
    "_Async", {"async": Annotated[Literal[True], Field("A service answers its webhook with a callback.")]}
)


class Pause(_From):
    """Occurrences from `from` on and before `until` are skipped; with a null `until`, until the job is resumed."""

    reason: Annotated[str, Field("Why the job is paused, in a person's words.")]
    from_ms: EpochMs
    until: Instant | None
    until_ms: EpochMs | None


class NotificationPolicy(TypedDict):
    """Which ends of a job's executions are reported, and where to."""

    target: Annotated[str, Field("The URL that notifications are sent to.")]
    on: Annotated[list[Event], Field("The ends that are reported.")]
    format: Format


class JobSummary(_Async):
    """A job as listings have it, without its payload."""

    service_name: Name
    job_name: Name
    guid: Annotated[str, Field("A function of the two names.", format="uuid")]
    description: Annotated[str | None, Field("What the job is for.")]
    tags: Annotated[list[str], Field("Words that jobs are found by.")]
    external_id: Annotated[str | None, Field("The job's id in another system.")]
    enabled: Annotated[bool, Field("A disabled job has no occurrences.")]
    exclusive: Annotated[bool, Field("Whether a run is refused while an earlier one has not ended.")]
    invocation_target: Annotated[str, Field("The URL that takes the webhook.")]
    invocation_type: Annotated[str, Field("How the webhook is delivered: `http`.")]
    schedule: Annotated[Expression, Field("The first of its schedules.")]
    schedules: list[Expression]
    ttl_seconds: Annotated[Seconds, Field("How long Jobhook waits for a callback, a heartbeat included.")]
    timeout_seconds: Annotated[Seconds, Field("How long the whole run may take, heartbeats or not.")]
    state_schema: Annotated[dict[str, Any] | None, Field("The JSON Schema of a success's `state`.")]
    response_schema: Annotated[dict[str, Any] | None, Field("The JSON Schema of the answer to a test call.")]
    start_at: Annotated[Instant | None, Field("The job has no occurrences before it.")]
    start_at_ms: EpochMs | None
    end_at: Annotated[Instant | None, Field("The job has no occurrences from then on.")]
    end_at_ms: EpochMs | None
    retention_days: Annotated[int | None, Field("How long its executions are kept; null: as long as all others.")]
    notify: Annotated[NotificationPolicy | None, Field("Null where the job reports no ends.")]
    pause: Annotated[Pause | None, Field("Null where no pause is in force.")]
    version: Annotated[int, Field("The number of the job's changes, its creation included.", minimum=1)]
    created_at: Instant
    created_at_ms: EpochMs
    created_by: Annotated[str | None, Field("Who created it, as IAM knows the caller.")]
    updated_at: Instant
    updated_at_ms: EpochMs
    updated_by: Annotated[str | None, Field("Who changed it last, as IAM knows the caller.")]


class Job(JobSummary):
    """A job as it is now."""

    payload: Annotated[str | None, Field("The text that is sent with every webhook.")]


class JobPage(TypedDict):
    """A page of jobs, by name."""

    results: list[JobSummary]
    next_cursor: Cursor


class PlannedJob(TypedDict):
    """What a PUT or PATCH would do; nothing was stored."""

    dry_run: Literal[True]
    created: Annotated[bool, Field("Whether the job would be a new one.")]
    changed: Annotated[bool, Field("Whether the job would differ from the stored one.")]
    job: Job
    upcoming: Annotated[list[Occurrence], Field("Its next ten times.")]


class Service(TypedDict):
    """A service that has jobs, and their number."""

    service_name: Name
    jobs: Count


class ServicePage(TypedDict):
    """A page of services, by name."""

    results: list[Service]
    next_cursor: Cursor


class Criterion(TypedDict):
    """A condition that a target must meet to take webhooks."""

    name: Literal["url_allowed", "resolves", "connects", "answers_in_time", "status_2xx", "response_schema"]
    met: Annotated[bool | None, Field("Null where it was not checked: an earlier one failed, or the job sets none.")]
    detail: Annotated[str, Field("What was found, in words.")]


class TestCall(TypedDict):
    """What a test call has shown of a job's target."""

    passed: Annotated[bool, Field("Whether no criterion failed.")]
    criteria: Annotated[list[Criterion], Field("In the order in which a webhook meets them.")]
    http_status: Annotated[int | None, Field("The status of the service's answer; null where there was none.")]
    duration_ms: Annotated[Milliseconds | None, Field("Null where nothing was sent.")]
    response: Annotated[str | None, Field("The start of the service's answer, at most 4 KiB.")]
