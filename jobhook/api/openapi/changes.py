"""The answers of the routes of the audit trail."""

from typing import Annotated, Any

from pydantic import Field

from jobhook.api.openapi.texts import Answer, Cursor, EpochMs, Instant, Name
from jobhook.core.jobs.audit import Action


class Change(Answer):
    """One thing that a person did to a job."""

    service_name: Name
    job_name: Name
    action: Action
    at: Instant
    at_ms: EpochMs
    by: Annotated[str | None, Field(description="Who called, as IAM knows the caller.")]
    version: Annotated[int | None, Field(description="The job's after the change; null for a cancellation.")]
    execution_id: Annotated[str | None, Field(description="What was begun or ended.")]
    details: Annotated[dict[str, Any], Field(description="Depends on the action.")]


class ChangePage(Answer):
    """A page of changes, the newest first."""

    results: list[Change]
    next_cursor: Cursor
