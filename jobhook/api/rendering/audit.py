"""Changes of the audit trail as documents."""

from typing import TYPE_CHECKING

from jobhook.core.jobs.audit import Change
from jobhook.core.times import to_rfc3339

if TYPE_CHECKING:  # types alone: a function of AWS starts faster without them
    from jobhook.documents import insight


def change_document(change: Change) -> "insight.Change":
    """A change; `details` depends on the action."""
    return {
        "service_name": change.service_name,
        "job_name": change.job_name,
        "action": change.action.value,
        "at": to_rfc3339(change.at_ms),
        "at_ms": change.at_ms,
        "by": change.by,
        "version": change.version,
        "execution_id": change.execution_id,
        "details": dict(change.details),
    }
