"""The answers of /why, /health, /stats and of the audit trail."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from jobhook.documents.annotations import Field
from jobhook.documents.executions import BriefExecution, ExecutionSummary
from jobhook.documents.jobs import Pause
from jobhook.documents.kinds import (
    Action,
    Count,
    Cursor,
    Day,
    Dimension,
    EpochMs,
    ExecutionId,
    Expression,
    Instant,
    Name,
    Status,
)
from jobhook.documents.schedules import Fire

Verdict = Literal[
    "pending",
    "running",
    "success",
    "failed",
    "timed_out",
    "cancelled",
    "skipped",
    "missed",
    "dead_lettered",
    "not_yet_made",
    "not_in_effect",
    "disabled",
    "before_start",
    "after_end",
    "not_due",
    "paused",
    "upcoming",
    "not_fired_yet",
    "dispatching",
    "started",
    "unrecorded",
]


class Why(TypedDict):
    """Why a job did or did not run in a minute, and the records that show it."""

    service_name: Name
    job_name: Name
    at: Annotated[Instant, Field("The instant of the question.")]
    at_ms: EpochMs
    verdict: Annotated[Verdict, Field("A word for programs: the record's status, or why there is none.")]
    message: Annotated[str, Field("The answer in a sentence.")]
    schedule: Annotated[Expression, Field("The first of its schedules.")]
    schedules: list[Expression]
    due: Annotated[Instant | None, Field("The first time of its schedules in that minute.")]
    due_ms: EpochMs | None
    effective_from: Annotated[Instant, Field("Since when the job has its schedules.")]
    effective_from_ms: EpochMs
    enabled: bool
    pause: Annotated[Pause | None, Field("The job's newest pause, whether over or not.")]
    executions: Annotated[list[ExecutionSummary], Field("The job's executions of that minute.")]
    fires: Annotated[list[Fire], Field("The fires of its schedules in that minute.")]


class Ran(TypedDict):
    """How many executions were due since an instant."""

    since: Instant
    since_ms: EpochMs
    executions: Count


class ByStatus(TypedDict):
    """Executions that have not ended, by status."""

    pending: Annotated[Count, Field("Waiting for their webhook.")]
    running: Annotated[Count, Field("Waiting for their service's callback.")]


class LateSchedule(TypedDict):
    """A schedule with a time in the past that has neither fired nor been recorded as missed."""

    schedule: Expression
    due: Instant
    due_ms: EpochMs


class Lock(TypedDict):
    """The execution that holds an exclusive job's lock."""

    execution_id: ExecutionId


class Health(TypedDict):
    """How Jobhook is doing. Every list and count ends at `counted_to`."""

    status: Annotated[Literal["ok", "late"], Field("`late` where one of the three lists of late work has an entry.")]
    counted_to: Annotated[Count, Field("The limit of each list and count; a full one may have more.")]
    newest_execution: Annotated[BriefExecution | None, Field("Null before the first execution.")]
    ran: Ran
    waiting: ByStatus
    overdue_executions: Annotated[list[BriefExecution], Field("Executions past `expires_at` that have not ended.")]
    overdue_schedules: Annotated[list[LateSchedule], Field("Schedules that are due and have not fired.")]
    open_fires: Annotated[list[Fire], Field("Fires whose executions were not all started.")]
    locks: Annotated[list[Lock], Field("The exclusive jobs' locks that are held.")]


class Group(TypedDict):
    """A number of executions, and the day, service and status that they share, as far as `by` asks for them."""

    day: NotRequired[Day]
    service_name: NotRequired[Name]
    status: NotRequired[Status]
    count: Count


class Stats(TypedDict):
    """How many executions came to which end; both days are included."""

    by: Annotated[list[Dimension], Field("The dimensions of the results.")]
    since: Day
    until: Day
    service_name: Annotated[str | None, Field("The only service that is counted; null for all.")]
    results: Annotated[list[Group], Field("One for each combination that has executions.")]
    total: Annotated[Count, Field("The sum of all results.")]
    open_complete: Annotated[bool, Field("Whether every execution that has not ended is counted.")]


class Change(TypedDict):
    """A person's change to a job."""

    service_name: Name
    job_name: Name
    action: Action
    at: Instant
    at_ms: EpochMs
    by: Annotated[str | None, Field("Who made it, as IAM knows the caller.")]
    version: Annotated[int | None, Field("The job's version after the change; null for a cancellation.")]
    execution_id: Annotated[str | None, Field("The execution that was started or ended.")]
    details: Annotated[dict[str, Any], Field("More about the change; its fields depend on the action.")]


class ChangePage(TypedDict):
    """A page of changes, the newest first."""

    results: list[Change]
    next_cursor: Cursor
