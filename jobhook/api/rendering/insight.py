"""How the answers of /why and /health look on the wire."""

from collections.abc import Sequence

from jobhook.api.rendering.resources import Document, execution_document, instant, pause_document
from jobhook.api.rendering.schedules import fire_document
from jobhook.core.executions.execution import Execution
from jobhook.core.insight.health import COUNTED, Health
from jobhook.core.insight.why import Explanation, WhyQuery


def why_document(asked: WhyQuery, explanation: Explanation) -> Document:
    """The answer, and what it was drawn from; `due` is the first time of its schedules in that minute."""
    job = asked.job
    return {
        "service_name": job.service_name,
        "job_name": job.job_name,
        **instant("at", asked.at_ms),
        "verdict": explanation.verdict,
        "message": explanation.message,
        "schedule": job.settings.schedule,
        "schedules": list(job.settings.schedules),
        **instant("due", asked.due_ms),
        **instant("effective_from", min(job.from_ms.values())),
        "enabled": job.settings.enabled,
        "pause": None if job.pause is None else pause_document(job.pause),
        "executions": [execution_document(execution, whole=False) for execution in asked.executions],
        "fires": [fire_document(fire) for fire in asked.fires],
    }


def health_document(health: Health) -> Document:
    """Counts stop at `counted_to`."""
    return {
        "status": "ok" if health.well else "late",
        "counted_to": COUNTED,
        "newest_execution": None if health.newest is None else _brief(health.newest),
        "ran": {**instant("since", health.since_ms), "executions": len(health.ran)},
        "waiting": {"pending": len(health.pending), "running": len(health.running)},
        "overdue_executions": _ids(health.overdue),
        "overdue_schedules": [{"schedule": late.expression, **instant("due", late.due_ms)} for late in health.late],
        "open_fires": [fire_document(fire) for fire in health.open_fires],
        "locks": [{"execution_id": key.id} for key in health.holders],
    }


def _brief(execution: Execution) -> Document:
    return {
        "id": execution.id,
        "service_name": execution.service_name,
        "job_name": execution.job_name,
        **instant("scheduled_time", execution.key.scheduled_time_ms),
        "status": execution.status.value,
    }


def _ids(executions: Sequence[Execution]) -> list[Document]:
    return [_brief(execution) for execution in executions]
