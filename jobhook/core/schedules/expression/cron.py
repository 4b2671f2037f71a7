"""`cron(minutes hours day-of-month month day-of-week year)`, evaluated in UTC field by field.

Source: Amazon EventBridge User Guide, "Cron expressions reference".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import ClassVar, Literal

from jobhook.core.schedules.expression.day_fields import parse_days
from jobhook.core.schedules.expression.days import DayRule
from jobhook.core.schedules.expression.errors import ScheduleError
from jobhook.core.schedules.expression.fields import HOURS, MINUTES, MONTH, YEAR, parse_values
from jobhook.core.schedules.expression.instants import END_MS, MINUTES_A_DAY, date_of, epoch_day, walk
from jobhook.core.schedules.expression.times import TimesOfDay
from jobhook.core.schedules.expression.words import describe_cron
from jobhook.core.times import MINUTE_MS


@dataclass(frozen=True, slots=True)
class Cron:
    """Occurrences on whole minutes of the days that match. The schedule's creation (`anchor_ms`) plays no part.

    Days are counted from 1970-01-01. The work of a call grows with the months between the instant and the answer,
    at most those of 1970 to 2199, and never with minutes.
    """

    kind: ClassVar[Literal["cron"]] = "cron"

    expression: str
    times: TimesOfDay
    days: DayRule
    months: tuple[int, ...]
    years: tuple[int, ...]

    def next_after(self, instant_ms: int, *, anchor_ms: int = 0) -> int | None:  # noqa: ARG002 - one call for all kinds
        """Return the first occurrence strictly after `instant_ms`, or None if there is none up to the year 2199."""
        today, time = _next_minute(instant_ms)
        for day in self._days_from(today):
            index = self.times.before(time) if day == today else 0
            if index < len(self.times):
                return _instant(day, self.times[index])
        return None

    def occurrences(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> Iterator[int]:
        """Yield lazily, in order, the occurrences t with start_ms < t <= end_ms."""
        return walk(self, start_ms, end_ms, anchor_ms)

    def latest_between(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> int | None:  # noqa: ARG002 - as above
        """Return the last occurrence t with start_ms < t <= end_ms, or None."""
        today, time = _next_minute(end_ms)
        for day in self._days_back_from(today):
            index = self.times.before(time) if day == today else len(self.times)
            if index > 0:
                latest = _instant(day, self.times[index - 1])
                return latest if latest > start_ms else None
        return None

    def count_between(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> int:  # noqa: ARG002 - as above
        """Return how many occurrences t have start_ms < t <= end_ms."""
        if end_ms <= start_ms:
            return 0
        first_day, first_time = _next_minute(start_ms)
        last_day, last_time = _next_minute(end_ms)
        count = 0
        for day in takewhile(lambda day: day <= last_day, self._days_from(first_day)):
            count += self.times.before(last_time) if day == last_day else len(self.times)
            count -= self.times.before(first_time) if day == first_day else 0
        return count

    def describe(self) -> str:
        """Say in plain English when it fires."""
        return describe_cron(self.times, self.days, self.months, self.years)

    def _days_from(self, first: int) -> Iterator[int]:
        """Yield the days that match, from `first` on."""
        start = date_of(first)
        for year in self.years[bisect_left(self.years, start.year) :]:
            for month in self.months:
                if (year, month) >= (start.year, start.month):
                    before = epoch_day(year, month, 1) - 1
                    yield from (before + day for day in self.days.in_month(year, month) if before + day >= first)

    def _days_back_from(self, last: int) -> Iterator[int]:
        """Yield the days that match, from `last` back to 1970."""
        end = date_of(last)
        for year in reversed(self.years[: bisect_right(self.years, end.year)]):
            for month in reversed(self.months):
                if (year, month) <= (end.year, end.month):
                    before = epoch_day(year, month, 1) - 1
                    days = reversed(self.days.in_month(year, month))
                    yield from (before + day for day in days if before + day <= last)


def parse_cron(expression: str, body: str) -> Cron:
    """Parse what stands between the brackets of `cron(...)`; raises ScheduleError."""
    minutes, hours, day_of_month, month, day_of_week, year = _split(body)
    times = TimesOfDay(minutes=parse_values(MINUTES, minutes), hours=parse_values(HOURS, hours))
    return Cron(
        expression=expression,
        times=times,
        days=parse_days(day_of_month, day_of_week),
        months=parse_values(MONTH, month),
        years=parse_values(YEAR, year),
    )


def _split(body: str) -> list[str]:
    fields = body.split(" ")
    if body.split() != fields:
        raise ScheduleError("expression", "must separate its six fields by single spaces, with none at either end")
    if len(fields) != 6:
        raise ScheduleError(
            "expression",
            f"must have six fields (minutes hours day-of-month month day-of-week year), not {len(fields)}",
        )
    return fields


def _next_minute(instant_ms: int) -> tuple[int, int]:
    """The day, and the minute of it, that begins after the minute of the instant; held within 1970 to 2199."""
    within = min(max(instant_ms, -MINUTE_MS), END_MS - 1)
    return divmod(within // MINUTE_MS + 1, MINUTES_A_DAY)


def _instant(day: int, time: int) -> int:
    return (day * MINUTES_A_DAY + time) * MINUTE_MS
