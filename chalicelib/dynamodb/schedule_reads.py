"""Reads of schedules' rows and fires."""

from collections.abc import Sequence

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, text
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.schedule_items import fire_key, fire_of, schedule_key, schedule_of
from chalicelib.dynamodb.tables import BY_OPEN
from jobhook.core.schedules.rows import Fire, ScheduleRow

_MOST_QUERIES = 20
"""A megabyte each: room for some 50,000 rows, far beyond any quota of rules."""


class ScheduleReads:
    """The table of schedules and fires, read."""

    def __init__(self, reader: Reader, table: str) -> None:
        self._reader = reader
        self._table = table

    def schedule(self, expression: str) -> ScheduleRow | None:
        """By key, which is the expression's hash."""
        item = self._reader.item(self._table, schedule_key(expression))
        return schedule_of(item) if item else None

    def by_rule(self, rule_suffix: str) -> ScheduleRow | None:
        """By key too: a rule's suffix begins with the hash of its expression."""
        expression_hash, _, _ = rule_suffix.partition("-")
        if not expression_hash:
            return None
        item = self._reader.item(self._table, attributes({"pk": keys.SCHEDULE, "sk": expression_hash}))
        row = schedule_of(item) if item else None
        return row if row is not None and row.rule_suffix == rule_suffix else None

    def fire(self, expression: str, scheduled_time_ms: int) -> Fire | None:
        """By key."""
        item = self._reader.item(self._table, fire_key(expression, scheduled_time_ms))
        return fire_of(item) if item else None

    def schedules(self) -> Sequence[ScheduleRow]:
        """One partition has them all, as the quota of rules bounds their number."""
        rows: list[ScheduleRow] = []
        after = "!"
        for _ in range(_MOST_QUERIES):
            condition, values = "#pk = :partition AND #sk > :after", {"partition": keys.SCHEDULE, "after": after}
            page = self._reader.query(self._table, None, condition, values)
            rows.extend(schedule_of(item) for item in page.items)
            if page.more is None:
                break
            after = text(page.more, "sk")
        return rows

    def fires(self, expression: str, since_ms: int, until_ms: int, limit: int) -> Sequence[Fire]:
        """One query for each megabyte of them; a fire is half a kilobyte at most."""
        fires: list[Fire] = []
        while since_ms <= until_ms and len(fires) < limit:
            page = self._fires(expression, since_ms, until_ms, limit - len(fires))
            fires.extend(fire_of(item) for item in page.items)
            if page.more is None:
                break
            since_ms = int(text(page.more, "sk")) + 1
        return fires

    def latest_fires(self, expression: str, until_ms: int, limit: int) -> Sequence[Fire]:
        """One query."""
        page = self._fires(expression, 0, until_ms, limit, newest_first=True)
        return [fire_of(item) for item in page.items]

    def open_fires(self, before_ms: int, limit: int) -> Sequence[Fire]:
        """One query."""
        condition = "#open_pk = :partition AND #created_at_ms < :before_ms"
        values: Fields = {"partition": keys.OPEN_FIRES, "before_ms": before_ms}
        page = self._reader.query(self._table, BY_OPEN.name, condition, values, limit=limit)
        return [fire_of(item) for item in page.items]

    def _fires(
        self, expression: str, since_ms: int, until_ms: int, limit: int, *, newest_first: bool = False
    ) -> QueryPage:
        values = {
            "partition": keys.fires_partition(expression),
            "since": keys.padded(since_ms),
            "until": keys.padded(until_ms),
        }
        condition = "#pk = :partition AND #sk BETWEEN :since AND :until"
        return self._reader.query(self._table, None, condition, values, limit=limit, newest_first=newest_first)
