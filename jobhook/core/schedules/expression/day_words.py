"""What the days and months of a cron schedule mean, in plain English."""

from collections.abc import Sequence
from typing import Final

from jobhook.core.schedules.expression.days import (
    WEEKDAYS,
    WHOLE_WEEK,
    DayRule,
    DaysOfMonth,
    DaysOfWeek,
    LastDay,
    LastOfKind,
    LastWeekday,
    NearestWeekday,
    NthOfKind,
)
from jobhook.core.schedules.expression.english import even_step, every, joined, ordinal

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NTH: Final = ("first", "second", "third", "fourth", "fifth")
_SHORTEST_MONTH: Final = 28
_LONGEST_OF_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def describe_days(rule: DayRule, months: tuple[int, ...]) -> str:
    """Return the days of these months: "on the 1st of every month", "every Monday in May"."""
    if isinstance(rule, DaysOfMonth):
        return _days_of_month(rule.days, months)
    if isinstance(rule, DaysOfWeek):
        return _days_of_week(rule.weekdays) + ("" if len(months) == 12 else f" in {_list_of(months, _MONTHS)}")
    needed = rule.day if isinstance(rule, NearestWeekday) else 1
    return f"on the {_one_day(rule)} of {_months(months, needed)}"


def _one_day(rule: LastDay | LastWeekday | NearestWeekday | LastOfKind | NthOfKind) -> str:
    match rule:
        case LastDay():
            return "last day"
        case LastWeekday():
            return "last weekday"
        case NearestWeekday(day):
            return f"weekday nearest the {ordinal(day)}"
        case LastOfKind(weekday):
            return f"last {_WEEKDAYS[weekday - 1]}"
        case NthOfKind(weekday, nth):
            return f"{_NTH[nth - 1]} {_WEEKDAYS[weekday - 1]}"


def _days_of_month(days: tuple[int, ...], months: tuple[int, ...]) -> str:
    if len(days) == 31:
        return "every day" + ("" if len(months) == 12 else f" in {_list_of(months, _MONTHS)}")
    step = even_step(days)
    if step and len(days) > 2:
        listed = f"{every(step, 'day')} from the {ordinal(days[0])} to the {ordinal(days[-1])}"
    else:
        listed = "on the " + joined([ordinal(day) for day in days])
    return f"{listed} of {_months(months, days[0])}"


def _days_of_week(weekdays: tuple[int, ...]) -> str:
    if weekdays == WHOLE_WEEK:
        return "every day"
    if weekdays == WEEKDAYS:
        return "every weekday (Monday to Friday)"
    return f"every {_list_of(weekdays, _WEEKDAYS)}"


def _months(months: tuple[int, ...], needed_day: int) -> str:
    """The months, and that those without the day are left out."""
    lacking = [month for month in months if _LONGEST_OF_MONTHS[month - 1] < needed_day]
    if len(months) == 12:
        return "every month that has one" if needed_day > _SHORTEST_MONTH else "every month"
    if len(lacking) == len(months):
        return f"{_list_of(months, _MONTHS)}, which never comes"
    return _list_of(months, _MONTHS) + (" (where there is one)" if lacking else "")


def _list_of(numbers: tuple[int, ...], names: Sequence[str]) -> str:
    if len(numbers) > 2 and even_step(numbers) == 1:
        return f"{names[numbers[0] - 1]} to {names[numbers[-1] - 1]}"
    return joined([names[number - 1] for number in numbers])
