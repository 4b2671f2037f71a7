"""When a schedule comes due next, reckoned on this machine."""

from datetime import UTC, datetime

from chalicelib.domain.schedule import Rate, ScheduleError, parse


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


def meaning(expression: str) -> str:
    """What an expression means, in words; itself where it is not known."""
    try:
        return parse(expression).describe()
    except ScheduleError:
        return expression
