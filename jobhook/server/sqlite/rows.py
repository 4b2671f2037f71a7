"""Changes, schedules and fires as rows, and what all rows are made with."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson

from jobhook.core.jobs.audit import Action, Change
from jobhook.core.schedules.rows import Fire, FireState, RuleState, ScheduleRow

Cell = str | int | None

CHANGE_COLUMNS = "guid, at_ms, id, service_name, job_name, incarnation, made_by, action, version, execution_id, details"


def change_cells(change: Change) -> tuple[Cell, ...]:
    """A change in the order of CHANGE_COLUMNS."""
    return (
        change.guid,
        change.at_ms,
        change.id,
        change.service_name,
        change.job_name,
        change.incarnation,
        change.by,
        change.action.value,
        change.version,
        change.execution_id,
        dump(change.details),
    )


def change_of(row: sqlite3.Row) -> Change:
    """The change in a row of CHANGE_COLUMNS."""
    return Change(
        service_name=row["service_name"],
        job_name=row["job_name"],
        guid=row["guid"],
        incarnation=row["incarnation"],
        at_ms=row["at_ms"],
        by=row["made_by"],
        action=Action(row["action"]),
        version=row["version"],
        execution_id=row["execution_id"],
        details=load(row["details"]),
    )


def schedule_of(row: sqlite3.Row) -> ScheduleRow:
    """The schedule in a row of `schedules`."""
    return ScheduleRow(
        row["expression"],
        row["generation"],
        RuleState(row["state"]),
        row["jobs"],
        row["created_at_ms"],
        row["checked_until_ms"],
    )


def fire_of(row: sqlite3.Row) -> Fire:
    """The fire in a row of `fires`."""
    return Fire(
        row["expression"],
        row["scheduled_time_ms"],
        FireState(row["state"]),
        row["created_at_ms"],
        row["until_ms"],
        row["count"],
        row["reason"],
        row["progress_at_ms"],
    )


def dump(document: Mapping[str, object] | None) -> str | None:
    """JSON in a column; NULL for nothing."""
    return None if document is None else orjson.dumps(document).decode()


def load(text: str | None) -> Any:
    """What `dump` made of it."""
    return None if text is None else orjson.loads(text)
