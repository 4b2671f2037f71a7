"""Executions, their attempts and their notifications."""

from typing import Annotated, TypeAlias, TypedDict

from jobhook.documents.annotations import Field
from jobhook.documents.kinds import (
    Count,
    Cursor,
    Delivery,
    EpochMs,
    Event,
    ExecutionId,
    Expression,
    Instant,
    Milliseconds,
    Name,
    Status,
    Trigger,
)


class AttemptSummary(TypedDict):
    """One delivery of the webhook, without the service's answer."""

    n: Annotated[int, Field("The attempt's number, from 1.", minimum=1)]
    at: Annotated[Instant, Field("When the webhook was sent.")]
    at_ms: EpochMs
    http_status: Annotated[int | None, Field("The status of the service's answer; null where there was none.")]
    error: Annotated[str | None, Field("Why the attempt failed; null where it did not.")]
    duration_ms: Annotated[Milliseconds | None, Field("How long the answer took.")]


class Attempt(AttemptSummary):
    """One delivery of the webhook."""

    response: Annotated[str | None, Field("The start of the service's answer, at most 4 KiB.")]


class _ExecutionFields(TypedDict):
    """What listings and single reads have in common."""

    id: ExecutionId
    service_name: Name
    job_name: Name
    schedule: Expression
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    status: Status
    reason: Annotated[str | None, Field("Why it has this status, as a stable word such as `ttl_expired`.")]
    trigger: Trigger
    retry_of: Annotated[str | None, Field("The execution that this one repeats.")]
    retried_by: Annotated[str | None, Field("The execution that repeats this one.")]
    started_at: Annotated[Instant | None, Field("When Jobhook began to run it.")]
    started_at_ms: EpochMs | None
    service_invoked_at: Annotated[Instant | None, Field("When the service acknowledged the webhook with a 2xx.")]
    service_invoked_at_ms: EpochMs | None
    ended_at: Annotated[Instant | None, Field("When it ended; null while it runs.")]
    ended_at_ms: EpochMs | None
    expires_at: Annotated[Instant | None, Field("When it times out unless a heartbeat comes.")]
    expires_at_ms: EpochMs | None
    duration_ms: Annotated[Milliseconds | None, Field("From start to end.")]
    invocation_latency_ms: Annotated[Milliseconds | None, Field("From the scheduled time to the first webhook.")]
    summary: Annotated[str | None, Field("A sentence of the service's on what it did.")]
    correlation_id: Annotated[str | None, Field("The service's own id for the run.")]
    error: Annotated[str | None, Field("What went wrong, in the service's or Jobhook's words.")]
    progress: Annotated[int | None, Field("0 to 100, from the service's newest callback.")]


class ExecutionSummary(_ExecutionFields):
    """An execution as listings have it, without payload, state and the service's answers."""

    attempts: list[AttemptSummary]


class Notification(TypedDict):
    """The report of an execution's end, and how far its delivery is."""

    event: Event
    status: Delivery
    attempts: Annotated[Count, Field("The number of attempts so far; at most 6.")]
    next_attempt_at: Annotated[Instant | None, Field("Null where there is no further attempt.")]
    next_attempt_at_ms: EpochMs | None
    delivered_at: Instant | None
    delivered_at_ms: EpochMs | None
    http_status: Annotated[int | None, Field("The newest attempt's answer; null where there was none.")]
    error: Annotated[str | None, Field("Why the newest attempt failed.")]


class Execution(_ExecutionFields):
    """An execution's whole record."""

    attempts: list[Attempt]
    state: Annotated[str | None, Field("The `state` of its success, for the job's next webhook.")]
    payload: Annotated[str | None, Field("The payload of its webhook.")]
    notification: Annotated[
        Notification | None, Field("Null while it runs, and where its job does not report such an end.")
    ]


AnyExecution: TypeAlias = ExecutionSummary | Execution
"""An execution from a listing or read by its id."""


class ExecutionPage(TypedDict):
    """A page of executions, the newest first."""

    results: list[ExecutionSummary]
    next_cursor: Cursor


class BriefExecution(TypedDict):
    """An execution's id, its occurrence and its status."""

    id: ExecutionId
    service_name: Name
    job_name: Name
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    status: Status
