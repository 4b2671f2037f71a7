"""How schedules, their fires and occurrences to come look on the wire."""

from jobhook.api.rendering.resources import Document, instant
from jobhook.core.schedules.expression import parse
from jobhook.core.schedules.rows import Fire, ScheduleRow
from jobhook.core.schedules.upcoming import Occurrence, is_exact, next_time


def occurrence_document(occurrence: Occurrence, rates_keep_phase: bool) -> Document:
    """An occurrence to come; `exact` is whether its time is known or only its period."""
    return {
        "service_name": occurrence.service_name,
        "job_name": occurrence.job_name,
        "schedule": occurrence.schedule,
        **instant("scheduled_time", occurrence.scheduled_time_ms),
        "exact": is_exact(occurrence.schedule, rates_keep_phase),
    }


def schedule_document(row: ScheduleRow, now_ms: int, rates_keep_phase: bool) -> Document:
    """A schedule: what it says, how many jobs share it, and when it comes due next."""
    return {
        "schedule": row.expression,
        "description": parse(row.expression).describe(),
        "state": row.state.value,
        "jobs": row.jobs,
        **instant("next_time", next_time(row, now_ms)),
        "exact": is_exact(row.expression, rates_keep_phase),
        **instant("created_at", row.created_at_ms),
    }


def fire_document(fire: Fire) -> Document:
    """A fire of a schedule, or a row of missed ones from `scheduled_time` to `until`."""
    return {
        "schedule": fire.expression,
        **instant("scheduled_time", fire.scheduled_time_ms),
        **instant("until", fire.until_ms),
        "state": fire.state.value,
        "count": fire.count,
        "reason": fire.reason,
    }
