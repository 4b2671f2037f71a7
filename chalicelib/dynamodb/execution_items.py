"""Executions as DynamoDB items and back: what listings show in one attribute, what they leave out in others."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, flag, number, text, text_or_none, texts
from chalicelib.dynamodb.documents import Document, from_text, to_text, whole, whole_or_none, word, word_or_none
from chalicelib.dynamodb.notification_texts import events_of, notification_of, notification_text
from chalicelib.dynamodb.tables import EXPIRES
from jobhook.core.executions.execution import Attempt, Execution, Status, Trigger
from jobhook.core.identities import ExecutionKey
from jobhook.core.times import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.dynamodb.attributes import Item, Plain, Values


def execution_item(execution: Execution, retention_days: int) -> "Values":
    """The whole record, with a place in each index that it belongs in."""
    key = execution.key
    responses = [attempt.response for attempt in execution.attempts]
    return attributes(
        {
            "pk": keys.executions_partition(key.guid, key.incarnation),
            "sk": key.scheduled_time_ms,
            "service_name": execution.service_name,
            "status": execution.status.value,
            "revision": execution.revision,
            "told": execution.workflow_reported,
            "listing": _listing_text(execution),
            "payload": execution.payload,
            "state": execution.state,
            "state_schema": to_text(execution.state_schema) if execution.state_schema is not None else None,
            "task_token": execution.task_token,
            "responses": responses if any(response is not None for response in responses) else None,
            "expires_at_ms": execution.expires_at_ms,
            "ended_at_ms": execution.ended_at_ms,
            "notify_on": ",".join(execution.notify_on) or None,
            **_notification_attributes(execution),
            **_places(execution),
            EXPIRES: _removed_at(execution, retention_days),
        }
    )


def execution_of(item: "Item") -> Execution:
    """The execution of an item; without what the index leaves out where the item comes from one."""
    listed = _listed(item)
    schema = text_or_none(item, "state_schema")
    responses = texts(item, "responses")
    return replace(
        listed,
        payload=text_or_none(item, "payload"),
        state=text_or_none(item, "state"),
        state_schema=None if schema is None else cast("Mapping[str, object]", from_text(schema)),
        task_token=text_or_none(item, "task_token"),
        notify_on=events_of(text_or_none(item, "notify_on")),
        notification=notification_of(text_or_none(item, "notification")),
        attempts=tuple(
            replace(attempt, response=responses[place] if responses else None)
            for place, attempt in enumerate(listed.attempts)
        ),
    )


def listed_execution_of(item: "Item") -> Execution:
    """The execution of an item as listings show it, wherever the item comes from."""
    return _listed(item)


def key_of(item: "Item") -> ExecutionKey:
    """The execution's key; every index has it."""
    return keys.execution_key(text(item, "pk"), number(item, "sk"))


def _notification_attributes(execution: Execution) -> "dict[str, Plain]":
    notification = execution.notification
    if notification is None:
        return {}
    pending = notification.next_at_ms is not None
    return {
        "notification": notification_text(notification),
        "notify_at_ms": notification.next_at_ms,
        "notify_pk": keys.sharded("NOTIFY", execution.key.guid) if pending else None,
    }


def _places(execution: Execution) -> "dict[str, Plain]":
    """The keys of the indexes. The sparse ones hold only what is open, untold, or did not (yet) succeed."""
    key = execution.key
    succeeded = execution.status is Status.SUCCESS
    expires = not execution.ended and execution.expires_at_ms is not None
    unreported = execution.ended and not execution.workflow_reported
    return {
        "place": keys.listing_place(key.scheduled_time_ms, key.id),
        "all_pk": keys.sharded("ALL", key.guid),
        "service_pk": keys.sharded(execution.service_name, key.guid),
        "status_pk": None if succeeded else keys.sharded(execution.status, key.guid),
        "expiry_pk": keys.sharded("EXPIRY", key.guid) if expires else None,
        "untold_pk": keys.sharded("UNTOLD", key.guid) if unreported else None,
    }


def _removed_at(execution: Execution, retention_days: int) -> int | None:
    """An open execution stays, however old it is: what it waits for may still come."""
    if not execution.ended:
        return None
    ended_at_ms = execution.ended_at_ms or execution.key.scheduled_time_ms
    return (ended_at_ms + (execution.retention_days or retention_days) * DAY_MS) // SECOND_MS


def _listing_text(execution: Execution) -> str:
    return to_text(
        {
            "job_name": execution.job_name,
            "schedule": execution.schedule,
            "ttl_seconds": execution.ttl_seconds,
            "invocation_target": execution.invocation_target,
            "reason": execution.reason,
            "started_at_ms": execution.started_at_ms,
            "service_invoked_at_ms": execution.service_invoked_at_ms,
            "ended_at_ms": execution.ended_at_ms,
            "expires_at_ms": execution.expires_at_ms,
            "timeout_at_ms": execution.timeout_at_ms,
            "invocation_latency_ms": execution.invocation_latency_ms,
            "summary": execution.summary,
            "correlation_id": execution.correlation_id,
            "error": execution.error,
            "progress": execution.progress,
            "holds_lock": execution.holds_lock,
            "trigger": None if execution.trigger is Trigger.SCHEDULE else execution.trigger.value,
            "retry_of": execution.retry_of,
            "retried_by": execution.retried_by,
            "retention_days": execution.retention_days,
            "attempts": [_attempt_document(attempt) for attempt in execution.attempts],
        }
    )


def _listed(item: "Item") -> Execution:
    listing = from_text(text(item, "listing"))
    return Execution(
        key=key_of(item),
        service_name=text(item, "service_name"),
        job_name=word(listing, "job_name"),
        schedule=word(listing, "schedule"),
        status=Status(text(item, "status")),
        ttl_seconds=whole(listing, "ttl_seconds"),
        invocation_target=word(listing, "invocation_target"),
        reason=word_or_none(listing, "reason"),
        started_at_ms=whole_or_none(listing, "started_at_ms"),
        service_invoked_at_ms=whole_or_none(listing, "service_invoked_at_ms"),
        ended_at_ms=whole_or_none(listing, "ended_at_ms"),
        expires_at_ms=whole_or_none(listing, "expires_at_ms"),
        timeout_at_ms=whole_or_none(listing, "timeout_at_ms"),
        invocation_latency_ms=whole_or_none(listing, "invocation_latency_ms"),
        attempts=tuple(_attempt_of(attempt) for attempt in cast("list[Document]", listing["attempts"])),
        summary=word_or_none(listing, "summary"),
        correlation_id=word_or_none(listing, "correlation_id"),
        error=word_or_none(listing, "error"),
        progress=whole_or_none(listing, "progress"),
        holds_lock=listing["holds_lock"] is True,
        workflow_reported=flag(item, "told"),
        revision=number(item, "revision"),
        trigger=Trigger(word_or_none(listing, "trigger") or Trigger.SCHEDULE),
        retry_of=word_or_none(listing, "retry_of"),
        retried_by=word_or_none(listing, "retried_by"),
        retention_days=whole_or_none(listing, "retention_days"),
    )


def _attempt_document(attempt: Attempt) -> Document:
    fields: Document = {
        "number": attempt.number,
        "at_ms": attempt.at_ms,
        "token_hash": attempt.token_hash,
        "http_status": attempt.http_status,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
        "refused": attempt.refused or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _attempt_of(document: Document) -> Attempt:
    return Attempt(
        number=whole(document, "number"),
        at_ms=whole(document, "at_ms"),
        token_hash=word(document, "token_hash"),
        http_status=whole_or_none(document, "http_status"),
        error=word_or_none(document, "error"),
        duration_ms=whole_or_none(document, "duration_ms"),
        refused="refused" in document,
    )
