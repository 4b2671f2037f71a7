"""How the audit trail looks on the wire."""

from jobhook.api.rendering.resources import Document, instant
from jobhook.core.jobs.audit import Change


def change_document(change: Change) -> Document:
    """A change; `details` depends on the action."""
    return {
        "service_name": change.service_name,
        "job_name": change.job_name,
        "action": change.action.value,
        **instant("at", change.at_ms),
        "by": change.by,
        "version": change.version,
        "execution_id": change.execution_id,
        "details": dict(change.details),
    }
