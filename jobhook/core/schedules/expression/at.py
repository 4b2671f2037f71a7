"""`at(yyyy-mm-ddThh:mm:ss)`: one occurrence, in UTC.

Source: Amazon EventBridge Scheduler User Guide, "Schedule types", one-time schedules.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final, Literal

from jobhook.core.schedules.expression.errors import ScheduleError, quoted
from jobhook.core.schedules.expression.instants import FIRST_YEAR, LAST_YEAR, walk
from jobhook.core.times import SECOND_MS, epoch_ms

_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")


@dataclass(frozen=True, slots=True)
class At:
    """One occurrence, then the schedule has ended. The creation of the schedule (`anchor_ms`) plays no part."""

    kind: ClassVar[Literal["at"]] = "at"

    expression: str
    time_ms: int
    """Epoch milliseconds, UTC."""

    def next_after(self, instant_ms: int, *, anchor_ms: int = 0) -> int | None:  # noqa: ARG002 - one call for all kinds
        """Return the occurrence if it is strictly after `instant_ms`, else None."""
        return self.time_ms if self.time_ms > instant_ms else None

    def occurrences(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> Iterator[int]:
        """Yield the occurrence t if start_ms < t <= end_ms."""
        return walk(self, start_ms, end_ms, anchor_ms)

    def latest_between(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> int | None:  # noqa: ARG002 - as above
        """Return the occurrence t if start_ms < t <= end_ms, else None."""
        return self.time_ms if start_ms < self.time_ms <= end_ms else None

    def count_between(self, start_ms: int, end_ms: int, *, anchor_ms: int = 0) -> int:  # noqa: ARG002 - as above
        """Return 1 if the occurrence t has start_ms < t <= end_ms, else 0."""
        return int(start_ms < self.time_ms <= end_ms)

    def describe(self) -> str:
        """Say in plain English when it fires."""
        time = datetime.fromtimestamp(self.time_ms / SECOND_MS, UTC)
        return f"once, at {time:%H:%M:%S} on {time.day} {time:%B %Y}, UTC"


def parse_at(expression: str, body: str) -> At:
    """Parse what stands between the brackets of `at(...)`; raises ScheduleError."""
    if not _FORM.fullmatch(body):
        raise ScheduleError("time", f"must be yyyy-mm-ddThh:mm:ss such as 2026-11-30T09:00:00, not {quoted(body)}")
    try:
        time = datetime.fromisoformat(body).replace(tzinfo=UTC)
    except ValueError:
        raise ScheduleError("time", f"must be a time that exists, and {quoted(body)} does not") from None
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ScheduleError("time", f"must be in the years {FIRST_YEAR} to {LAST_YEAR}, not {time.year}")
    return At(expression, epoch_ms(time))
