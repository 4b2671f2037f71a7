"""The configuration of a job, as a PUT has it."""

from typing import Any, Required, TypedDict

from jobhook.documents.kinds import Event, Format

_Async = TypedDict("_Async", {"async": bool}, total=False)


class NotifySettings(TypedDict, total=False):
    """Which ends of a job's executions are reported, and where to. A field that is left out gets its default."""

    target: Required[str]
    on: list[Event]
    format: Format


class JobSettings(_Async, total=False):
    """The whole configuration of a job. A field that is left out gets its default.

    `schedule` is required, or `schedules` where there are several. docs/api.md has the limits and defaults.
    """

    description: str | None
    enabled: bool
    start_at: str | int | None
    end_at: str | int | None
    exclusive: bool
    external_id: str | None
    invocation_target: Required[str]
    invocation_type: str
    notify: NotifySettings | None
    payload: str | None
    retention_days: int | None
    schedule: str | None
    schedules: list[str] | None
    state_schema: dict[str, Any] | None
    response_schema: dict[str, Any] | None
    tags: list[str]
    ttl_seconds: Required[int]
    timeout_seconds: int | None


DEFAULTS: JobSettings = {  # type: ignore[typeddict-item]  # the required fields have no default
    "async": True,
    "description": None,
    "enabled": True,
    "start_at": None,
    "end_at": None,
    "exclusive": False,
    "external_id": None,
    "invocation_type": "http",
    "notify": None,
    "payload": None,
    "retention_days": None,
    "schedule": None,
    "schedules": None,
    "state_schema": None,
    "response_schema": None,
    "tags": [],
    "timeout_seconds": None,
}
"""What a field that is left out gets. The default of `timeout_seconds` depends on `ttl_seconds`."""

NOTIFY_DEFAULTS: NotifySettings = {  # type: ignore[typeddict-item]  # `target` has no default
    "on": ["failed", "timed_out", "missed", "dead_lettered", "recovered"],
    "format": "json",
}
"""What a field of `notify` that is left out gets."""


def default_timeout_seconds(ttl_seconds: int) -> int:
    """The `timeout_seconds` of a job whose settings leave it out."""
    return max(86_400, 2 * ttl_seconds)
