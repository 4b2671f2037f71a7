"""Schedules, their fires, and the occurrences to come."""

from typing import Annotated, TypedDict

from jobhook.documents.annotations import Field
from jobhook.documents.kinds import Count, Cursor, EpochMs, Expression, FireState, Instant, Name, RuleState

Exact = Annotated[bool, Field("False where only the distance of the times is known, not their phase.")]


class Occurrence(TypedDict):
    """A job at a time to come."""

    service_name: Name
    job_name: Name
    schedule: Expression
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    exact: Exact


class OccurrencePage(TypedDict):
    """A page of occurrences, the earliest first."""

    results: list[Occurrence]
    next_cursor: Cursor


class Schedule(TypedDict):
    """A schedule that jobs share."""

    schedule: Expression
    description: Annotated[str, Field("What the expression means, in English.")]
    state: RuleState
    jobs: Annotated[Count, Field("The number of jobs with this schedule; disabled and paused jobs count too.")]
    next_time: Annotated[Instant | None, Field("The next time of the schedule; null where there is none.")]
    next_time_ms: EpochMs | None
    exact: Exact
    created_at: Instant
    created_at_ms: EpochMs


class Quota(TypedDict):
    """How many schedules exist, and how many may exist."""

    used: Count
    limit: Annotated[Count | None, Field("Null where there is no limit.")]


class SchedulePage(TypedDict):
    """A page of schedules, by expression."""

    results: list[Schedule]
    next_cursor: Cursor
    quota: Quota


class Fire(TypedDict):
    """A schedule at one nominal time, or all its missed times from `scheduled_time` to `until`."""

    schedule: Expression
    scheduled_time: Instant
    scheduled_time_ms: EpochMs
    until: Annotated[Instant, Field("The last of the missed times; the same as `scheduled_time` for a single one.")]
    until_ms: EpochMs
    state: FireState
    count: Annotated[Count, Field("The number of executions started, or of nominal times missed.")]
    reason: Annotated[str | None, Field("Why the times were missed, as a stable word; null otherwise.")]
