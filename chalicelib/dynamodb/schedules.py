"""Schedules' rows and fires: items, writes and reads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import Plain, attributes, number, text, text_or_none
from chalicelib.dynamodb.operations import Delete, Operation, Put, Update
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.tables import BY_OPEN, EXPIRES
from jobhook.core.executions.writes import CheckedUntil, CountSchedule, DropSchedule, FireDone, PutFire, PutSchedule
from jobhook.core.record import SCHEDULES
from jobhook.core.schedules.rows import Fire, FireState, RuleState, ScheduleRow, expression_hash
from jobhook.core.times import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Item, Values


def schedule_key(expression: str) -> "Values":
    """The key of a schedule's row."""
    return attributes({"pk": keys.SCHEDULE, "sk": expression_hash(expression)})


def schedule_item(row: ScheduleRow) -> "Values":
    """A schedule's row."""
    return schedule_key(row.expression) | attributes(
        {
            "expression": row.expression,
            "generation": row.generation,
            "state": row.state.value,
            "jobs": row.jobs,
            "checked_until_ms": row.checked_until_ms,
            "record": SCHEDULES.encode(row),
        }
    )


def schedule_of(item: "Item") -> ScheduleRow:
    """The row of such an item."""
    columns: dict[str, object] = {
        "expression": text(item, "expression"),
        "generation": text(item, "generation"),
        "state": text(item, "state"),
        "jobs": number(item, "jobs"),
        "checked_until_ms": number(item, "checked_until_ms"),
    }
    if "record" in item:
        return SCHEDULES.decode(text(item, "record"), columns)
    return SCHEDULES.decode("{}", {**columns, "created_at_ms": number(item, "created_at_ms")})  # an old item


def fire_key(expression: str, scheduled_time_ms: int) -> "Values":
    """The key of a fire."""
    return attributes({"pk": keys.fires_partition(expression), "sk": keys.padded(scheduled_time_ms)})


def fire_item(fire: Fire, retention_days: int) -> "Values":
    """A fire; only an open one has a place in the index of open fires, which projects each field as an attribute."""
    opened = fire.state is FireState.OPEN
    return fire_key(fire.expression, fire.scheduled_time_ms) | attributes(
        {
            "expression": fire.expression,
            "state": fire.state.value,
            "created_at_ms": fire.created_at_ms,
            "until_ms": fire.until_ms,
            "count": fire.count,
            "reason": fire.reason,
            "progress_at_ms": fire.progress_at_ms,
            "open_pk": keys.OPEN_FIRES if opened else None,
            EXPIRES: (fire.created_at_ms + retention_days * DAY_MS) // SECOND_MS,
        }
    )


def fire_of(item: "Item") -> Fire:
    """The fire of such an item."""
    return Fire(
        expression=text(item, "expression"),
        scheduled_time_ms=int(text(item, "sk")),
        state=FireState(text(item, "state")),
        created_at_ms=number(item, "created_at_ms"),
        until_ms=number(item, "until_ms"),
        count=number(item, "count"),
        reason=text_or_none(item, "reason"),
        progress_at_ms=number(item, "progress_at_ms") if "progress_at_ms" in item else None,
    )


def put_schedule(write: PutSchedule, table: str) -> list[Operation]:
    """The whole row, on the generation, state and count that were read."""
    item = schedule_item(write.row)
    if write.if_generation is None:
        return [Put(table, item, "attribute_not_exists(#pk)", {})]
    read: dict[str, Plain] = {":generation": write.if_generation, ":jobs": write.if_jobs, ":state": write.if_state}
    condition = "#generation = :generation AND #jobs = :jobs"
    if write.if_state is not None:
        condition += " AND #state = :state"
    return [Put(table, item, condition, attributes(read))]


def drop_schedule(write: DropSchedule, table: str) -> list[Operation]:
    """The row, while no job counts on it."""
    condition = "#generation = :generation AND #state = :state AND #jobs = :none"
    values = attributes({":generation": write.generation, ":state": write.if_state, ":none": 0})
    return [Delete(table, schedule_key(write.expression), condition, values)]


def count_schedule(write: CountSchedule, table: str) -> list[Operation]:
    """The row's count, while its generation is the same. A job is counted in after its rule was made."""
    change = "ADD #jobs :delta"
    values: dict[str, Plain] = {
        ":delta": write.delta,
        ":generation": write.generation,
        ":deleting": RuleState.DELETING.value,
    }
    if write.delta > 0:
        change += " SET #state = :active"
        values[":active"] = RuleState.ACTIVE.value
    condition = "#generation = :generation AND #state <> :deleting"
    return [Update(table, schedule_key(write.expression), change, condition, attributes(values))]


def checked_until(write: CheckedUntil, table: str) -> list[Operation]:
    """Forward only."""
    condition = "#generation = :generation AND #checked_until_ms < :until_ms"
    values = attributes({":generation": write.generation, ":until_ms": write.until_ms})
    return [Update(table, schedule_key(write.expression), "SET #checked_until_ms = :until_ms", condition, values)]


def put_fire(write: PutFire, table: str, retention_days: int) -> list[Operation]:
    """A fire that has no row yet."""
    return [Put(table, fire_item(write.fire, retention_days), "attribute_not_exists(#pk)", {})]


def fire_done(write: FireDone, table: str) -> list[Operation]:
    """Out of the index of open fires."""
    values = attributes({":open": FireState.OPEN.value, ":done": FireState.DONE.value, ":count": write.count})
    change = "SET #state = :done ADD #count :count REMOVE #open_pk"
    return [Update(table, fire_key(write.expression, write.scheduled_time_ms), change, "#state = :open", values)]


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
