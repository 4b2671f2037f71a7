"""What Jobhook sends: the webhook of a run, and the notification of an execution's end. Receivers allow new fields."""

from typing import Annotated, Literal, NotRequired, TypedDict

from jobhook.documents.annotations import Field
from jobhook.documents.kinds import Count, EpochMs, Event, ExecutionId, Expression, Instant, Name, Seconds, Status


class LastSuccess(TypedDict):
    """The job's last execution that succeeded."""

    name: Annotated[str, Field("The execution's id.")]
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    service_invoked_at_ms: Annotated[int | None, Field("When the service acknowledged its webhook, in epoch ms.")]
    state: Annotated[str | None, Field("The `state` of its success callback.")]
    status: Literal["success"]
    summary: Annotated[str | None, Field("The `summary` of its success callback.")]


class Webhook(TypedDict):
    """The webhook of a run."""

    attempt: Annotated[int, Field("The number of the delivery, from 1.", minimum=1)]
    callback_url: Annotated[str, Field("Where to call back. A secret of this attempt: keep it out of logs.")]
    execution_id: Annotated[ExecutionId, Field("The same for every attempt of the run: detects duplicates.")]
    invocation_latency_ms: Annotated[int, Field("How many milliseconds after the scheduled time this was sent.")]
    invocation_latency_pct: Annotated[float, Field("The same as a percentage of `ttl_seconds`, to one decimal.")]
    job_name: Name
    last_successful_execution: Annotated[LastSuccess | None, Field("Null before the first success.")]
    payload: Annotated[str | None, Field("The job's payload, or that of the manual run.")]
    schedule: Expression
    scheduled_time: Annotated[Instant, Field("When the run was due.")]
    scheduled_time_ms: EpochMs
    service_name: Name
    ttl_seconds: Annotated[Seconds, Field("How long Jobhook waits for a callback, a heartbeat included.")]
    test: NotRequired[
        Annotated[Literal[True], Field("Only in a test call: answer with 2xx, do not do the work, do not call back.")]
    ]
    retry_of: NotRequired[Annotated[str, Field("Only in a retry: the execution that this one repeats.")]]
    retry_of_scheduled_time: NotRequired[Annotated[Instant, Field("Only in a retry: when that execution was due.")]]
    retry_of_scheduled_time_ms: NotRequired[EpochMs]


class NotificationMessage(TypedDict):
    """The notification of an execution's end, in the format `json`."""

    id: Annotated[str, Field("The same for every attempt to deliver it: detects duplicates.")]
    event: Event
    text: Annotated[str, Field("What happened, in a sentence.")]
    service_name: Name
    job_name: Name
    execution_id: ExecutionId
    status: Status
    reason: Annotated[str | None, Field("Why it has this status, as a stable word such as `ttl_expired`.")]
    error: Annotated[str | None, Field("What went wrong, in the service's or Jobhook's words.")]
    summary: Annotated[str | None, Field("A sentence of the service's on what it did.")]
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    ended_at: Instant | None
    ended_at_ms: EpochMs | None
    attempts: Annotated[Count, Field("The number of deliveries of the execution's webhook.")]


class SlackMessage(TypedDict):
    """The notification of an execution's end, in the format `slack`."""

    text: Annotated[str, Field("What happened, in a sentence with Slack's escapes.")]
