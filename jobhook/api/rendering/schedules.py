"""Schedules, their fires and the occurrences to come as documents."""

from typing import TYPE_CHECKING

from jobhook.api.rendering.nullable import nullable_rfc3339
from jobhook.core.schedules.expression import parse
from jobhook.core.schedules.rows import Fire, ScheduleRow
from jobhook.core.schedules.upcoming import Occurrence, is_exact, next_time
from jobhook.core.times import to_rfc3339

if TYPE_CHECKING:  # types alone: a function of AWS starts faster without them
    from jobhook.documents import schedules


def occurrence_document(occurrence: Occurrence, rates_keep_phase: bool) -> "schedules.Occurrence":
    """An occurrence to come; `exact` is whether its time is known or only its period."""
    return {
        "service_name": occurrence.service_name,
        "job_name": occurrence.job_name,
        "schedule": occurrence.schedule,
        "scheduled_time": to_rfc3339(occurrence.scheduled_time_ms),
        "scheduled_time_ms": occurrence.scheduled_time_ms,
        "exact": is_exact(occurrence.schedule, rates_keep_phase),
    }


def schedule_document(row: ScheduleRow, now_ms: int, rates_keep_phase: bool) -> "schedules.Schedule":
    """A schedule: what it means, how many jobs share it, and its next time."""
    next_ms = next_time(row, now_ms)
    return {
        "schedule": row.expression,
        "description": parse(row.expression).describe(),
        "state": row.state.value,
        "jobs": row.jobs,
        "next_time": nullable_rfc3339(next_ms),
        "next_time_ms": next_ms,
        "exact": is_exact(row.expression, rates_keep_phase),
        "created_at": to_rfc3339(row.created_at_ms),
        "created_at_ms": row.created_at_ms,
    }


def fire_document(fire: Fire) -> "schedules.Fire":
    """A fire of a schedule, or a row of missed times from `scheduled_time` to `until`."""
    return {
        "schedule": fire.expression,
        "scheduled_time": to_rfc3339(fire.scheduled_time_ms),
        "scheduled_time_ms": fire.scheduled_time_ms,
        "until": to_rfc3339(fire.until_ms),
        "until_ms": fire.until_ms,
        "state": fire.state.value,
        "count": fire.count,
        "reason": fire.reason,
    }
