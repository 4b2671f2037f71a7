"""Changes in the table of jobs: items, writes and reads."""

from typing import TYPE_CHECKING, cast

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, text
from chalicelib.dynamodb.documents import from_text, to_text, whole, whole_or_none, word, word_or_none
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.operations import Operation, Put
from chalicelib.dynamodb.reading import Reader
from chalicelib.dynamodb.tables import BY_CHANGE, EXPIRES, Index
from jobhook.core.jobs.audit import Action, Change
from jobhook.core.paging import Between, Page, Position
from jobhook.core.times import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.dynamodb.attributes import Item


def put_change(change: Change, table: str, retention_days: int) -> list[Operation]:
    """An item of its own: what is changed is changed by other operations of the same transaction."""
    item = attributes(
        {
            "pk": keys.changes_partition(change.guid),
            "sk": keys.listing_place(change.at_ms, change.id),
            "change_pk": keys.sharded("CHANGES", change.guid),
            "change": _change_text(change),
            EXPIRES: (change.at_ms + retention_days * DAY_MS) // SECOND_MS,
        }
    )
    return [Put(table, item, None, {})]


def change_of(item: "Item") -> Change:
    """The change of an item, wherever the item comes from."""
    document = from_text(text(item, "change"))
    return Change(
        service_name=word(document, "service_name"),
        job_name=word(document, "job_name"),
        guid=word(document, "guid"),
        incarnation=word(document, "incarnation"),
        at_ms=whole(document, "at_ms"),
        by=word_or_none(document, "by"),
        action=Action(word(document, "action")),
        version=whole_or_none(document, "version"),
        execution_id=word_or_none(document, "execution_id"),
        details=cast("Mapping[str, object]", document["details"]),
    )


def _change_text(change: Change) -> str:
    return to_text(
        {
            "service_name": change.service_name,
            "job_name": change.job_name,
            "guid": change.guid,
            "incarnation": change.incarnation,
            "at_ms": change.at_ms,
            "by": change.by,
            "action": change.action.value,
            "version": change.version,
            "execution_id": change.execution_id,
            "details": change.details,
        }
    )


_LATEST_MS = 10**keys.TIME_DIGITS - 1


class ChangeReads:
    """The changes in the table of jobs, read."""

    def __init__(self, reader: Reader, table: str) -> None:
        self._reader = reader
        self._table = table

    def of_job(self, guid: str, span: Between, after: Position | None, limit: int) -> Page[Change]:
        """One query."""
        return self._listing(None, [keys.changes_partition(guid)], span, after, limit)

    def of_all(self, span: Between, after: Position | None, limit: int) -> Page[Change]:
        """One query a shard."""
        return self._listing(BY_CHANGE, keys.shards("CHANGES"), span, after, limit)

    def _listing(
        self, index: Index | None, partitions: list[str], span: Between, after: Position | None, limit: int
    ) -> Page[Change]:
        low = keys.padded(span.since_ms or 0)
        high = keys.padded(_LATEST_MS if span.until_ms is None else span.until_ms) + keys.LAST
        seen = None if after is None else keys.listing_place(int(after[0]), str(after[1]))
        high = min(high, seen or high)
        if low > high:
            return Page([], None)
        parts = [self._part(index, partition, low, high, seen, limit) for partition in partitions]
        return merged(parts, lambda change: (change.at_ms, change.id), limit, newest_first=True)

    def _part(
        self, index: Index | None, partition: str, low: str, high: str, seen: str | None, limit: int
    ) -> Part[Change]:
        condition = f"#{index.partition if index else 'pk'} = :partition AND #sk BETWEEN :low AND :high"
        values = {"partition": partition, "low": low, "high": high}
        page = self._reader.query(
            self._table,
            index.name if index else None,
            condition,
            values,
            limit=limit + 1,  # the first may be the one after which the page starts
            newest_first=True,
        )
        items = [item for item in page.items if text(item, "sk") != seen]
        return Part([change_of(item) for item in items], _position(text(page.more, "sk")) if page.more else None)


def _position(place: str) -> Position:
    time_ms, _, change_id = place.partition("#")
    return (int(time_ms), change_id)
