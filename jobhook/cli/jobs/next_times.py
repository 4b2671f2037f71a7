"""When a schedule comes due next, reckoned on this machine."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from jobhook.core.schedules.expression import Rate, ScheduleError, parse
from jobhook.core.times import parse_instant


def now_ms() -> int:
    """The time of this machine, in epoch milliseconds."""
    return int(datetime.now(UTC).timestamp() * 1_000)


def next_times(expression: str, after_ms: int, count: int) -> list[int]:
    """The next times of a cron expression, in epoch milliseconds.

    Empty for a rate, which counts from when its first job took it: that only the server knows.
    """
    try:
        schedule = parse(expression)
    except ScheduleError:  # a newer server may take what this version does not know
        return []
    if isinstance(schedule, Rate):
        return []
    times: list[int] = []
    while len(times) < count:
        following = schedule.next_after(times[-1] if times else after_ms)
        if following is None:
            break
        times.append(following)
    return times


def schedules_of(job: Mapping[str, Any]) -> list[str]:
    """The schedules that a job's document names, as it is stored or as it is to be PUT."""
    return list(job.get("schedules") or [job["schedule"]])


def job_times(
    job: Mapping[str, Any], after_ms: int, count: int, rates: Mapping[str, int] = MappingProxyType({})
) -> list[int]:
    """The next times of a job on all its schedules, from its start to its end.

    Of a rate only the next time can be known, if `rates` has it; empty where one is not known.
    """
    start_ms, end_ms = (_instant_ms(job.get(name)) for name in ("start_at", "end_at"))
    since_ms = max(after_ms, (start_ms or 0) - 1)
    times = [
        next_times(expression, since_ms, count)
        or [time_ms for time_ms in (rates.get(expression, since_ms),) if time_ms > since_ms]
        for expression in schedules_of(job)
    ]
    coming = sorted({time_ms for of_one in times for time_ms in of_one})[:count] if all(times) else []
    return [time_ms for time_ms in coming if end_ms is None or time_ms <= end_ms]


def _instant_ms(instant: str | int | None) -> int | None:
    return None if instant is None else parse_instant(str(instant))


def job_meaning(job: Mapping[str, Any]) -> str:
    """What a job's schedules mean, in words."""
    return "; ".join(meaning(expression) for expression in schedules_of(job))


def meaning(expression: str) -> str:
    """What an expression means, in words; itself where it is not known."""
    try:
        return parse(expression).describe()
    except ScheduleError:
        return expression
