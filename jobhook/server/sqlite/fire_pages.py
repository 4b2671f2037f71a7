"""The pages of large fires as rows."""

import sqlite3
from collections.abc import Sequence

from jobhook.adapters.start_messages import from_stored_text, to_stored_text
from jobhook.core.executions.writes import CountStarted, DropPage, PutPage
from jobhook.core.paging import Page, Position
from jobhook.core.schedules.pages import FirePage, PageKey


def put_page(connection: sqlite3.Connection, write: PutPage) -> bool:
    """Whether the page was stored."""
    page, key = write.page, write.page.key
    cells = (page.revision, to_stored_text(page), key.expression, key.scheduled_time_ms, key.name)
    if write.if_revision is None:
        insert = (
            "INSERT OR IGNORE INTO fire_pages (revision, page, expression, scheduled_time_ms, name) "
            "VALUES (?, ?, ?, ?, ?)"
        )
        return connection.execute(insert, cells).rowcount == 1
    update = (
        "UPDATE fire_pages SET revision = ?, page = ? "
        "WHERE expression = ? AND scheduled_time_ms = ? AND name = ? AND revision = ?"
    )
    return connection.execute(update, (*cells, write.if_revision)).rowcount == 1


def drop_page(connection: sqlite3.Connection, write: DropPage) -> bool:
    """Whether the page was removed."""
    key = write.page.key
    delete = "DELETE FROM fire_pages WHERE expression = ? AND scheduled_time_ms = ? AND name = ? AND revision = ?"
    cells = (key.expression, key.scheduled_time_ms, key.name, write.page.revision)
    return connection.execute(delete, cells).rowcount == 1


def count_started(connection: sqlite3.Connection, write: CountStarted) -> bool:
    """Whether there is such a fire."""
    update = "UPDATE fires SET count = count + ?, progress_at_ms = ? WHERE expression = ? AND scheduled_time_ms = ?"
    cells = (write.count, write.at_ms, write.expression, write.scheduled_time_ms)
    return connection.execute(update, cells).rowcount == 1


def read_page(reader: sqlite3.Connection, key: PageKey) -> FirePage | None:
    """By key."""
    row = reader.execute(
        "SELECT revision, page FROM fire_pages WHERE expression = ? AND scheduled_time_ms = ? AND name = ?",
        (key.expression, key.scheduled_time_ms, key.name),
    ).fetchone()
    return None if row is None else from_stored_text(key, row["revision"], row["page"])


def list_pages(reader: sqlite3.Connection, expression: str, scheduled_time_ms: int, limit: int) -> Sequence[PageKey]:
    """A range of the table's key."""
    rows = reader.execute(
        "SELECT name FROM fire_pages WHERE expression = ? AND scheduled_time_ms = ? LIMIT ?",
        (expression, scheduled_time_ms, limit),
    )
    return [PageKey(expression, scheduled_time_ms, name) for (name,) in rows]


def list_page_bounds(
    reader: sqlite3.Connection, expression: str, after: Position | None, size: int, limit: int
) -> Page[Position]:
    """A range of the schedule's own rows; the jobs themselves are not read."""
    guids = reader.execute(
        "SELECT guid FROM job_schedules WHERE expression = ? AND guid > ? ORDER BY guid LIMIT ?",
        (expression, str(after[-1]) if after else "", size * limit),
    ).fetchall()
    bounds: list[Position] = [(guid,) for (guid,) in guids[size - 1 :: size]]
    return Page(bounds, bounds[-1] if len(bounds) == limit else None)
