"""The answers of /why and /health."""

from typing import Annotated, Literal

from pydantic import Field

from jobhook.api.openapi.executions import BriefExecution, ByStatus, ExecutionSummary
from jobhook.api.openapi.jobs import Pause
from jobhook.api.openapi.schedules import Fire
from jobhook.api.openapi.texts import Answer, Count, EpochMs, ExecutionId, Expression, Instant, Name

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


class Why(Answer):
    """Why a job did or did not run in a minute, and what the answer was drawn from."""

    service_name: Name
    job_name: Name
    at: Instant
    at_ms: EpochMs
    verdict: Annotated[Verdict, Field(description="A word for programs: the record's status, or why there is none.")]
    message: Annotated[str, Field(description="The answer in a sentence.")]
    schedule: Annotated[Expression, Field(description="The first of its schedules.")]
    schedules: list[Expression]
    due: Annotated[Instant | None, Field(description="The first time of its schedules in that minute.")]
    due_ms: EpochMs | None
    effective_from: Instant
    effective_from_ms: EpochMs
    enabled: bool
    pause: Annotated[Pause | None, Field(description="The job's pause, whether over or not.")]
    executions: list[ExecutionSummary]
    fires: list[Fire]


class Ran(Answer):
    """How many executions were due since an instant."""

    since: Instant
    since_ms: EpochMs
    executions: Count


class LateSchedule(Answer):
    """A schedule, and the time of it that nobody has accounted for."""

    schedule: Expression
    due: Instant
    due_ms: EpochMs


class Lock(Answer):
    """An exclusive job's lock."""

    execution_id: ExecutionId


class Health(Answer):
    """How Jobhook is doing. Every list and count ends at `counted_to`."""

    status: Annotated[
        Literal["ok", "late"], Field(description="`late` where something should have been closed by now.")
    ]
    counted_to: Count
    newest_execution: BriefExecution | None
    ran: Ran
    waiting: ByStatus
    overdue_executions: list[BriefExecution]
    overdue_schedules: list[LateSchedule]
    open_fires: list[Fire]
    locks: list[Lock]
