"""Writes of schedules' rows and fires, as operations on the table of schedules."""

from chalicelib.dynamodb.attributes import Plain, attributes
from chalicelib.dynamodb.operations import Delete, Operation, Put, Update
from chalicelib.dynamodb.schedule_items import fire_item, fire_key, schedule_item, schedule_key
from jobhook.core.executions.writes import (
    CheckedUntil,
    CountSchedule,
    DropSchedule,
    FireDone,
    PutFire,
    PutSchedule,
)
from jobhook.core.schedules.rows import FireState, RuleState


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
    """The row, while nobody counts on it."""
    condition = "#generation = :generation AND #state = :state AND #jobs = :none"
    values = attributes({":generation": write.generation, ":state": write.if_state, ":none": 0})
    return [Delete(table, schedule_key(write.expression), condition, values)]


def count_schedule(write: CountSchedule, table: str) -> list[Operation]:
    """The row's count, while its generation stands; who counts a job in has seen the rule stand."""
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
