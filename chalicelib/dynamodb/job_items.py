"""Jobs and what is kept beside them, as DynamoDB items and back."""

from typing import TYPE_CHECKING, cast

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, number, text, text_or_none
from chalicelib.dynamodb.documents import Document, from_text, to_text, whole, whole_or_none, word, word_or_none
from chalicelib.dynamodb.notification_texts import events_of, policy_of, policy_parts
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.job import Job, JobSettings, LastSuccess, ScheduledJob, Service
from jobhook.core.jobs.pause import Pause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.dynamodb.attributes import Item, Values


def job_item(job: Job) -> "Values":
    """The CONFIG item."""
    return attributes(
        {
            "pk": job.guid,
            "sk": keys.CONFIG,
            "name_pk": keys.sharded("JOBS", job.service_name),
            "name_sk": keys.name_place(job.service_name, job.job_name),
            "version": job.version,
            "incarnation": job.incarnation,
            "listing": _listing_text(job),
            "payload": job.settings.payload,
        }
    )


def job_schedule_item(job: Job, expression: str) -> "Values":
    """The item that is the job's place in the index of one of its schedules."""
    place = {"schedule_pk": keys.sharded(expression, job.guid), "scheduled": _scheduled_text(job.scheduled(expression))}
    return job_schedule_key(job.guid, expression) | attributes(place)


def job_schedule_key(guid: str, expression: str) -> "Values":
    """The key of that item."""
    return attributes({"pk": guid, "sk": keys.job_schedule_item(expression)})


def job_of(item: "Item") -> Job:
    """The job of a CONFIG item; without its payload where the item comes from an index."""
    listing = from_text(text(item, "listing"))
    return Job(
        service_name=word(listing, "service_name"),
        job_name=word(listing, "job_name"),
        incarnation=word(listing, "incarnation"),
        settings=_settings_of(listing, text_or_none(item, "payload")),
        version=number(item, "version"),
        created_at_ms=whole(listing, "created_at_ms"),
        updated_at_ms=whole(listing, "updated_at_ms"),
        effective_from_ms=whole(listing, "effective_from_ms"),
        guid=text(item, "pk"),
        pause=_pause_of(listing),
        created_by=word_or_none(listing, "created_by"),
        updated_by=word_or_none(listing, "updated_by"),
        more_from_ms=tuple(since_ms for _, since_ms in _pairs(listing, "more_schedules")),
    )


def scheduled_job_of(item: "Item") -> ScheduledJob:
    """What the index by schedule holds of a job."""
    scheduled = from_text(text(item, "scheduled"))
    return ScheduledJob(
        service_name=word(scheduled, "service_name"),
        job_name=word(scheduled, "job_name"),
        guid=text(item, "pk"),
        incarnation=word(scheduled, "incarnation"),
        ttl_seconds=whole(scheduled, "ttl_seconds"),
        timeout_seconds=whole(scheduled, "timeout_seconds"),
        effective_from_ms=whole(scheduled, "effective_from_ms"),
        pause=_pause_of(scheduled),
        span=_span_of(scheduled),
        retention_days=whole_or_none(scheduled, "retention_days"),
        others=_pairs(scheduled, "others"),
        notify_on=events_of(word_or_none(scheduled, "notify_on")),
    )


def last_success_item(guid: str, incarnation: str, success: LastSuccess) -> "Values":
    """The LAST item of an incarnation that has succeeded."""
    return attributes(
        {
            "pk": guid,
            "sk": keys.last_item(incarnation),
            "scheduled_time_ms": success.scheduled_time_ms,
            "service_invoked_at_ms": success.service_invoked_at_ms,
            "state": success.state,
            "summary": success.summary,
        }
    )


def last_success_of(item: "Item") -> LastSuccess | None:
    """The last success of a LAST item; None for the empty one that a job begins with."""
    if "scheduled_time_ms" not in item:
        return None
    incarnation = text(item, "sk").removeprefix(keys.last_item(""))
    scheduled_time_ms = number(item, "scheduled_time_ms")
    return LastSuccess(
        execution_id=ExecutionKey(text(item, "pk"), incarnation, scheduled_time_ms).id,
        scheduled_time_ms=scheduled_time_ms,
        service_invoked_at_ms=number(item, "service_invoked_at_ms") if "service_invoked_at_ms" in item else None,
        state=text_or_none(item, "state"),
        summary=text_or_none(item, "summary"),
    )


def lock_key(key: ExecutionKey) -> "Values":
    """The key of the lock that the execution takes, or holds."""
    return attributes({"pk": key.guid, "sk": keys.lock_item(key.incarnation)})


def service_of(item: "Item") -> Service:
    """A service's own item."""
    return Service(text(item, "name_sk"), number(item, "jobs"))


def _scheduled_text(job: ScheduledJob) -> str:
    return to_text(
        {
            "service_name": job.service_name,
            "job_name": job.job_name,
            "incarnation": job.incarnation,
            "ttl_seconds": job.ttl_seconds,
            "timeout_seconds": job.timeout_seconds,
            "effective_from_ms": job.effective_from_ms,
            "pause": _pause_parts(job.pause),
            "start_at_ms": job.span.start_ms,
            "end_at_ms": job.span.end_ms,
            "retention_days": job.retention_days,
            "others": job.others or None,
            "notify_on": ",".join(job.notify_on) or None,
        }
    )


def _listing_text(job: Job) -> str:
    settings = job.settings
    return to_text(
        {
            "service_name": job.service_name,
            "job_name": job.job_name,
            "incarnation": job.incarnation,
            "created_at_ms": job.created_at_ms,
            "updated_at_ms": job.updated_at_ms,
            "created_by": job.created_by,
            "updated_by": job.updated_by,
            "effective_from_ms": job.effective_from_ms,
            "pause": _pause_parts(job.pause),
            "invocation_target": settings.invocation_target,
            "invocation_type": settings.invocation_type,
            "schedule": settings.schedule,
            "ttl_seconds": settings.ttl_seconds,
            "timeout_seconds": settings.timeout_seconds,
            "enabled": settings.enabled,
            "exclusive": settings.exclusive,
            "state_schema": settings.state_schema,
            "response_schema": settings.response_schema,
            "description": settings.description,
            "tags": settings.tags or None,
            "external_id": settings.external_id,
            "start_at_ms": settings.span.start_ms,
            "end_at_ms": settings.span.end_ms,
            "retention_days": settings.retention_days,
            "notify": policy_parts(settings.notify),
            "more_schedules": list(zip(settings.more_schedules, job.more_from_ms, strict=True)) or None,
        }
    )


def _pairs(document: Document, name: str) -> tuple[tuple[str, int], ...]:
    """Schedules, each with since when it is in effect; none where the document has none."""
    pairs = cast("list[tuple[str, int]]", document.get(name, []))
    return tuple((expression, since_ms) for expression, since_ms in pairs)


def _pause_parts(pause: Pause | None) -> list[str | int | None] | None:
    return None if pause is None else [pause.reason, pause.from_ms, pause.until_ms]


def _pause_of(document: Document) -> Pause | None:
    parts = cast("tuple[str, int, int | None] | None", document.get("pause"))
    return None if parts is None else Pause(*parts)


def _span_of(document: Document) -> Span:
    return Span(whole_or_none(document, "start_at_ms"), whole_or_none(document, "end_at_ms"))


def _settings_of(listing: Document, payload: str | None) -> JobSettings:
    return JobSettings(
        invocation_target=word(listing, "invocation_target"),
        invocation_type=word(listing, "invocation_type"),
        schedule=word(listing, "schedule"),
        ttl_seconds=whole(listing, "ttl_seconds"),
        timeout_seconds=whole(listing, "timeout_seconds"),
        enabled=listing["enabled"] is True,
        exclusive=listing["exclusive"] is True,
        payload=payload,
        state_schema=cast("Mapping[str, object] | None", listing.get("state_schema")),
        response_schema=cast("Mapping[str, object] | None", listing.get("response_schema")),
        description=word_or_none(listing, "description"),
        tags=tuple(cast("list[str]", listing.get("tags", []))),
        external_id=word_or_none(listing, "external_id"),
        span=_span_of(listing),
        retention_days=whole_or_none(listing, "retention_days"),
        more_schedules=tuple(expression for expression, _ in _pairs(listing, "more_schedules")),
        notify=policy_of(listing),
    )
