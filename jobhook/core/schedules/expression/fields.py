"""The values of one cron field: numbers, names, lists, ranges (which may wrap) and steps.

Source: Amazon EventBridge User Guide, "Cron expressions reference" (the table of fields, values and wildcards).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from jobhook.core.schedules.expression.errors import FieldName, ScheduleError, quoted
from jobhook.core.schedules.expression.instants import FIRST_YEAR, LAST_YEAR

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True)
class Field:
    """What one cron field may hold: the values low to high, or their names."""

    name: FieldName
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    digits: int = 2
    takes_steps: bool = True
    wraps: bool = True

    def allowed(self) -> str:
        """Say what a single value may be: "1 to 12 or JAN to DEC"."""
        names = tuple(self.names)
        return f"{self.low} to {self.high}" + (f" or {names[0]} to {names[-1]}" if names else "")


def _numbered(names: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, start=1)}


MINUTES: Final = Field("minutes", 0, 59)
HOURS: Final = Field("hours", 0, 23)
DAY_OF_MONTH: Final = Field("day-of-month", 1, 31)
MONTH: Final = Field("month", 1, 12, _numbered(_MONTHS))
DAY_OF_WEEK: Final = Field("day-of-week", 1, 7, _numbered(_WEEKDAYS), digits=1, takes_steps=False)
YEAR: Final = Field("year", FIRST_YEAR, LAST_YEAR, digits=4, wraps=False)


def parse_values(spec: Field, text: str) -> tuple[int, ...]:
    """Return the sorted values that `text` stands for; raises ScheduleError naming the field."""
    if text == "*":
        return tuple(range(spec.low, spec.high + 1))
    return tuple(sorted({value for item in text.split(",") for value in _item(spec, item)}))


def parse_value(spec: Field, text: str) -> int:
    """Return one number or name as a number; raises ScheduleError naming the field."""
    value = find_value(spec, text)
    if value is None:
        raise ScheduleError(spec.name, f"must be {spec.allowed()}, not {quoted(text)}")
    return value


def find_value(spec: Field, text: str) -> int | None:
    """Return one number or name (in any case) as a number, or None if the field has no such value."""
    if not text.isascii():
        return None
    if not text.isdigit():
        return spec.names.get(text.upper())
    value = int(text) if len(text) <= spec.digits else -1
    return value if spec.low <= value <= spec.high else None


def _item(spec: Field, item: str) -> Sequence[int]:
    base, slash, step = item.partition("/")
    if not slash:
        return _range(spec, base)
    if not spec.takes_steps:
        raise ScheduleError(spec.name, f"takes no step (/), only values, lists and ranges, not {quoted(item)}")
    return _stepped_base(spec, base)[:: _step(spec, step)]


def _stepped_base(spec: Field, base: str) -> Sequence[int]:
    """`a/b` steps from a to the field's end, `*/b` through the whole field, `a-c/b` through the range."""
    if base == "*":
        return range(spec.low, spec.high + 1)
    if "-" in base:
        return _range(spec, base)
    return range(parse_value(spec, base), spec.high + 1)


def _range(spec: Field, text: str) -> Sequence[int]:
    if text == "*":
        raise ScheduleError(spec.name, "must have * alone, not in a list")
    first, dash, last = text.partition("-")
    if not dash:
        return (parse_value(spec, text),)
    low, high = parse_value(spec, first), parse_value(spec, last)
    if low <= high:
        return range(low, high + 1)
    if not spec.wraps:
        raise ScheduleError(spec.name, f"must have a range that goes forward, not {quoted(text)}")
    return (*range(low, spec.high + 1), *range(spec.low, high + 1))


def _step(spec: Field, text: str) -> int:
    most = spec.high - spec.low + 1
    if text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most:
        return int(text)
    raise ScheduleError(spec.name, f"must have a step of 1 to {most} after the /, not {quoted(text)}")
