"""Reads of executions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, number, text
from chalicelib.dynamodb.execution_items import execution_of, key_of, listed_execution_of
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.tables import BY_ALL, BY_EXPIRY, BY_NOTIFY, BY_SERVICE, BY_STATUS, BY_UNTOLD, Index
from jobhook.core.executions.execution import Execution, Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import ExecutionFilter, Page, Position

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Item

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
