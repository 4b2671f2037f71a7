"""A field of a crontab entry, as the values that it stands for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final


class FieldRefused(Exception):
    """The field is not one of cron's, or means what no schedule can say; the text says why."""


@dataclass(frozen=True)
class Kind:
    """What one of the five fields may hold."""

    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)

    def all(self) -> frozenset[int]:
        """Every value."""
        return frozenset(range(self.low, self.high + 1))


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

MINUTE: Final = Kind("minute", 0, 59)
HOUR: Final = Kind("hour", 0, 23)
DAY_OF_MONTH: Final = Kind("day of month", 1, 31)
MONTH: Final = Kind("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)})
DAY_OF_WEEK: Final = Kind("day of week", 0, 7, {name: number for number, name in enumerate(_DAYS)})
"""0 and 7 are both Sunday."""


@dataclass(frozen=True)
class Field:
    """The values of a field. `starred`: it begins with *, which decides how the two day fields go together."""

    values: frozenset[int]
    starred: bool
    stepped_from_number: bool = False


def read_field(kind: Kind, text: str) -> Field:
    """Read one field. Raises FieldRefused."""
    values = frozenset(value for item in text.split(",") for value in _item(kind, item))
    if kind is DAY_OF_WEEK:
        values = frozenset(value % 7 for value in values)
    lone_step = any("/" in item and "-" not in item and not item.startswith("*") for item in text.split(","))
    return Field(values, text.startswith("*"), lone_step)


def _item(kind: Kind, item: str) -> Iterator[int]:
    if "~" in item:
        raise FieldRefused(f"the {kind.name} {item!r} is chosen at random; write the one that you want")
    base, slash, step_text = item.partition("/")
    low, high = _range(kind, base, stepped=bool(slash))
    step = _number(kind, step_text) if slash else 1
    if step < 1:
        raise FieldRefused(f"the {kind.name} {item!r} has a step that is not 1 or more")
    yield from range(low, high + 1, step)


def _range(kind: Kind, text: str, *, stepped: bool) -> tuple[int, int]:
    if text == "*":
        return kind.low, kind.high if kind is not DAY_OF_WEEK else 6
    first, dash, last = text.partition("-")
    low = _value(kind, first)
    if not dash:
        return low, kind.high if stepped else low
    high = _value(kind, last)
    if low > high:
        raise FieldRefused(f"the {kind.name} {text!r} goes backwards, which cron refuses")
    return low, high


def _value(kind: Kind, text: str) -> int:
    value = kind.names.get(text.lower())
    value = _number(kind, text) if value is None else value
    if not kind.low <= value <= kind.high:
        raise FieldRefused(f"the {kind.name} {text!r} is not {kind.low} to {kind.high}")
    return value


def _number(kind: Kind, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise FieldRefused(f"the {kind.name} has {text!r}, which is no value of cron's")
    return int(text)
