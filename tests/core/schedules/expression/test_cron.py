"""Cron expressions by example: AWS's own, and the ones that others get wrong."""

import statistics
import time
from datetime import UTC, datetime
from itertools import islice

import pytest

from jobhook.core.schedules.expression import parse
from tests.core.schedules.expression.expressions import END_MS, ms

AFTER = "2026-11-20T12:00:00"  # a Friday

# The first block holds the examples of AWS's "Cron expressions reference".
EXAMPLES = [
    ("cron(0 10 * * ? *)", ["2026-11-21T10:00", "2026-11-22T10:00"]),
    ("cron(15 12 * * ? *)", ["2026-11-20T12:15", "2026-11-21T12:15"]),
    ("cron(0 18 ? * MON-FRI *)", ["2026-11-20T18:00", "2026-11-23T18:00"]),
    ("cron(0 8 1 * ? *)", ["2026-12-01T08:00", "2027-01-01T08:00"]),
    ("cron(0/15 * * * ? *)", ["2026-11-20T12:15", "2026-11-20T12:30", "2026-11-20T12:45", "2026-11-20T13:00"]),
    ("cron(0/10 * ? * MON-FRI *)", ["2026-11-20T12:10", "2026-11-20T12:20"]),
    ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-11-20T12:05", "2026-11-20T12:10"]),
    ("cron(0/30 20-2 ? * MON-FRI *)", ["2026-11-20T20:00", "2026-11-20T20:30"]),
    ("cron(0 9 ? * 2#1 *)", ["2026-12-07T09:00", "2027-01-04T09:00"]),
    ("cron(15 10 ? * 6L 2022-2027)", ["2026-11-27T10:15", "2026-12-25T10:15"]),
    ("cron(1/10 13 * * ? *)", ["2026-11-20T13:01", "2026-11-20T13:11", "2026-11-20T13:21"]),
    ("cron(0 9 3W * ? *)", ["2026-12-03T09:00", "2027-01-04T09:00"]),
    ("cron(0 9 ? * 3#2 *)", ["2026-12-08T09:00", "2027-01-12T09:00"]),
    ("cron(0 0 L * ? *)", ["2026-11-30T00:00", "2026-12-31T00:00"]),
    ("cron(0 0 ? * L *)", ["2026-11-21T00:00", "2026-11-28T00:00"]),
    # Tricky ones.
    ("cron(0 9 LW * ? *)", ["2026-11-30T09:00", "2026-12-31T09:00", "2027-01-29T09:00", "2027-02-26T09:00"]),
    ("cron(0 0 1W 5,8 ? *)", ["2027-05-03T00:00", "2027-08-02T00:00"]),
    ("cron(0 0 31W * ? *)", ["2026-12-31T00:00", "2027-01-29T00:00", "2027-03-31T00:00"]),
    ("cron(0 0 30W 5 ? *)", ["2027-05-31T00:00"]),
    ("cron(0 0 31 * ? *)", ["2026-12-31T00:00", "2027-01-31T00:00", "2027-03-31T00:00"]),
    ("cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00"]),
    ("cron(0 0 29 2 ? 2097-2199)", ["2104-02-29T00:00"]),
    ("cron(0 0 ? * 2#5 *)", ["2026-11-30T00:00", "2027-03-29T00:00"]),
    ("cron(30 22-2 * * ? *)", ["2026-11-20T22:30", "2026-11-20T23:30", "2026-11-21T00:30", "2026-11-21T01:30"]),
    ("cron(0 22-4/2 * * ? *)", ["2026-11-20T22:00", "2026-11-21T00:00", "2026-11-21T02:00", "2026-11-21T04:00"]),
    ("cron(0 0 ? * FRI-MON *)", ["2026-11-21T00:00", "2026-11-22T00:00", "2026-11-23T00:00", "2026-11-27T00:00"]),
    ("cron(0 0 1 NOV-FEB ? *)", ["2026-12-01T00:00", "2027-01-01T00:00", "2027-02-01T00:00", "2027-11-01T00:00"]),
    ("cron(0 0 30-2 12 ? *)", ["2026-12-01T00:00", "2026-12-02T00:00", "2026-12-30T00:00", "2026-12-31T00:00"]),
    ("cron(58-1 0 * * ? *)", ["2026-11-21T00:00", "2026-11-21T00:01", "2026-11-21T00:58", "2026-11-21T00:59"]),
    ("cron(0 0 */10 * ? *)", ["2026-11-21T00:00", "2026-12-01T00:00", "2026-12-11T00:00"]),
    ("cron(0 0 1 jan,Jul ? *)", ["2027-01-01T00:00", "2027-07-01T00:00"]),
    ("cron(0 0 ? * sunL *)", ["2026-11-29T00:00", "2026-12-27T00:00"]),
    ("cron(0 0 ? * fri#3 *)", ["2026-12-18T00:00", "2027-01-15T00:00"]),
    ("cron(05 09 01 01 ? 2028/2)", ["2028-01-01T09:05", "2030-01-01T09:05"]),
    ("cron(*/60 */24 * * ? *)", ["2026-11-21T00:00", "2026-11-22T00:00"]),
]


@pytest.mark.parametrize(("expression", "times"), EXAMPLES)
def test_examples_fire_when_aws_says(expression: str, times: list[str]) -> None:
    found = islice(parse(expression).occurrences(ms(AFTER), END_MS), len(times))
    assert [f"{datetime.fromtimestamp(each / 1000, UTC):%Y-%m-%dT%H:%M}" for each in found] == times


def test_the_next_occurrence_is_strictly_after_to_the_millisecond() -> None:
    schedule, nine = parse("cron(0 9 * * ? *)"), ms("2026-11-20T09:00:00")
    assert schedule.next_after(nine - 1) == nine
    assert schedule.next_after(nine) == nine + 86_400_000
    assert schedule.next_after(nine + 59_999) == nine + 86_400_000


def test_a_finite_schedule_ends() -> None:
    schedule = parse("cron(0 0 1 1 ? 2026,2027)")
    assert schedule.next_after(ms(AFTER)) == ms("2027-01-01T00:00:00")
    assert schedule.next_after(ms("2027-01-01T00:00:00")) is None
    assert list(schedule.occurrences(0, END_MS)) == [ms("2026-01-01T00:00:00"), ms("2027-01-01T00:00:00")]


def test_nothing_fires_outside_1970_to_2199() -> None:
    schedule = parse("cron(* * * * ? *)")
    assert schedule.next_after(-(10**18)) == 0
    assert schedule.next_after(END_MS - 60_000) is None
    assert schedule.next_after(10**18) is None
    assert schedule.latest_between(0, 10**18) == END_MS - 60_000
    assert schedule.latest_between(-(10**18), -1) is None
    assert schedule.count_between(-(10**18), 10**18) == END_MS // 60_000


@pytest.mark.parametrize("expression", ["cron(0 0 30 2 ? *)", "cron(0 0 31W 2,4,6,9,11 ? *)", "cron(0 0 29 2 ? 2100)"])
def test_a_day_that_never_comes_is_accepted_and_soon_answered(expression: str) -> None:
    schedule = parse(expression)
    taken = []
    for _ in range(20):
        started = time.perf_counter()
        assert schedule.next_after(0) is None
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.005
    assert schedule.latest_between(0, END_MS) is None
    assert schedule.count_between(0, END_MS) == 0


def test_the_start_is_excluded_and_the_end_included() -> None:
    schedule, nine, ten = parse("cron(0 * * * ? *)"), ms("2026-11-20T09:00:00"), ms("2026-11-20T10:00:00")
    assert list(schedule.occurrences(nine, ten)) == [ten]
    assert schedule.count_between(nine, ten) == 1
    assert schedule.latest_between(nine, ten) == ten
    assert schedule.latest_between(ten, ten) is None
    assert list(schedule.occurrences(ten, nine)) == []
    assert schedule.count_between(ten, nine) == 0


def test_occurrences_are_lazy() -> None:
    assert next(parse("cron(* * * * ? *)").occurrences(0, END_MS)) == 60_000


def test_the_anchor_plays_no_part() -> None:
    schedule = parse("cron(0 9 * * ? *)")
    assert schedule.next_after(ms(AFTER), anchor_ms=12_345) == schedule.next_after(ms(AFTER))


def test_a_long_outage_is_counted_without_walking_its_minutes() -> None:
    schedule, year = parse("cron(* * * * ? *)"), 365 * 86_400_000
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        assert schedule.count_between(ms(AFTER), ms(AFTER) + 10 * year) == 10 * year // 60_000
        assert schedule.latest_between(ms(AFTER), ms(AFTER) + 10 * year) == ms(AFTER) + 10 * year
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.1


def test_the_next_occurrence_of_an_ordinary_expression_takes_far_less_than_a_millisecond() -> None:
    schedules = [parse(expression) for expression, _ in EXAMPLES]
    taken = []
    for schedule in schedules * 5:
        started = time.perf_counter()
        schedule.next_after(ms(AFTER))
        taken.append(time.perf_counter() - started)
    assert statistics.median(taken) < 0.0005


def test_a_schedule_is_a_value() -> None:
    assert parse("cron(0 9 * * ? *)") == parse("cron(0 9 * * ? *)")
    assert len({parse("cron(0 9 * * ? *)"), parse("cron(0 9 * * ? *)"), parse("cron(0 10 * * ? *)")}) == 2
    assert parse("cron(00 9 * * ? *)").expression == "cron(00 9 * * ? *)"
    assert [parse(each).kind for each in ("cron(0 9 * * ? *)", "rate(1 day)", "at(2026-11-30T09:00:00)")] == [
        "cron",
        "rate",
        "at",
    ]
