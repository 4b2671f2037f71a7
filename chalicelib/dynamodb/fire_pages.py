"""The pages of large fires: items of the table of schedules, and the index by schedule divided into pages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, number, text
from chalicelib.dynamodb.operations import Delete, Operation, Put, Update
from chalicelib.dynamodb.reading import Reader
from chalicelib.dynamodb.tables import BY_SCHEDULE, EXPIRES, Tables
from jobhook.adapters.start_messages import from_stored_text, to_stored_text
from jobhook.core.executions.writes import CountStarted, DropPage, PutPage
from jobhook.core.paging import Page, Position
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.core.schedules.rows import expression_hash
from jobhook.core.times import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Values


def put_page(write: PutPage, table: str, retention_days: int) -> list[Operation]:
    """The whole page. One whose schedule has gone is removed by its time to live."""
    page = write.page
    item = _key(page.key) | attributes(
        {
            "revision": page.revision,
            "page": to_stored_text(page),
            EXPIRES: (page.key.scheduled_time_ms + retention_days * DAY_MS) // SECOND_MS,
        }
    )
    if write.if_revision is None:
        return [Put(table, item, "attribute_not_exists(#pk)", {})]
    return [Put(table, item, "#revision = :read", attributes({":read": write.if_revision}))]


def drop_page(write: DropPage, table: str) -> list[Operation]:
    """The page, as it was read."""
    values = attributes({":read": write.page.revision})
    return [Delete(table, _key(write.page.key), "#revision = :read", values)]


def count_started(write: CountStarted, table: str) -> list[Operation]:
    """A number on the fire, which a page of a hundred executions changes once."""
    key = attributes({"pk": keys.fires_partition(write.expression), "sk": keys.padded(write.scheduled_time_ms)})
    values = attributes({":count": write.count, ":at_ms": write.at_ms})
    change = "ADD #count :count SET #progress_at_ms = :at_ms"
    return [Update(table, key, change, "attribute_exists(#pk)", values)]


class FirePageReads:
    """Pages, read; and the index from which they are made."""

    def __init__(self, reader: Reader, tables: Tables) -> None:
        self._reader = reader
        self._tables = tables

    def page(self, key: PageKey) -> FirePage | None:
        """By key."""
        item = self._reader.item(self._tables.schedules, _key(key))
        return from_stored_text(key, number(item, "revision"), text(item, "page")) if item else None

    def pages(self, expression: str, scheduled_time_ms: int, limit: int) -> Sequence[PageKey]:
        """One query a megabyte, for keys alone."""
        found: list[PageKey] = []
        place = _place(scheduled_time_ms, "")
        after = place
        while len(found) < limit:
            page = self._reader.query(
                self._tables.schedules,
                None,
                "#pk = :partition AND #sk BETWEEN :after AND :last",
                {"partition": _partition(expression), "after": after + keys.FIRST, "last": place + keys.LAST},
                limit=limit - len(found),
                fields="#sk",
            )
            names = [text(item, "sk").removeprefix(place) for item in page.items]
            found.extend(PageKey(expression, scheduled_time_ms, name) for name in names)
            if page.more is None:
                break
            after = text(page.more, "sk")
        return found

    def bounds(self, expression: str, after: Position | None, size: int, limit: int) -> Page[Position]:
        """Shard by shard, for keys alone; one query a megabyte. Positions: (shard, guid)."""
        shard, guid = (int(after[0]), str(after[1])) if after and len(after) == 2 else (0, "")
        seen, bounds = 0, list[Position]()
        while shard < keys.SHARDS:
            page = self._reader.query(
                self._tables.jobs,
                BY_SCHEDULE.name,
                "#schedule_pk = :partition AND #pk > :guid",
                {"partition": f"{expression}#{shard}", "guid": guid or keys.FIRST},
                limit=size * limit - seen,
                fields="#pk",
            )
            for item in page.items:
                seen += 1
                if seen % size == 0:
                    bounds.append((shard, text(item, "pk")))
            if len(bounds) == limit:
                return Page(bounds, bounds[-1])
            shard, guid = (shard, text(page.more, "pk")) if page.more else (shard + 1, "")
        return Page(bounds, None)


def _partition(expression: str) -> str:
    return f"PAGES#{expression_hash(expression)}"


def _place(scheduled_time_ms: int, name: str) -> str:
    return f"{keys.padded(scheduled_time_ms)}#{name}"


def _key(key: PageKey) -> "Values":
    return attributes({"pk": _partition(key.expression), "sk": _place(key.scheduled_time_ms, key.name)})
