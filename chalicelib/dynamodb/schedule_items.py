"""Schedules' rows and fires as DynamoDB items and back."""

from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, number, text, text_or_none
from chalicelib.dynamodb.tables import EXPIRES
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
            "created_at_ms": row.created_at_ms,
            "checked_until_ms": row.checked_until_ms,
        }
    )


def schedule_of(item: "Item") -> ScheduleRow:
    """The row of such an item."""
    return ScheduleRow(
        expression=text(item, "expression"),
        generation=text(item, "generation"),
        state=RuleState(text(item, "state")),
        jobs=number(item, "jobs"),
        created_at_ms=number(item, "created_at_ms"),
        checked_until_ms=number(item, "checked_until_ms"),
    )


def fire_key(expression: str, scheduled_time_ms: int) -> "Values":
    """The key of a fire."""
    return attributes({"pk": keys.fires_partition(expression), "sk": keys.padded(scheduled_time_ms)})


def fire_item(fire: Fire, retention_days: int) -> "Values":
    """A fire; only an open one has a place in the index of open fires."""
    opened = fire.state is FireState.OPEN
    return fire_key(fire.expression, fire.scheduled_time_ms) | attributes(
        {
            "expression": fire.expression,
            "state": fire.state.value,
            "created_at_ms": fire.created_at_ms,
            "until_ms": fire.until_ms,
            "count": fire.count,
            "reason": fire.reason,
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
    )
