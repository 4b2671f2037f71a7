"""Changes in the table of jobs: items, writes and reads."""

from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, text
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.operations import Operation, Put
from chalicelib.dynamodb.reading import Reader
from chalicelib.dynamodb.tables import BY_CHANGE, EXPIRES, Index
from jobhook.core.jobs.audit import Change
from jobhook.core.paging import Between, Page, Position
from jobhook.core.record import CHANGES
from jobhook.core.times import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Item


def put_change(change: Change, table: str, retention_days: int) -> list[Operation]:
    """An item of its own: other operations of the same transaction carry the change out."""
    item = attributes(
        {
            "pk": keys.changes_partition(change.guid),
            "sk": keys.listing_place(change.at_ms, change.id),
            "change_pk": keys.sharded("CHANGES", change.guid),
            "change": CHANGES.encode(change),
            EXPIRES: (change.at_ms + retention_days * DAY_MS) // SECOND_MS,
        }
    )
    return [Put(table, item, None, {})]


def change_of(item: "Item") -> Change:
    """The change of an item of the table or the index. An old text has the guid and the time as well."""
    at_ms, _ = _position(text(item, "sk"))
    return CHANGES.decode(text(item, "change"), {"guid": keys.guid_of_changes(text(item, "pk")), "at_ms": at_ms})


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
