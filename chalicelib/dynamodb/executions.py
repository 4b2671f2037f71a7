"""Executions: items (listings get one attribute, the rest has its own), writes and reads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, flag, number, text, text_or_none, texts
from chalicelib.dynamodb.documents import Document, from_text, to_text, whole, whole_or_none, word, word_or_none
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.notification_texts import events_of, notification_of, notification_text
from chalicelib.dynamodb.operations import Operation, Put, Update
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.tables import BY_ALL, BY_EXPIRY, BY_NOTIFY, BY_SERVICE, BY_STATUS, BY_UNTOLD, EXPIRES, Index
from jobhook.core.executions.execution import OPEN, Attempt, Execution, Status, Trigger
from jobhook.core.executions.writes import MarkReported, PutExecution
from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import ExecutionFilter, Page, Position
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
    listed = listed_execution_of(item)
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


def listed_execution_of(item: "Item") -> Execution:
    """The execution of an item as listings show it, wherever the item comes from."""
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


def put_execution(write: PutExecution, table: str, retention_days: int) -> list[Operation]:
    """The whole record, on the revision that was read."""
    if write.if_revision is None:
        return [put_absent(write.execution, table, retention_days)]
    item = execution_item(write.execution, retention_days)
    return [Put(table, item, "#revision = :revision", attributes({":revision": write.if_revision}))]


def put_absent(execution: Execution, table: str, retention_days: int) -> Put:
    """The whole record, if there is none."""
    return Put(table, execution_item(execution, retention_days), "attribute_not_exists(#pk)", {})


def mark_reported(write: MarkReported, table: str) -> list[Operation]:
    """Takes the record out of the index of untold ones. The revision stays: nothing was decided anew."""
    key = attributes(
        {"pk": keys.executions_partition(write.key.guid, write.key.incarnation), "sk": write.key.scheduled_time_ms}
    )
    still_open = {f":{status.value}": status.value for status in sorted(OPEN)}
    condition = f"attribute_exists(#pk) AND NOT (#status IN ({', '.join(still_open)}))"
    values = attributes({":told": True, **still_open})
    return [Update(table, key, "SET #told = :told REMOVE #untold_pk", condition, values)]


_LATEST_MS = 10**keys.TIME_DIGITS - 1
_LOOKED_AT = 1_000
"""So many items a partition may a query look at where only some of them are shown; a megabyte ends it sooner."""


class ExecutionReads:
    """The table of executions, read."""

    def __init__(self, reader: Reader, table: str) -> None:
        self._reader = reader
        self._table = table

    def execution(self, key: ExecutionKey) -> Execution | None:
        """By key."""
        partition = keys.executions_partition(key.guid, key.incarnation)
        item = self._reader.item(self._table, attributes({"pk": partition, "sk": key.scheduled_time_ms}))
        return execution_of(item) if item else None

    def of_job(self, job: ExecutionKey, only: ExecutionFilter, after: Position | None, limit: int) -> Page[Execution]:
        """One query: the job's partition of the table itself. Of `job` the time plays no part."""
        low, high = only.since_ms or 0, _LATEST_MS if only.until_ms is None else only.until_ms
        if after is not None:
            time_ms, seen = int(after[0]), str(after[1])
            own = ExecutionKey(job.guid, job.incarnation, time_ms).id
            high = min(high, time_ms if own < seen else time_ms - 1)
        if low > high:
            return Page([], None)
        condition = "#pk = :partition AND #sk BETWEEN :low AND :high"
        values = {"partition": keys.executions_partition(job.guid, job.incarnation), "low": low, "high": high}
        page = self._newest(None, condition, values, _status(only), limit)
        more = None if page.more is None else _position(key_of(page.more))
        return _page([Part(_listed(page.items), more)], limit)

    def of_service(
        self, service_name: str, only: ExecutionFilter, after: Position | None, limit: int
    ) -> Page[Execution]:
        """One query a shard: of the service's, or of those with that status where the status is a rare one."""
        if _is_rare(only.status):
            return self._listing(BY_STATUS, only.status or "", only, after, limit, {"service_name": service_name})
        return self._listing(BY_SERVICE, service_name, only, after, limit, _status(only))

    def of_all(self, only: ExecutionFilter, after: Position | None, limit: int) -> Page[Execution]:
        """One query a shard, as for a service."""
        if _is_rare(only.status):
            return self._listing(BY_STATUS, only.status or "", only, after, limit, {})
        return self._listing(BY_ALL, "ALL", only, after, limit, _status(only))

    def overdue(self, before_ms: int, limit: int) -> Sequence[Execution]:
        """One query a shard."""
        condition = "#expiry_pk = :partition AND #expires_at_ms < :before_ms"
        found: list[Execution] = []
        for partition in keys.shards("EXPIRY"):
            values: Fields = {"partition": partition, "before_ms": before_ms}
            found.extend(_listed(self._oldest(BY_EXPIRY, condition, values, limit)))
        return sorted(found, key=lambda execution: (execution.expires_at_ms or 0, execution.id))[:limit]

    def unreported(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        """One query a shard."""
        return [key for _, key in self._before(BY_UNTOLD, "UNTOLD", before_ms, limit)]

    def due_notifications(self, before_ms: int, limit: int) -> Sequence[DueNotification]:
        """One query a shard."""
        due = self._before(BY_NOTIFY, "NOTIFY", before_ms, limit)
        return [DueNotification(key, at_ms) for at_ms, key in due]

    def _before(self, index: Index, prefix: str, before_ms: int, limit: int) -> Sequence[tuple[int, ExecutionKey]]:
        """What comes first in an index whose sort key is a time, before that instant."""
        time = index.sort[0]
        condition = f"#{index.partition} = :partition AND #{time} < :before_ms"
        found: list[tuple[int, ExecutionKey]] = []
        for partition in keys.shards(prefix):
            items = self._oldest(index, condition, {"partition": partition, "before_ms": before_ms}, limit)
            found.extend((number(item, time), key_of(item)) for item in items)
        return sorted(found)[:limit]

    def _listing(
        self, index: Index, prefix: str, only: ExecutionFilter, after: Position | None, limit: int, fields: Fields
    ) -> Page[Execution]:
        low = keys.padded(only.since_ms or 0)
        high = keys.padded(_LATEST_MS if only.until_ms is None else only.until_ms) + keys.LAST
        seen = None if after is None else keys.listing_place(int(after[0]), str(after[1]))
        high = min(high, seen or high)
        if low > high:
            return Page([], None)
        parts = [self._part(index, shard, low, high, seen, limit, fields) for shard in keys.shards(prefix)]
        return _page(parts, limit)

    def _part(
        self, index: Index, partition: str, low: str, high: str, seen: str | None, limit: int, fields: Fields
    ) -> Part[Execution]:
        condition = f"#{index.partition} = :partition AND #place BETWEEN :low AND :high"
        values = {"partition": partition, "low": low, "high": high}
        # One more than is asked for: the first may be the one after which the page starts.
        page = self._newest(index, condition, values, fields, limit + 1)
        items = [item for item in page.items if text(item, "place") != seen]
        return Part(_listed(items), None if page.more is None else _position(key_of(page.more)))

    def _newest(self, index: Index | None, condition: str, values: Fields, fields: Fields, limit: int) -> QueryPage:
        return self._reader.query(
            self._table,
            index.name if index else None,
            condition,
            values,
            limit=_LOOKED_AT if fields else limit,
            newest_first=True,
            only=fields,
        )

    def _oldest(self, index: Index, condition: str, values: Fields, limit: int) -> "Sequence[Item]":
        return self._reader.query(self._table, index.name, condition, values, limit=limit).items


def _is_rare(status: str | None) -> bool:
    """Success is nearly everything, so it has no index of its own: it is found by passing over the rest."""
    return status is not None and status != Status.SUCCESS


def _status(only: ExecutionFilter) -> Fields:
    return {} if only.status is None else {"status": only.status}


def _listed(items: "Sequence[Item]") -> list[Execution]:
    return [listed_execution_of(item) for item in items]


def _position(key: ExecutionKey) -> Position:
    return (key.scheduled_time_ms, key.id)


def _page(parts: Sequence[Part[Execution]], limit: int) -> Page[Execution]:
    return merged(parts, lambda execution: _position(execution.key), limit, newest_first=True)
