"""Rates count from the schedule's creation; `at` fires once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.schedules.expression import parse
from tests.core.schedules.expression.expressions import END_MS, many, ms

ANCHOR = ms("2026-11-20T12:00:07") + 123


@pytest.mark.parametrize(
    ("expression", "period_ms"),
    [
        ("rate(1 minute)", 60_000),
        ("rate(5 minutes)", 300_000),
        ("rate(1 hour)", 3_600_000),
        ("rate(12 hours)", 43_200_000),
        ("rate(1 day)", 86_400_000),
        ("rate(7 days)", 604_800_000),
    ],
)
def test_a_rate_first_fires_one_period_after_its_creation(expression: str, period_ms: int) -> None:
    schedule = parse(expression)
    first = ANCHOR + period_ms
    assert schedule.next_after(0, anchor_ms=ANCHOR) == first
    assert schedule.next_after(ANCHOR, anchor_ms=ANCHOR) == first
    assert schedule.next_after(first - 1, anchor_ms=ANCHOR) == first
    assert schedule.next_after(first, anchor_ms=ANCHOR) == first + period_ms


@many
@given(
    minutes=st.integers(2, 100_000),
    anchor=st.integers(0, 2 * 10**12),
    start=st.integers(-(10**12), 3 * 10**12),
    periods=st.integers(-1, 50),
    offset=st.integers(0, 60_000),
)
def test_a_rate_agrees_with_counting_up_from_its_anchor(
    minutes: int, anchor: int, start: int, periods: int, offset: int
) -> None:
    schedule, period = parse(f"rate({minutes} minutes)"), minutes * 60_000
    end = start + periods * period + offset
    first = max(1, (start - anchor) // period - 2)
    expected = [t for k in range(first, first + 60) if start < (t := anchor + k * period) <= end]
    if start < anchor - 2 * period:
        expected = [t for k in range(1, 60) if start < (t := anchor + k * period) <= end]
    assert list(schedule.occurrences(start, end, anchor_ms=anchor)) == expected
    assert schedule.count_between(start, end, anchor_ms=anchor) == len(expected)
    assert schedule.latest_between(start, end, anchor_ms=anchor) == (expected[-1] if expected else None)


def test_a_rate_ends_with_the_year_2199() -> None:
    schedule = parse("rate(1 day)")
    assert schedule.next_after(END_MS - 1) is None
    assert schedule.next_after(10**18) is None
    assert schedule.latest_between(0, 10**18) == END_MS - 86_400_000
    assert schedule.count_between(0, 10**18) == END_MS // 86_400_000 - 1


def test_a_year_of_minutes_is_counted_by_arithmetic() -> None:
    assert parse("rate(1 minute)").count_between(0, 365 * 86_400_000) == 525_600


def test_at_fires_once_and_has_then_ended() -> None:
    schedule, time = parse("at(2026-11-30T09:00:30)"), ms("2026-11-30T09:00:30")
    assert schedule.next_after(0) == time
    assert schedule.next_after(time - 1) == time
    assert schedule.next_after(time) is None
    assert list(schedule.occurrences(0, END_MS)) == [time]
    assert list(schedule.occurrences(time, END_MS)) == []
    assert list(schedule.occurrences(time - 1, time)) == [time]
    assert (schedule.count_between(0, time), schedule.count_between(time, END_MS)) == (1, 0)
    assert (schedule.latest_between(0, time), schedule.latest_between(time, END_MS)) == (time, None)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00", "2028-02-29T23:59:59", "2199-12-31T23:59:59"])
def test_at_keeps_its_time_to_the_second(text: str) -> None:
    assert parse(f"at({text})").next_after(-1) == ms(text)
