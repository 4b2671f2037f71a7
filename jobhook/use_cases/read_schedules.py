"""GET of the schedules that jobs share, and of how many more there may be."""

from dataclasses import dataclass

from jobhook.core.paging import Page, Position
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.ports import Backend


@dataclass(frozen=True, slots=True)
class Schedules:
    """A page of schedules, how many there are in all, and how many the backend takes (None: any number)."""

    page: Page[ScheduleRow]
    used: int
    quota: int | None


async def list_schedules(backend: Backend, after: Position | None, limit: int) -> Schedules:
    """A page of the schedules by expression. Positions: (expression,)."""
    rows = sorted(await backend.store.list_schedules(), key=lambda row: row.expression)
    later = [row for row in rows if after is None or row.expression > str(after[0])]
    shown = later[:limit]
    page = Page(shown, (shown[-1].expression,) if len(later) > limit else None)
    return Schedules(page, len(rows), backend.settings.rule_quota)
