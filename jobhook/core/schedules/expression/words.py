"""What a cron schedule means, in plain English: told from its values, not from how they were written."""

from typing import Final

from jobhook.core.schedules.expression.day_words import describe_days
from jobhook.core.schedules.expression.days import DayRule
from jobhook.core.schedules.expression.english import even_step, every, joined, ordinal
from jobhook.core.schedules.expression.instants import FIRST_YEAR, LAST_YEAR
from jobhook.core.schedules.expression.times import TimesOfDay

_MOST_LISTED: Final = 6


def describe_cron(times: TimesOfDay, days: DayRule, months: tuple[int, ...], years: tuple[int, ...]) -> str:
    """Return one phrase such as "at 09:00 on the last weekday of every month, UTC"."""
    return f"{_times(times)} {describe_days(days, months)}{_years(years)}, UTC"


def _times(times: TimesOfDay) -> str:
    if len(times) <= _MOST_LISTED:
        return "at " + joined([f"{time // 60:02}:{time % 60:02}" for time in (times[i] for i in range(len(times)))])
    if times.minutes == (0,) and len(times.hours) == 24:
        return "every hour, on the hour,"
    step = even_step(times.minutes)
    if step and times.minutes[0] == 0 and step * len(times.minutes) == 60:
        return f"{every(step, 'minute')}{_within(times.hours)}"
    return f"{_minutes(times.minutes)} past {_past(times.hours)}"


def _within(hours: tuple[int, ...]) -> str:
    if len(hours) == 24:
        return ""
    if len(hours) == 1 or even_step(hours) == 1:
        return f" from {hours[0]:02}:00 to {hours[-1]:02}:59"
    if even_step(hours) and len(hours) > 2:
        return f" in {_past(hours)}"
    return f" in the hours {joined([f'{hour:02}' for hour in hours])}"


def _past(hours: tuple[int, ...]) -> str:
    step = even_step(hours)
    if len(hours) == 24:
        return "every hour"
    if step == 1:
        return f"every hour from {hours[0]:02}:00 to {hours[-1]:02}:00"
    if step and len(hours) > 2:
        return f"every {ordinal(step)} hour from {hours[0]:02}:00 to {hours[-1]:02}:00"
    return joined([f"{hour:02}:00" for hour in hours])


def _minutes(minutes: tuple[int, ...]) -> str:
    step = even_step(minutes)
    if step and len(minutes) > 2:
        return f"{every(step, 'minute')} from :{minutes[0]:02} to :{minutes[-1]:02}"
    return "at " + joined([f":{minute:02}" for minute in minutes])


def _years(years: tuple[int, ...]) -> str:
    step = even_step(years)
    if (years[0], years[-1], step) == (FIRST_YEAR, LAST_YEAR, 1):
        return ""
    if step == 1 and len(years) > 2:
        return f" from {years[0]} to {years[-1]}"
    if len(years) <= _MOST_LISTED:
        return f" in {joined([str(year) for year in years])}"
    if step:
        return f", every {step} years from {years[0]} to {years[-1]}"
    return f", in {len(years)} of the years {years[0]} to {years[-1]}"
