"""The answers of the routes of schedules and of what is going to run."""

from typing import Annotated

from pydantic import Field

from jobhook.api.openapi.texts import Answer, Count, Cursor, EpochMs, Expression, Instant, Name
from jobhook.core.schedules.rows import FireState, RuleState

Exact = Annotated[bool, Field(description="False where only the distance of the times is known, not their phase.")]


class Occurrence(Answer):
    """A job at a time to come."""

    service_name: Name
    job_name: Name
    schedule: Expression
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    exact: Exact


class OccurrencePage(Answer):
    """A page of occurrences, the earliest first."""

    results: list[Occurrence]
    next_cursor: Cursor


class Schedule(Answer):
    """A schedule that jobs share."""

    schedule: Expression
    description: Annotated[str, Field(description="What the expression means, in English.")]
    state: RuleState
    jobs: Annotated[Count, Field(description="Disabled and paused ones too.")]
    next_time: Instant | None
    next_time_ms: EpochMs | None
    exact: Exact
    created_at: Instant
    created_at_ms: EpochMs


class Quota(Answer):
    """How many schedules there are, and how many there may be."""

    used: Count
    limit: Annotated[Count | None, Field(description="Null where nothing bounds them.")]


class SchedulePage(Answer):
    """A page of schedules, by expression."""

    results: list[Schedule]
    next_cursor: Cursor
    quota: Quota


class Fire(Answer):
    """A schedule at one nominal time, or all its missed ones from `scheduled_time` to `until`."""

    schedule: Expression
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    until: Instant
    until_ms: EpochMs
    state: FireState
    count: Annotated[Count, Field(description="Of executions started, or of nominal times missed.")]
    reason: str | None
