"""The answers of /why and /health as documents."""

from typing import TYPE_CHECKING, cast

from jobhook.api.rendering.nullable import nullable_rfc3339
from jobhook.api.rendering.resources import execution_document, pause_document
from jobhook.api.rendering.schedules import fire_document
from jobhook.core.executions.execution import Execution
from jobhook.core.insight.health import COUNTED, Health, Late
from jobhook.core.insight.why import Explanation, WhyQuery
from jobhook.core.times import to_rfc3339

if TYPE_CHECKING:  # types alone: a function of AWS starts faster without them
    from jobhook.documents import executions, insight


def why_document(asked: WhyQuery, explanation: Explanation) -> "insight.Why":
    """The explanation, and the records that show it; `due` is the first time of the job's schedules in that minute."""
    job = asked.job
    effective_from_ms = min(job.from_ms.values())
    return {
        "service_name": job.service_name,
        "job_name": job.job_name,
        "at": to_rfc3339(asked.at_ms),
        "at_ms": asked.at_ms,
        "verdict": cast("insight.Verdict", explanation.verdict),
        "message": explanation.message,
        "schedule": job.settings.schedule,
        "schedules": list(job.settings.schedules),
        "due": nullable_rfc3339(asked.due_ms),
        "due_ms": asked.due_ms,
        "effective_from": to_rfc3339(effective_from_ms),
        "effective_from_ms": effective_from_ms,
        "enabled": job.settings.enabled,
        "pause": None if job.pause is None else pause_document(job.pause),
        "executions": [execution_document(execution, whole=False) for execution in asked.executions],
        "fires": [fire_document(fire) for fire in asked.fires],
    }


def health_document(health: Health) -> "insight.Health":
    """Jobhook's health; counts end at `counted_to`."""
    return {
        "status": "ok" if health.well else "late",
        "counted_to": COUNTED,
        "newest_execution": None if health.newest is None else _brief(health.newest),
        "ran": {"since": to_rfc3339(health.since_ms), "since_ms": health.since_ms, "executions": len(health.ran)},
        "waiting": {"pending": len(health.pending), "running": len(health.running)},
        "overdue_executions": [_brief(execution) for execution in health.overdue],
        "overdue_schedules": [_late(late) for late in health.late],
        "open_fires": [fire_document(fire) for fire in health.open_fires],
        "locks": [{"execution_id": key.id} for key in health.holders],
    }


def _late(late: Late) -> "insight.LateSchedule":
    return {"schedule": late.expression, "due": to_rfc3339(late.due_ms), "due_ms": late.due_ms}


def _brief(execution: Execution) -> "executions.BriefExecution":
    return {
        "id": execution.id,
        "service_name": execution.service_name,
        "job_name": execution.job_name,
        "scheduled_time": to_rfc3339(execution.key.scheduled_time_ms),
        "scheduled_time_ms": execution.key.scheduled_time_ms,
        "status": execution.status.value,
    }
