"""Which days of a month a cron expression means: day-of-month and day-of-week with their L, W and # rules.

Source: Amazon EventBridge User Guide, "Cron expressions reference". A month that lacks the day has no occurrence.
Weekdays are numbered as AWS does: 1 is Sunday, 7 is Saturday.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

SUNDAY: Final = 1
SATURDAY: Final = 7
WEEKDAYS: Final = (2, 3, 4, 5, 6)
WHOLE_WEEK: Final = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class DaysOfMonth:
    """The same numbered days of every month: `1,15`, `*`."""

    days: tuple[int, ...]

    def in_month(self, year: int, month: int) -> Sequence[int]:
        """Return the days that this month has."""
        return self.days[: bisect_right(self.days, monthrange(year, month)[1])]


@dataclass(frozen=True, slots=True)
class LastDay:
    """`L`: the last day of the month."""

    def in_month(self, year: int, month: int) -> Sequence[int]:
        """Return the one day."""
        return (monthrange(year, month)[1],)


@dataclass(frozen=True, slots=True)
class LastWeekday:
    """`LW`: the last Monday-to-Friday day of the month."""

    def in_month(self, year: int, month: int) -> Sequence[int]:
        """Return the one day."""
        return (_nearest_weekday(year, month, monthrange(year, month)[1]),)


@dataclass(frozen=True, slots=True)
class NearestWeekday:
    """`nW`: the Monday-to-Friday day nearest the n-th, never in another month."""

    day: int

    def in_month(self, year: int, month: int) -> Sequence[int]:
        """Return the one day, or none if the month has no n-th."""
        return (_nearest_weekday(year, month, self.day),) if self.day <= monthrange(year, month)[1] else ()


@dataclass(frozen=True, slots=True)
class DaysOfWeek:
    """Every week on these weekdays: `MON-FRI`; `L` alone is Saturday, the week's last day."""

    weekdays: tuple[int, ...]

    def in_month(self, year: int, month: int) -> Sequence[int]:
        """Return every day that is one of the weekdays."""
        firsts = sorted(_first(year, month, weekday) for weekday in self.weekdays)
        length = monthrange(year, month)[1]
        return [first + week for week in range(0, length, 7) for first in firsts if first + week <= length]


@dataclass(frozen=True, slots=True)
class LastOfKind:
    """`nL`: the month's last such weekday."""

    weekday: int

    def in_month(self, year: int, month: int) -> Sequence[int]:
        """Return the one day."""
        first = _first(year, month, self.weekday)
        return (first + (monthrange(year, month)[1] - first) // 7 * 7,)


@dataclass(frozen=True, slots=True)
class NthOfKind:
    """`n#k`: the month's k-th such weekday."""

    weekday: int
    nth: int

    def in_month(self, year: int, month: int) -> Sequence[int]:
        """Return the one day, or none if the month has no fifth."""
        day = _first(year, month, self.weekday) + (self.nth - 1) * 7
        return (day,) if day <= monthrange(year, month)[1] else ()


DayRule: TypeAlias = DaysOfMonth | LastDay | LastWeekday | NearestWeekday | DaysOfWeek | LastOfKind | NthOfKind
"""The days on which a cron schedule fires: `in_month(year, month)` returns those of a month, ascending."""


def _first(year: int, month: int, weekday: int) -> int:
    """The day of the month's first such weekday."""
    return 1 + (weekday - _weekday(year, month, 1)) % 7


def _weekday(year: int, month: int, day: int) -> int:
    # monthrange counts from 0 = Monday, and AWS from 1 = Sunday.
    return (monthrange(year, month)[0] + day) % 7 + 1


def _nearest_weekday(year: int, month: int, day: int) -> int:
    weekday = _weekday(year, month, day)
    if weekday == SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == SUNDAY:
        return day + 1 if day < monthrange(year, month)[1] else day - 2
    return day
