"""A crontab entry's times in AWS's grammar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jobhook.cli.crontab.fields import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    Field,
    FieldRefused,
    Kind,
    read_field,
)

_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WHOLE_WEEK: Final = frozenset(range(7))

WORDS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""The five fields that cron's words stand for; `@reboot` has none."""


@dataclass(frozen=True)
class Expressions:
    """What says the same as an entry: one expression, or two whose days are joined by "or"; and what differs."""

    expressions: tuple[str, ...]
    notes: tuple[str, ...] = ()


def convert(times: str) -> Expressions:
    """The expressions of five fields or a word. Raises FieldRefused where no expression can say the same."""
    if times.lower() == "@reboot":
        raise FieldRefused("@reboot is no time; start it with the machine, by systemd for example")
    texts = WORDS.get(times.lower(), times).split()
    if len(texts) != 5:
        raise FieldRefused(f"{times} is no word of cron's")
    kinds = (MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK)
    fields = [read_field(kind, text) for kind, text in zip(kinds, texts, strict=True)]
    minute, hour, day, month, weekday = fields
    start = f"{_written(MINUTE, minute)} {_written(HOUR, hour)}"
    months = _written(MONTH, month)
    expressions = tuple(f"cron({start} {by_month} {months} {by_week} *)" for by_month, by_week in _days(day, weekday))
    return Expressions(expressions, tuple(_notes(fields, expressions)))


def _days(day: Field, weekday: Field) -> Sequence[tuple[str, str]]:
    """The two day fields of AWS's, of which one is always `?`.

    Where both are given, cron runs on days that match either of them; where one begins with *, only on days that match
    both, which AWS's grammar cannot say unless one of them is every day.
    """
    every_day, every_weekday = day.values == DAY_OF_MONTH.all(), weekday.values == _WHOLE_WEEK
    by_month = (_written(DAY_OF_MONTH, day), "?")
    by_week = ("?", _weekdays(weekday))
    both = day.starred or weekday.starred
    if every_day or every_weekday:
        if not both:
            return [("*", "?")]
        return [by_month] if every_weekday else [by_week]
    if both:
        raise FieldRefused("its days must match both day fields, which AWS's grammar cannot say: split it by hand")
    return [by_month, by_week]


def _notes(fields: Sequence[Field], expressions: Sequence[str]) -> list[str]:
    notes = []
    if len(expressions) > 1:
        notes.append(
            "cron runs it on days that match either day field: it became two jobs, and a day of both has two runs"
        )
    if any(field.stepped_from_number for field in fields):
        notes.append("a step after a single number is read as from there to the end; Debian's cron refuses it")
    return notes


def _written(kind: Kind, field: Field) -> str:
    """The values as AWS writes them: `*`, `0/15`, or lists and ranges."""
    if field.values == kind.all():
        return "*"
    values = sorted(field.values)
    step = values[1] - values[0] if len(values) > 2 else 0
    even = step > 1 and values == list(range(values[0], kind.high + 1, step))
    return f"{values[0]}/{step}" if even else ",".join(_runs(values, [str(value) for value in range(kind.high + 1)]))


def _weekdays(field: Field) -> str:
    return ",".join(_runs(sorted(field.values), _WEEKDAYS))


def _runs(values: Sequence[int], names: Sequence[str]) -> list[str]:
    """Values that follow each other are a range, from three on."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [
        text
        for run in runs
        for text in ([f"{names[run[0]]}-{names[run[-1]]}"] if len(run) > 2 else [names[value] for value in run])
    ]
