"""Epoch milliseconds, and the span of time in which schedules have occurrences: the years 1970 to 2199, UTC."""

from collections.abc import Iterator
from datetime import date
from typing import Final, Protocol

from jobhook.core.times import DAY_MS

MINUTES_A_DAY: Final = 24 * 60

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


def epoch_day(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to this date."""
    return date(year, month, day).toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    """The date that is `day` days after 1970-01-01."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


END_MS: Final = epoch_day(LAST_YEAR + 1, 1, 1) * DAY_MS
"""The first millisecond that no schedule reaches: the start of the year 2200."""


class _HasNext(Protocol):
    def next_after(self, instant_ms: int, *, anchor_ms: int = 0) -> int | None: ...


def walk(schedule: _HasNext, start_ms: int, end_ms: int, anchor_ms: int) -> Iterator[int]:
    """Yield the occurrences t with start_ms < t <= end_ms, in order, one at a time."""
    instant = schedule.next_after(start_ms, anchor_ms=anchor_ms)
    while instant is not None and instant <= end_ms:
        yield instant
        instant = schedule.next_after(instant, anchor_ms=anchor_ms)
