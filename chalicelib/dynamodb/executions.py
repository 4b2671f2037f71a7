"""Executions: their items (an attribute for each part of the record), writes and reads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys, old_items
from chalicelib.dynamodb.attributes import attributes, flag, number, text, text_or_none, texts
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.operations import Operation, Put, Update
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.tables import BY_ALL, BY_EXPIRY, BY_NOTIFY, BY_SERVICE, BY_STATUS, BY_UNTOLD, EXPIRES, Index
from jobhook.core.executions.execution import OPEN, Execution, Status
from jobhook.core.executions.writes import MarkReported, PutExecution
from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import ExecutionFilter, Page, Position
from jobhook.core.record import EXECUTIONS, Columns, ExecutionParts
from jobhook.core.times import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Item, Plain, Values


def execution_item(execution: Execution, retention_days: int) -> "Values":
    """The whole record, with a place in each index that it belongs in."""
    key, responses = execution.key, [attempt.response for attempt in execution.attempts]
    answered = any(response is not None for response in responses)
    parts = EXECUTIONS.encode(_with_responses(execution, [None] * len(responses)) if answered else execution)
    return attributes(
        {
            "pk": keys.executions_partition(key.guid, key.incarnation),
            "sk": key.scheduled_time_ms,
            "service_name": execution.service_name,
            "status": execution.status.value,
            "revision": execution.revision,
            "told": execution.workflow_reported,
            **parts._asdict(),
            "responses": responses if answered else None,
            "expires_at_ms": execution.expires_at_ms,
            "ended_at_ms": execution.ended_at_ms,
            **_places(execution),
            EXPIRES: _removed_at(execution, retention_days),
        }
    )


def execution_of(item: "Item") -> Execution:
    """The execution of an item of the table."""
    listing = text(item, "listing")
    if old_items.is_old_listing(listing):
        parts = old_items.execution_parts(item)
    else:
        parts = ExecutionParts(listing, *(text_or_none(item, name) for name in ExecutionParts._fields[1:]))
    execution = EXECUTIONS.decode(_columns(item), parts)
    return _with_responses(execution, texts(item, "responses")) if "responses" in item else execution


def listed_execution_of(item: "Item") -> Execution:
    """The execution of an item as listings show it, from the table or from an index that projects the listing."""
    listing = text(item, "listing")
    if old_items.is_old_listing(listing):
        listing = old_items.execution_parts(item).listing
    return EXECUTIONS.decode(_columns(item), ExecutionParts(listing))


def _with_responses(execution: Execution, responses: Sequence[str | None]) -> Execution:
    """Responses are a list of their own: as JSON they could be so long that the item exceeds DynamoDB's limit."""
    pairs = zip(execution.attempts, responses, strict=True)
    return replace(execution, attempts=tuple(replace(attempt, response=response) for attempt, response in pairs))


def _columns(item: "Item") -> Columns:
    return {
        "key": key_of(item),
        "service_name": text(item, "service_name"),
        "status": text(item, "status"),
        "revision": number(item, "revision"),
        "workflow_reported": flag(item, "told"),
    }


def key_of(item: "Item") -> ExecutionKey:
    """The execution's key; every index has it."""
    return keys.execution_key(text(item, "pk"), number(item, "sk"))


def _places(execution: Execution) -> "dict[str, Plain]":
    """The keys of the indexes. The sparse ones hold what is open, unreported, unsuccessful or to notify."""
    key = execution.key
    succeeded = execution.status is Status.SUCCESS
    expires = not execution.ended and execution.expires_at_ms is not None
    unreported = execution.ended and not execution.workflow_reported
    notify_at_ms = None if execution.notification is None else execution.notification.next_at_ms
    return {
        "place": keys.listing_place(key.scheduled_time_ms, key.id),
        "all_pk": keys.sharded("ALL", key.guid),
        "service_pk": keys.sharded(execution.service_name, key.guid),
        "status_pk": None if succeeded else keys.sharded(execution.status, key.guid),
        "expiry_pk": keys.sharded("EXPIRY", key.guid) if expires else None,
        "untold_pk": keys.sharded("UNTOLD", key.guid) if unreported else None,
        "notify_pk": None if notify_at_ms is None else keys.sharded("NOTIFY", key.guid),
        "notify_at_ms": notify_at_ms,
    }


def _removed_at(execution: Execution, retention_days: int) -> int | None:
    """An open execution is kept, however old it is: its callback may still come."""
    if not execution.ended:
        return None
    ended_at_ms = execution.ended_at_ms or execution.key.scheduled_time_ms
    return (ended_at_ms + (execution.retention_days or retention_days) * DAY_MS) // SECOND_MS


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
    """Takes the record out of the index of unreported ones. The revision stays: this decides nothing."""
    key = attributes(
        {"pk": keys.executions_partition(write.key.guid, write.key.incarnation), "sk": write.key.scheduled_time_ms}
    )
    still_open = {f":{status.value}": status.value for status in sorted(OPEN)}
    condition = f"attribute_exists(#pk) AND NOT (#status IN ({', '.join(still_open)}))"
    values = attributes({":told": True, **still_open})
    return [Update(table, key, "SET #told = :told REMOVE #untold_pk", condition, values)]


_LATEST_MS = 10**keys.TIME_DIGITS - 1
_LOOKED_AT = 1_000
"""How many items a query looks at where a filter shows only some of them; a megabyte ends it sooner."""


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
        """The first items of an index whose sort key is a time, before that instant."""
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
