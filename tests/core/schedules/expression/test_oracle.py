"""The evaluator against a brute-force reader; JOBHOOK_EXAMPLES sets how many examples are generated."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

from croniter import croniter
from cronsim import CronSim
from hypothesis import example, given
from hypothesis import strategies as st

from jobhook.core.schedules.expression import Cron, parse
from jobhook.core.schedules.expression.days import DaysOfMonth, DaysOfWeek, LastDay, LastOfKind, LastWeekday, NthOfKind
from tests.core.schedules.expression.expressions import END_MS, Made, cron_expressions, instants, many

HORIZON_DAYS = 400
DAY_MS = 86_400_000


@many
@given(made=cron_expressions(), instant=instants)
def test_the_next_occurrence_is_what_brute_force_finds(made: Made, instant: int) -> None:
    found = parse(made.text).next_after(instant)
    expected = made.next_after(instant, HORIZON_DAYS)
    if expected is None:
        assert found is None or found >= instant + (HORIZON_DAYS - 1) * DAY_MS
    else:
        assert found == expected


@many
@given(made=cron_expressions(), start=instants, minutes=st.integers(-10, 2 * 24 * 60))
def test_occurrences_count_and_latest_are_what_brute_force_finds(made: Made, start: int, minutes: int) -> None:
    end = start + minutes * 60_000
    schedule, expected = parse(made.text), list(made.between(start, end))
    assert list(schedule.occurrences(start, end)) == expected
    assert schedule.count_between(start, end) == len(expected)
    assert schedule.latest_between(start, end) == (expected[-1] if expected else None)


@many
@given(made=cron_expressions(), start=instants, days=st.integers(0, 1000))
def test_count_and_latest_agree_with_the_occurrences_of_a_long_outage(made: Made, start: int, days: int) -> None:
    schedule, end = parse(made.text), start + days * DAY_MS
    listed = list(islice(schedule.occurrences(start, end), 2_000))
    assert all(start < occurrence <= end for occurrence in listed)
    assert all(earlier < later for earlier, later in pairwise(listed))
    if len(listed) < 2_000:
        assert schedule.count_between(start, end) == len(listed)
        assert schedule.latest_between(start, end) == (listed[-1] if listed else None)
    else:
        assert schedule.count_between(start, listed[-1]) == 2_000
        assert schedule.latest_between(start, listed[-1]) == listed[-1]


@many
@given(made=cron_expressions(), instant=instants)
def test_no_occurrence_is_skipped_between_an_instant_and_the_next(made: Made, instant: int) -> None:
    schedule = parse(made.text)
    following = schedule.next_after(instant)
    end = END_MS if following is None else following - 1
    assert schedule.count_between(instant, end) == 0
    assert schedule.latest_between(instant, end) is None


@many
@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    days=st.one_of(
        st.sampled_from(["L ?", "LW ?"]),
        st.integers(1, 28).map(lambda day: f"{day} ?"),
        st.integers(1, 7).map(lambda weekday: f"? {weekday}"),
        st.tuples(st.integers(1, 7), st.integers(1, 4)).map(lambda nth: f"? {nth[0]}#{nth[1]}"),
        st.integers(1, 7).map(lambda weekday: f"? {weekday}L"),
    ),
    instant=st.integers(946_684_800_000, 4_102_444_800_000),
)
@example(minute=0, hour=9, days="LW ?", instant=1_795_246_386_000)
def test_cronsim_and_croniter_agree_where_their_grammar_says_the_same(
    minute: int, hour: int, days: str, instant: int
) -> None:
    day_of_month, day_of_week = days.split(" ")
    schedule = parse(f"cron({minute} {hour} {day_of_month} * {day_of_week} *)")
    assert isinstance(schedule, Cron)
    after = datetime.fromtimestamp(instant // 1000, UTC)
    found = schedule.next_after(instant // 1000 * 1000)
    assert found is not None

    theirs = f"{minute} {hour} {_unix_days(schedule, last_kind='{}L')}"
    assert next(CronSim(theirs, after)).timestamp() * 1000 == found
    if not isinstance(schedule.days, LastWeekday):
        theirs = f"{minute} {hour} {_unix_days(schedule, last_kind='L{}')}"
        assert croniter(theirs, after).get_next(datetime).timestamp() * 1000 == found


def _unix_days(schedule: Cron, last_kind: str) -> str:
    """Day fields as Unix cron writes them, with 0 for Sunday."""
    match schedule.days:
        case LastDay():
            return "L * *"
        case LastWeekday():
            return "LW * *"
        case LastOfKind(weekday):
            return f"* * {last_kind.format(weekday - 1)}"
        case NthOfKind(weekday, nth):
            return f"* * {weekday - 1}#{nth}"
        case DaysOfWeek(weekdays):
            return f"* * {weekdays[0] - 1}"
        case DaysOfMonth(days):
            return f"{days[0]} * *"
        case other:
            raise AssertionError(other)


def test_the_oracle_itself_knows_a_known_day() -> None:
    made = Made(
        text="",
        minutes=frozenset({30}),
        hours=frozenset({9}),
        months=frozenset({2}),
        years=frozenset({2028}),
        matches_day=lambda day: day == date(2028, 2, 29),
    )
    at = datetime(2028, 2, 29, 9, 30, tzinfo=UTC)
    assert made.next_after(round((at - timedelta(days=3)).timestamp() * 1000), 10) == round(at.timestamp() * 1000)
