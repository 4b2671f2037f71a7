"""JSON merge patch (RFC 7396), and a job's settings as the document that is patched."""

from collections.abc import Mapping

from jobhook.core.jobs.job import JobSettings, default_timeout_seconds
from jobhook.core.notifications.policy import NotificationPolicy

Document = dict[str, object]


def merged(target: object, patch: object) -> object:
    """`target` with `patch` applied: null removes a field, an object is merged, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    document: Document = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = merged(document.get(name), value)
    return document


def settings_body(settings: JobSettings) -> Document:
    """The body of a PUT that asks for these settings; a timeout that only follows from the ttl is left out.

    One schedule is `schedule`, several are `schedules`.
    """
    body: Document = {
        "description": settings.description,
        "enabled": settings.enabled,
        "end_at": settings.span.end_ms,
        "exclusive": settings.exclusive,
        "external_id": settings.external_id,
        "invocation_target": settings.invocation_target,
        "invocation_type": settings.invocation_type,
        "notify": policy_body(settings.notify),
        "payload": settings.payload,
        "response_schema": settings.response_schema,
        "retention_days": settings.retention_days,
        **({"schedules": list(settings.schedules)} if settings.more_schedules else {"schedule": settings.schedule}),
        "start_at": settings.span.start_ms,
        "state_schema": settings.state_schema,
        "tags": list(settings.tags),
        "ttl_seconds": settings.ttl_seconds,
    }
    if settings.timeout_seconds != default_timeout_seconds(settings.ttl_seconds):
        body["timeout_seconds"] = settings.timeout_seconds
    return body


def policy_body(policy: NotificationPolicy | None) -> Document | None:
    """`notify` of the body of a PUT that asks for this policy; as a GET shows it, too."""
    if policy is None:
        return None
    return {"target": policy.target, "on": [event.value for event in policy.on], "format": policy.format.value}
