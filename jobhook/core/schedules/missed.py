"""What to do about fires that were due and have no row: a stated, bounded policy.

The latest of the last 24 hours runs; all others are recorded as missed. (Until a job can choose its own policy.)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobhook.core.schedules.expression import Schedule
from jobhook.core.schedules.rows import Fire, FireState, ScheduleRow
from jobhook.core.times import DAY_MS

RECORDED_PER_JOB = 20  # so many missed occurrences get an execution's record each; the fires' rows cover all
REASON = "fire_missed"


@dataclass(frozen=True, slots=True)
class CatchUp:
    """`run_ms`: the nominal time to run late. `gaps`: rows for all that was missed. `times_ms`: the newest of it."""

    run_ms: int | None
    gaps: tuple[Fire, ...]
    times_ms: tuple[int, ...]


def plan_catch_up(schedule: Schedule, row: ScheduleRow, fires: Sequence[Fire], until_ms: int, now_ms: int) -> CatchUp:
    """What was due after the row's `checked_until_ms`, up to `until_ms`, and is in none of `fires`.

    `fires` are all rows of that range. The work is bounded by a day's minutes, however long the outage was: what is
    older is counted, not visited.
    """
    since_ms = row.checked_until_ms
    recent_ms = max(since_ms, until_ms - DAY_MS)
    anchor_ms = row.created_at_ms
    unrecorded = [
        time_ms
        for time_ms in schedule.occurrences(recent_ms, until_ms, anchor_ms=anchor_ms)
        if not _recorded(time_ms, fires)
    ]
    run_ms = unrecorded.pop() if unrecorded else None
    gaps = [_gap(row, run, now_ms) for run in _contiguous(schedule, unrecorded, anchor_ms)]
    older = _older_gap(schedule, row, fires, recent_ms, now_ms)
    return CatchUp(run_ms, (older, *gaps) if older else tuple(gaps), tuple(unrecorded[-RECORDED_PER_JOB:]))


def _recorded(time_ms: int, fires: Iterable[Fire]) -> bool:
    return any(fire.scheduled_time_ms <= time_ms <= fire.until_ms for fire in fires)


def _contiguous(schedule: Schedule, times_ms: Sequence[int], anchor_ms: int) -> list[list[int]]:
    """The times in runs without another due time between two neighbours."""
    runs: list[list[int]] = []
    for time_ms in times_ms:
        if runs and schedule.next_after(runs[-1][-1], anchor_ms=anchor_ms) == time_ms:
            runs[-1].append(time_ms)
        else:
            runs.append([time_ms])
    return runs


def _gap(row: ScheduleRow, times_ms: Sequence[int], now_ms: int) -> Fire:
    return Fire(row.expression, times_ms[0], FireState.MISSED, now_ms, times_ms[-1], len(times_ms), REASON)


def _older_gap(schedule: Schedule, row: ScheduleRow, fires: Sequence[Fire], before_ms: int, now_ms: int) -> Fire | None:
    """One row for all that was missed more than a day ago."""
    since_ms, anchor_ms = row.checked_until_ms, row.created_at_ms
    recorded = sum(
        fire.count if fire.state is FireState.MISSED else 1 for fire in fires if fire.scheduled_time_ms <= before_ms
    )
    missed = schedule.count_between(since_ms, before_ms, anchor_ms=anchor_ms) - recorded
    first_ms = schedule.next_after(since_ms, anchor_ms=anchor_ms)
    last_ms = schedule.latest_between(since_ms, before_ms, anchor_ms=anchor_ms)
    if missed <= 0 or first_ms is None or last_ms is None:
        return None
    return Fire(row.expression, first_ms, FireState.MISSED, now_ms, last_ms, missed, REASON)
