"""`rate(value unit)`: a fixed period, counted from the creation of the schedule.

Source: Amazon EventBridge User Guide, "Rate expressions reference".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from jobhook.core.schedules.expression.errors import ScheduleError, quoted
from jobhook.core.schedules.expression.instants import END_MS, LAST_YEAR, walk
from jobhook.core.times import DAY_MS, MINUTE_MS

_UNIT_MS: Final = {"minute": MINUTE_MS, "hour": 60 * MINUTE_MS, "day": DAY_MS}


@dataclass(frozen=True, slots=True)
class Rate:
    """Occurrences at anchor + k * period for k = 1, 2, ...: the first is one period after the schedule's creation."""

    kind: ClassVar[Literal["rate"]] = "rate"

    expression: str
    value: int
    unit: str
    """Singular: minute, hour or day."""

    @property
    def period_ms(self) -> int:
        """Milliseconds between two occurrences."""
        return self.value * _UNIT_MS[self.unit]

    def next_after(self, instant_ms: int, *, anchor_ms: int = 0) -> int | None:
        """Return the first occurrence strictly after `instant_ms`, or None past the year 2199."""
        occurrence = anchor_ms + (self._fired_by(instant_ms, anchor_ms) + 1) * self.period_ms
        return occurrence if occurrence < END_MS else None

    def occurrences(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> Iterator[int]:
        """Yield lazily, in order, the occurrences t with start_ms < t <= end_ms."""
        return walk(self, start_ms, end_ms, anchor_ms)

    def latest_between(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> int | None:
        """Return the last occurrence t with start_ms < t <= end_ms, or None; by arithmetic."""
        fired = self._fired_by(end_ms, anchor_ms)
        occurrence = anchor_ms + fired * self.period_ms
        return occurrence if fired and occurrence > start_ms else None

    def count_between(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> int:
        """Return how many occurrences t have start_ms < t <= end_ms; by arithmetic."""
        return max(0, self._fired_by(end_ms, anchor_ms) - self._fired_by(start_ms, anchor_ms))

    def describe(self) -> str:
        """Say in plain English when it fires."""
        period = self.unit if self.value == 1 else f"{self.value} {self.unit}s"
        return f"every {period}, counted from the schedule's creation"

    def _fired_by(self, instant_ms: int, anchor_ms: int) -> int:
        return max(0, (min(instant_ms, END_MS - 1) - anchor_ms) // self.period_ms)


def parse_rate(expression: str, body: str) -> Rate:
    """Parse what stands between the brackets of `rate(...)`; raises ScheduleError."""
    parts = body.split(" ")
    if len(parts) != 2 or body.split() != parts:
        raise ScheduleError("expression", f"must be rate(value unit) with a single space, not rate({_shown(body)})")
    value = _value(parts[0])
    unit = _unit(parts[1], value)
    rate = Rate(expression, value, unit)
    if rate.period_ms >= END_MS:
        most = (END_MS - 1) // _UNIT_MS[unit]
        raise ScheduleError("value", f"must be at most {most} {unit}s, as schedules end with the year {LAST_YEAR}")
    return rate


def _shown(body: str) -> str:
    return quoted(body)[1:-1]


def _value(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or text[0] == "0":
        raise ScheduleError("value", f"must be a positive whole number such as 5, not {quoted(text)}")
    return int(text)


def _unit(text: str, value: int) -> str:
    unit = text.removesuffix("s")
    if unit not in _UNIT_MS or text not in (unit, unit + "s"):
        raise ScheduleError("unit", f"must be minute, minutes, hour, hours, day or days, not {quoted(text)}")
    right = unit if value == 1 else unit + "s"
    if text != right:
        raise ScheduleError("unit", f"must be {right!r} with a value of {value}, not {quoted(text)}")
    return unit
