"""The audit trail: who did what to a job, and when. Each change is recorded in the commit that makes it.

Of a payload only that it changed is told, of a target's query nothing, and of whom notifications go to only the host:
they may hold what has been taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from jobhook.core.executions.execution import Execution
from jobhook.core.jobs.job import Job, JobSettings
from jobhook.core.jobs.settings_document import settings_body
from jobhook.core.targets.http import host_of
from jobhook.core.times import to_rfc3339


class Action(StrEnum):
    """What was done."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    PAUSED = "paused"
    RESUMED = "resumed"
    RUN = "run"
    CANCELLED = "cancelled"
    RETRIED = "retried"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a person did to a job.

    `by` is who called, None where that is not known. `version` is the job's after the change; a cancellation does not
    look at the job, so it has none. `execution_id` is what was begun or ended. `details` can be written as JSON.
    """

    service_name: str
    job_name: str
    guid: str
    incarnation: str
    at_ms: int
    by: str | None
    action: Action
    version: int | None = None
    execution_id: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What tells changes of the same instant apart; a function of the change, and in the order of versions."""
        subject = self.execution_id or f"{self.guid}_{self.incarnation}"
        return f"{self.version or 0:010d}_{subject}_{self.action}"


def created(job: Job) -> Change:
    """A job's first version."""
    return _of_job(job, Action.CREATED, job.updated_at_ms, job.updated_by)


def updated(old: Job, new: Job) -> Change:
    """Other settings; `changed` has each field with its old and its new value."""
    details = {"changed": _differences(old.settings, new.settings)}
    return _of_job(new, Action.UPDATED, new.updated_at_ms, new.updated_by, details)


def deleted(job: Job, by: str | None, now_ms: int) -> Change:
    """A job's end; the version is its last one."""
    return _of_job(job, Action.DELETED, now_ms, by)


def paused_or_resumed(job: Job) -> Change:
    """A pause begun or changed, with its reason and end; or a pause's end."""
    if job.pause is None:
        return _of_job(job, Action.RESUMED, job.updated_at_ms, job.updated_by)
    until_ms = job.pause.until_ms
    details = {
        "reason": job.pause.reason,
        "until": None if until_ms is None else to_rfc3339(until_ms),
        "until_ms": until_ms,
    }
    return _of_job(job, Action.PAUSED, job.updated_at_ms, job.updated_by, details)


def requested(job: Job, execution: Execution, by: str | None) -> Change:
    """A run now, or a retry; asked for at the execution's scheduled time."""
    action = Action.RUN if execution.retry_of is None else Action.RETRIED
    details = {} if execution.retry_of is None else {"retry_of": execution.retry_of}
    return _of_job(job, action, execution.key.scheduled_time_ms, by, details, execution.id)


def cancelled(execution: Execution, by: str | None, now_ms: int) -> Change:
    """An execution ended before its time."""
    return Change(
        service_name=execution.service_name,
        job_name=execution.job_name,
        guid=execution.key.guid,
        incarnation=execution.key.incarnation,
        at_ms=now_ms,
        by=by,
        action=Action.CANCELLED,
        execution_id=execution.id,
    )


def _of_job(
    job: Job,
    action: Action,
    at_ms: int,
    by: str | None,
    details: Mapping[str, object] | None = None,
    execution_id: str | None = None,
) -> Change:
    return Change(
        service_name=job.service_name,
        job_name=job.job_name,
        guid=job.guid,
        incarnation=job.incarnation,
        at_ms=at_ms,
        by=by,
        action=action,
        version=job.version,
        execution_id=execution_id,
        details=details or {},
    )


def _differences(old: JobSettings, new: JobSettings) -> list[dict[str, object]]:
    several = bool(old.more_schedules or new.more_schedules)
    before, after = _fields(old, several=several), _fields(new, several=several)
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return [_difference(name, before.get(name), after.get(name)) for name in changed]


def _fields(settings: JobSettings, *, several: bool) -> dict[str, object]:
    """As a PUT names them, and complete: with the timeout that follows from the ttl, and (`several`) all schedules."""
    fields = {**settings_body(settings), "timeout_seconds": settings.timeout_seconds}
    if several:
        fields.pop("schedule", None)
        fields["schedules"] = list(settings.schedules)
    return fields


def _difference(name: str, old: object, new: object) -> dict[str, object]:
    if name == "payload":
        return {"field": name}
    return {"field": name, "old": _shown(name, old), "new": _shown(name, new)}


def _shown(name: str, value: object) -> object:
    if name in ("start_at", "end_at") and isinstance(value, int):
        return to_rfc3339(value)
    if name == "notify" and isinstance(value, Mapping):
        return {**value, "target": _host_alone(str(value["target"]))}
    if name != "invocation_target" or not isinstance(value, str):
        return value
    address, mark, _ = value.partition("?")
    return f"{address}?..." if mark else address


def _host_alone(url: str) -> str:
    """Chats put the secret into the path."""
    return f"{urlsplit(url).scheme}://{host_of(url)}/..."
