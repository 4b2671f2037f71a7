"""Cron expressions made together with what they mean, and a reader of them that knows nothing of the implementation.

A generated field is a pair of its text and the set of values that it stands for, so the oracle never parses.
"""

import os
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END_MS = 7_258_118_400_000
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

many = settings(max_examples=int(os.environ.get("JOBHOOK_EXAMPLES", "300")), deadline=None)

DayTest = Callable[[date], bool]


def ms(text: str) -> int:
    """Epoch milliseconds of an ISO time in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@dataclass(frozen=True)
class Made:
    """A generated expression and what it means."""

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    matches_day: DayTest

    def next_after(self, instant_ms: int, days: int) -> int | None:
        """The first matching minute after the instant, looked for minute by minute over so many days."""
        moment = EPOCH + timedelta(minutes=instant_ms // 60_000 + 1)
        horizon = moment + timedelta(days=days)
        while moment < horizon and moment.year < 2200:
            if not self._has_day(moment.date()):
                moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC) + timedelta(days=1)
            elif moment.hour in self.hours and moment.minute in self.minutes:
                return (moment - EPOCH) // timedelta(milliseconds=1)
            else:
                moment += timedelta(minutes=1)
        return None

    def between(self, start_ms: int, end_ms: int) -> Iterator[int]:
        """Every matching minute t with start_ms < t <= end_ms."""
        for minute in range(start_ms // 60_000 + 1, end_ms // 60_000 + 1):
            moment = EPOCH + timedelta(minutes=minute)
            if moment.minute in self.minutes and moment.hour in self.hours and self._has_day(moment.date()):
                yield minute * 60_000

    def _has_day(self, day: date) -> bool:
        return day.year in self.years and day.month in self.months and self.matches_day(day)


@st.composite
def _values(
    draw: st.DrawFn,
    low: int,
    high: int,
    names: tuple[str, ...] = (),
    *,
    steps: bool = True,
    wraps: bool = True,
    zeros: bool = True,
) -> tuple[str, frozenset[int]]:
    def spelt(value: int) -> str:
        if draw(st.booleans()) and names:
            name = names[value - 1]
            return draw(st.sampled_from([name, name.lower(), name.title()]))
        return f"{value:02}" if zeros and draw(st.integers(0, 4)) == 0 else str(value)

    def item() -> tuple[str, set[int]]:
        first, last = draw(st.integers(low, high)), draw(st.integers(low, high))
        if not wraps:
            first, last = sorted((first, last))
        step = draw(st.integers(1, high - low + 1))
        walked = [first]
        while walked[-1] != last:
            walked.append(walked[-1] + 1 if walked[-1] < high else low)
        forms: list[tuple[str, set[int]]] = [(spelt(first), {first}), (f"{spelt(first)}-{spelt(last)}", set(walked))]
        if steps:
            forms.append((f"*/{step}", {v for v in range(low, high + 1) if (v - low) % step == 0}))
            forms.append((f"{spelt(first)}/{step}", {v for v in range(first, high + 1) if (v - first) % step == 0}))
            forms.append((f"{spelt(first)}-{spelt(last)}/{step}", {v for i, v in enumerate(walked) if i % step == 0}))
        return draw(st.sampled_from(forms))

    if draw(st.integers(0, 2)) == 0:
        return "*", frozenset(range(low, high + 1))
    items = [item() for _ in range(draw(st.integers(1, 3)))]
    return ",".join(text for text, _ in items), frozenset().union(*(values for _, values in items))


def _month_days(day: date) -> list[date]:
    return [day.replace(day=number) for number in range(1, monthrange(day.year, day.month)[1] + 1)]


def aws_weekday(day: date) -> int:
    """1 for Sunday to 7 for Saturday."""
    return day.isoweekday() % 7 + 1


def _working_days(day: date) -> list[int]:
    return [each.day for each in _month_days(day) if each.isoweekday() <= 5]


def _same_kind(day: date, weekday: int) -> list[int]:
    return [each.day for each in _month_days(day) if aws_weekday(each) == weekday]


@st.composite
def _day_of_month(draw: st.DrawFn) -> tuple[str, DayTest]:
    number = draw(st.integers(1, 31))

    def is_nearest(day: date) -> bool:
        exists = number <= monthrange(day.year, day.month)[1]
        return exists and day.day == min(_working_days(day), key=lambda each: abs(each - number))

    text, values = draw(_values(1, 31))
    forms: list[tuple[str, DayTest]] = [
        (text, lambda day: day.day in values),
        ("L", lambda day: day == _month_days(day)[-1]),
        ("LW", lambda day: day.day == _working_days(day)[-1]),
        (f"{number}W", is_nearest),
    ]
    return draw(st.sampled_from(forms))


@st.composite
def _day_of_week(draw: st.DrawFn) -> tuple[str, DayTest]:
    weekday, nth = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    name = draw(st.sampled_from([str(weekday), WEEKDAYS[weekday - 1], WEEKDAYS[weekday - 1].lower()]))
    text, values = draw(_values(1, 7, WEEKDAYS, steps=False, zeros=False))
    forms: list[tuple[str, DayTest]] = [
        (text, lambda day: aws_weekday(day) in values),
        ("L", lambda day: day.isoweekday() == 6),
        (f"{name}L", lambda day: day.day == _same_kind(day, weekday)[-1]),
        (f"{name}#{nth}", lambda day: day.day in _same_kind(day, weekday)[nth - 1 : nth]),
    ]
    return draw(st.sampled_from(forms))


@st.composite
def cron_expressions(draw: st.DrawFn) -> Made:
    """Any valid cron expression, with its meaning."""
    minutes, hours = draw(_values(0, 59)), draw(_values(0, 23))
    months = draw(_values(1, 12, MONTHS))
    every_year = ("*", frozenset(range(1970, 2200)))
    years = draw(st.one_of(st.just(every_year), _values(1970, 2199, wraps=False, zeros=False)))
    by_month, by_week = draw(_day_of_month()), draw(_day_of_week())
    use_month = draw(st.booleans())
    days = f"{by_month[0]} {months[0]} ?" if use_month else f"? {months[0]} {by_week[0]}"
    return Made(
        text=f"cron({minutes[0]} {hours[0]} {days} {years[0]})",
        minutes=minutes[1],
        hours=hours[1],
        months=months[1],
        years=years[1],
        matches_day=by_month[1] if use_month else by_week[1],
    )


instants = st.one_of(
    st.integers(0, END_MS),
    st.integers(ms("2024-01-01"), ms("2032-12-31")),
)
