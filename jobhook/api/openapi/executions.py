"""The answers of the routes of executions and callbacks."""

from typing import Annotated

from pydantic import Field

from jobhook.api.openapi.texts import Answer, Count, Cursor, EpochMs, ExecutionId, Expression, Instant, Name
from jobhook.core.executions.execution import Status, Trigger
from jobhook.core.notifications.policy import Delivery, Event


class AttemptSummary(Answer):
    """One delivery of the webhook, without the service's answer."""

    n: Annotated[int, Field(ge=1)]
    at: Instant
    at_ms: EpochMs
    http_status: Annotated[int | None, Field(description="Null while no answer was read.")]
    error: str | None
    duration_ms: int | None


class Attempt(AttemptSummary):
    """One delivery of the webhook."""

    response: Annotated[str | None, Field(description="The start of the service's answer, at most 4 KiB.")]


class ExecutionSummary(Answer):
    """An execution as listings have it, without payload, state and the service's answers."""

    id: ExecutionId
    service_name: Name
    job_name: Name
    schedule: Expression
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    status: Status
    reason: Annotated[str | None, Field(description="A stable word, such as `ttl_expired`.")]
    trigger: Trigger
    retry_of: Annotated[str | None, Field(description="The execution that this one repeats.")]
    retried_by: Annotated[str | None, Field(description="The execution that repeats this one.")]
    started_at: Instant | None
    started_at_ms: EpochMs | None
    service_invoked_at: Instant | None
    service_invoked_at_ms: EpochMs | None
    ended_at: Instant | None
    ended_at_ms: EpochMs | None
    expires_at: Annotated[Instant | None, Field(description="When it times out unless a heartbeat comes.")]
    expires_at_ms: EpochMs | None
    duration_ms: int | None
    invocation_latency_ms: int | None
    attempts: list[AttemptSummary]
    summary: str | None
    correlation_id: str | None
    error: str | None
    progress: Annotated[int | None, Field(description="0 to 100, as the service last said.")]


class Notification(Answer):
    """How the telling of an execution's end stands."""

    event: Event
    status: Delivery
    attempts: Annotated[Count, Field(description="Attempts that were begun; at most 6.")]
    next_attempt_at: Annotated[Instant | None, Field(description="Null unless there will be one.")]
    next_attempt_at_ms: EpochMs | None
    delivered_at: Instant | None
    delivered_at_ms: EpochMs | None
    http_status: Annotated[int | None, Field(description="Of the newest attempt; null where no answer was read.")]
    error: str | None


class Execution(ExecutionSummary):
    """An execution's whole record."""

    attempts: list[Attempt]  # type: ignore[assignment]  # with the answers that listings leave out
    state: str | None
    payload: str | None
    notification: Annotated[
        Notification | None, Field(description="Null while it runs, and where its job tells nobody of such an end.")
    ]


class ExecutionPage(Answer):
    """A page of executions, the newest first."""

    results: list[ExecutionSummary]
    next_cursor: Cursor


class CallbackAnswer(Answer):
    """How the execution stands after a callback."""

    status: Status
    expires_at: Instant | None
    expires_at_ms: EpochMs | None


class BriefExecution(Answer):
    """Which execution it is, and how it stands."""

    id: ExecutionId
    service_name: Name
    job_name: Name
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    status: Status


class ByStatus(Answer):
    """Executions that have not ended, by status."""

    pending: Count
    running: Count
