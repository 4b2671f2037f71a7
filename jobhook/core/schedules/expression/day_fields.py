"""The two day fields of a cron expression, of which exactly one is `?`, parsed into one rule.

Source: Amazon EventBridge User Guide, "Cron expressions reference". It documents no `L-3` and no list that mixes
L, W or # with days, so both are refused.
"""

import re
from typing import Final

from jobhook.core.schedules.expression.days import (
    SATURDAY,
    DayRule,
    DaysOfMonth,
    DaysOfWeek,
    LastDay,
    LastOfKind,
    LastWeekday,
    NearestWeekday,
    NthOfKind,
)
from jobhook.core.schedules.expression.errors import FieldName, ScheduleError, quoted
from jobhook.core.schedules.expression.fields import DAY_OF_MONTH, DAY_OF_WEEK, find_value, parse_values

_NEAREST: Final = re.compile(r"([0-9]{1,2})W")
_LAST_OF_KIND: Final = re.compile(r"([0-9A-Za-z]{1,3})L")
_NTH_OF_KIND: Final = re.compile(r"([0-9A-Za-z]{1,3})#([1-5])")


def parse_days(day_of_month: str, day_of_week: str) -> DayRule:
    """Parse both day fields, of which exactly one is `?`; raises ScheduleError."""
    by_month = None if day_of_month == "?" else _parse_day_of_month(day_of_month)
    by_week = None if day_of_week == "?" else _parse_day_of_week(day_of_week)
    if by_month is not None and by_week is not None:
        raise _both_given(day_of_month, day_of_week)
    rule = by_month or by_week
    if rule is None:
        raise ScheduleError("day-of-month", "must have a value (or *) when day-of-week is ?: only one of them may be ?")
    return rule


def _both_given(day_of_month: str, day_of_week: str) -> ScheduleError:
    only_week_is_chosen = day_of_month == "*" and day_of_week != "*"
    wrong: FieldName = "day-of-month" if only_week_is_chosen else "day-of-week"
    other, text = ("day-of-week", day_of_week) if only_week_is_chosen else ("day-of-month", day_of_month)
    return ScheduleError(wrong, f"must be ? because {other} is {quoted(text)}: one of the two must be ?")


def _parse_day_of_month(text: str) -> DayRule:
    if text == "L":
        return LastDay()
    if text == "LW":
        return LastWeekday()
    if nearest := _NEAREST.fullmatch(text):
        day = find_value(DAY_OF_MONTH, nearest[1])
        if day is not None:
            return NearestWeekday(day)
    if "L" in text or "W" in text:
        raise ScheduleError(
            "day-of-month",
            f"must be L, LW or a day with W (1W to 31W), alone and not in a list: {quoted(text)} is none",
        )
    return DaysOfMonth(parse_values(DAY_OF_MONTH, text))


def _parse_day_of_week(text: str) -> DayRule:
    if text == "L":
        return DaysOfWeek((SATURDAY,))
    if last := _LAST_OF_KIND.fullmatch(text):
        weekday = find_value(DAY_OF_WEEK, last[1])
        if weekday is not None:
            return LastOfKind(weekday)
    if nth := _NTH_OF_KIND.fullmatch(text):
        weekday = find_value(DAY_OF_WEEK, nth[1])
        if weekday is not None:
            return NthOfKind(weekday, int(nth[2]))
    if "L" in text or "#" in text:
        raise ScheduleError(
            "day-of-week",
            f"must be L, a weekday with L (6L) or with # 1 to 5 (6#3), alone and not in a list: {quoted(text)} is none",
        )
    return DaysOfWeek(parse_values(DAY_OF_WEEK, text))
