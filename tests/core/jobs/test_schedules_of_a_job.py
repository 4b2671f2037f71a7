"""Since when each of a job's schedules is in effect, whatever changes of it; and what it is going to run on all."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.job import JobSettings, new_job
from jobhook.core.jobs.pause import Pause
from jobhook.core.schedules.rows import RuleState, ScheduleRow
from jobhook.core.schedules.upcoming import job_times, occurrences
from jobhook.core.times import DAY_MS, HOUR_MS, MINUTE_MS

T0 = 1_795_248_000_000
EXPRESSIONS = ("cron(0 * * * ? *)", "cron(0/15 * * * ? *)", "cron(30 8-10 * * ? *)", "rate(7 minutes)", "rate(1 hour)")
SETS = st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=4, unique=True)
PLAIN = JobSettings("https://example.com/", EXPRESSIONS[0], ttl_seconds=60, timeout_seconds=300)


def on(expressions: list[str], *, enabled: bool = True) -> JobSettings:
    first, *more = expressions
    return replace(PLAIN, schedule=first, more_schedules=tuple(more), enabled=enabled)


@given(first=SETS, then=SETS)
def test_kept_schedules_stay_in_effect_and_new_ones_take_effect_now(first: list[str], then: list[str]) -> None:
    job = new_job("reports", "nightly", on(first), "one", T0)
    changed = job.configured(on(then), T0 + 5)
    assert changed.from_ms == {one: T0 if one in first else T0 + 5 for one in then}
    assert list(changed.from_ms) == then
    assert (changed is job) == (first == then)


@given(first=SETS, then=SETS)
def test_all_take_effect_when_the_job_is_enabled_or_resumed(first: list[str], then: list[str]) -> None:
    off = new_job("reports", "nightly", on(first, enabled=False), "one", T0)
    enabled = off.configured(on(then), T0 + 5)
    assert set(enabled.from_ms.values()) == {T0 + 5}
    resumed = enabled.paused_for("holiday", None, T0 + 6).resumed(T0 + 7)
    assert resumed.from_ms == dict.fromkeys(then, T0 + 7)


@given(
    expressions=SETS,
    later=SETS,
    after_ms=st.integers(0, 2 * HOUR_MS),
    start_ms=st.none() | st.integers(0, 2 * HOUR_MS),
    paused=st.booleans(),
)
def test_a_job_runs_once_at_each_time_at_which_any_of_its_schedules_is_due(
    expressions: list[str], later: list[str], after_ms: int, start_ms: int | None, paused: bool
) -> None:
    settings = replace(
        on(expressions), span=Span(None if start_ms is None else T0 + start_ms, T0 + 4 * HOUR_MS), ttl_seconds=61
    )
    job = new_job("reports", "nightly", on(later), "one", T0).configured(settings, T0 + 40 * MINUTE_MS)
    job = replace(job, pause=Pause("holiday", T0 + HOUR_MS, T0 + 2 * HOUR_MS) if paused else None)
    rows = [ScheduleRow(one, "g", RuleState.ACTIVE, 1, T0 - DAY_MS, T0) for one in expressions]
    found = list(occurrences(rows, job, T0 + after_ms))
    times = [one.scheduled_time_ms for one in found]
    each = {row.expression: set(job_times(row, job, T0 + after_ms)) for row in rows}
    assert times == sorted(set().union(*each.values()))
    assert all(one.scheduled_time_ms in each[one.schedule] for one in found)
