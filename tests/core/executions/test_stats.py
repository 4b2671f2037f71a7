"""Counts by day, service and status: how they are added up, and what days they are of."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.executions.execution import OPEN, ExecutionInput, Status
from jobhook.core.executions.outcomes import Outcome, end, record_unstarted
from jobhook.core.executions.stats import Dimension, StatsRequest, Tally, day_of, first_of_day, grouped
from jobhook.core.executions.writes import CountEnded, PutExecution
from tests.contract.values import T0, an_execution

TALLIES = [
    Tally("2026-11-20", "billing", "success", 3),
    Tally("2026-11-21", "reports", "success", 5),
    Tally("2026-11-21", "reports", "success", 2),
    Tally("2026-11-21", "reports", "failed", 1),
]
DAY, SERVICE, STATUS = Dimension


def _groups(*by: Dimension, service: str | None = None) -> list[tuple[tuple[str, ...], int]]:
    return list(grouped(StatsRequest(by, T0, T0, service), TALLIES, open_complete=True).groups)


def test_tallies_are_added_up_by_what_is_asked_for_in_that_order() -> None:
    assert _groups(STATUS) == [(("failed",), 1), (("success",), 10)]
    assert _groups(SERVICE, DAY) == [(("billing", "2026-11-20"), 3), (("reports", "2026-11-21"), 8)]
    assert _groups(STATUS, service="reports") == [(("failed",), 1), (("success",), 7)]


@given(st.permutations(list(Dimension)), st.integers(1, 3))
def test_no_grouping_loses_or_adds_anything(by: list[Dimension], count: int) -> None:
    stats = grouped(StatsRequest(tuple(by[:count]), T0, T0), TALLIES, open_complete=True)
    assert sum(counted for _, counted in stats.groups) == stats.total == 11


@given(st.integers(0, 253_402_300_799_999))
def test_a_day_is_the_utc_day_of_the_instant(time_ms: int) -> None:
    day = day_of(time_ms)
    assert day == datetime.fromtimestamp(time_ms // 1000, UTC).date().isoformat()
    first_ms = first_of_day(time_ms)
    assert day_of(first_ms) == day
    assert first_ms == 0 or day_of(first_ms - 1) < day


@pytest.mark.parametrize("status", sorted(set(Status) - OPEN))
def test_every_end_is_counted_with_its_record(status: Status) -> None:
    running = an_execution()
    for reported in (True, False):
        writes = end(running, Outcome(status), T0 + 5, reported=reported).writes
        assert [write for write in writes if isinstance(write, CountEnded)] == [
            CountEnded(running.key, "reports", status)
        ]
    key = running.key
    run = ExecutionInput(key.id, "reports", "nightly", "rate(1 hour)", key.scheduled_time_ms, 60, 75, 315)
    put, counted = record_unstarted(run, None, Outcome(status), T0).writes
    assert isinstance(put, PutExecution)
    assert counted == CountEnded(key, "reports", status)
