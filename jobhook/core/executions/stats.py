"""How many executions came to which end: counts by day, service and status.

An ending is counted in the commit that makes it, on the same condition, so that each counts exactly once. What has not
ended yet is counted by the records themselves.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jobhook.core.times import DAY_MS

MAX_DAYS = 400
DEFAULT_DAYS = 7
MAX_RESULTS = 10_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Dimension(StrEnum):
    """What counts can be told apart by, in the order of the answer."""

    DAY = "day"
    SERVICE = "service"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Tally:
    """So many executions of a service with that status, scheduled on that day (UTC, `2026-11-21`)."""

    day: str
    service_name: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class OpenTallies:
    """The executions that have not ended; `complete` is whether all of them were counted."""

    tallies: Sequence[Tally]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class StatsRequest:
    """What is asked for: whole days from `since_ms`, a day's first millisecond, to `until_ms`, a day's last."""

    by: tuple[Dimension, ...]
    since_ms: int
    until_ms: int
    service_name: str | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts by the dimensions that were asked for; `open_complete` is whether all that is open is in them."""

    groups: Sequence[tuple[tuple[str, ...], int]]
    total: int
    open_complete: bool


def day_of(time_ms: int) -> str:
    """The UTC day that `time_ms` lies in."""
    return date.fromordinal(_EPOCH_DAY + time_ms // DAY_MS).isoformat()


def first_of_day(time_ms: int) -> int:
    """The first millisecond of the UTC day that `time_ms` lies in."""
    return time_ms - time_ms % DAY_MS


def grouped(asked: StatsRequest, tallies: Iterable[Tally], *, open_complete: bool) -> Stats:
    """The tallies of what is asked for, added up by the dimensions and in their order."""
    counts: Counter[tuple[str, ...]] = Counter()
    for tally in tallies:
        if asked.service_name in (None, tally.service_name):
            members = {
                Dimension.DAY: tally.day,
                Dimension.SERVICE: tally.service_name,
                Dimension.STATUS: tally.status,
            }
            counts[tuple(members[dimension] for dimension in asked.by)] += tally.count
    return Stats(sorted(counts.items()), counts.total(), open_complete)
