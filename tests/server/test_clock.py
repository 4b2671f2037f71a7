"""The clock: each schedule fires at its times, and what passed unseen goes to the catch-up."""

import asyncio
import logging
from dataclasses import dataclass, field

import pytest

from jobhook.core.errors import Unavailable
from jobhook.core.schedules.rows import RuleState, ScheduleRow
from jobhook.core.times import HOUR_MS, MINUTE_MS
from jobhook.server.clock import Prepare, ScheduleClock
from tests.fakes.backend import START_MS
from tests.fakes.ports import FakeClock

EVERY_MINUTE = "cron(* * * * ? *)"
HOURLY = "cron(0 * * * ? *)"
FIVE_MINUTES = "rate(5 minutes)"


def row(expression: str, *, generation: str = "g1", since_ms: int = START_MS) -> ScheduleRow:
    return ScheduleRow(expression, generation, RuleState.ACTIVE, 1, since_ms, since_ms)


@dataclass
class Fired:
    """A clock whose fires are noted: expression and minutes since the start."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(START_MS))
    dispatched: list[tuple[str, float]] = field(default_factory=list)
    caught_up: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schedules = ScheduleClock(self.clock)

    async def _dispatch(self, row: ScheduleRow, at_ms: int) -> None:
        self.dispatched.append((row.expression, (at_ms - START_MS) / MINUTE_MS))

    async def _catch_up(self, row: ScheduleRow, until_ms: int) -> None:
        self.caught_up.append((row.expression, (until_ms - START_MS) / MINUTE_MS))

    def start(self, *rows: ScheduleRow, prepare: Prepare | None = None) -> None:
        self.schedules.start(rows, self._dispatch, self._catch_up, prepare)

    async def at(self, minutes: float) -> None:
        self.clock.time_ms = START_MS + round(minutes * MINUTE_MS)
        self.schedules.fire_timers()
        if self.schedules._firing:
            await asyncio.wait(self.schedules._firing)


async def test_a_cron_fires_at_each_of_its_times_and_is_told_the_nominal_time() -> None:
    fired = Fired()
    fired.start(row(EVERY_MINUTE))
    for minutes in (0.5, 1.01, 1.5, 2, 2.99, 3.7):
        await fired.at(minutes)
    assert fired.dispatched == [(EVERY_MINUTE, 1), (EVERY_MINUTE, 2), (EVERY_MINUTE, 3)]
    assert fired.caught_up == []
    await fired.schedules.stop()


async def test_a_rate_counts_from_its_rows_creation() -> None:
    fired = Fired()
    fired.start(row(FIVE_MINUTES, since_ms=START_MS - 2 * MINUTE_MS))
    await fired.at(2.9)
    assert fired.dispatched == []
    await fired.at(3)
    await fired.at(8)
    assert fired.dispatched == [(FIVE_MINUTES, 3), (FIVE_MINUTES, 8)]
    await fired.schedules.stop()


async def test_a_rule_that_is_put_fires_and_one_that_is_removed_does_not() -> None:
    fired = Fired()
    fired.start()
    put = row(EVERY_MINUTE)
    await fired.schedules.put(put)
    await fired.at(1)
    await fired.schedules.put(put)  # again is harmless
    await fired.at(2)
    await fired.schedules.remove(put.rule_suffix)
    await fired.schedules.remove(put.rule_suffix)
    await fired.at(3)
    assert fired.dispatched == [(EVERY_MINUTE, 1), (EVERY_MINUTE, 2)]
    await fired.schedules.stop()


async def test_a_late_removal_of_an_older_generation_does_not_touch_the_newer() -> None:
    fired = Fired()
    older, newer = row(EVERY_MINUTE, generation="g1"), row(EVERY_MINUTE, generation="g2", since_ms=START_MS)
    fired.start(older)
    await fired.schedules.put(newer)
    await fired.schedules.remove(older.rule_suffix)
    await fired.at(1)
    assert fired.dispatched == [(EVERY_MINUTE, 1)]
    await fired.schedules.stop()


async def test_a_newer_generation_of_a_rate_has_a_phase_of_its_own() -> None:
    fired = Fired()
    fired.start(row(FIVE_MINUTES))
    await fired.at(1)
    await fired.schedules.put(row(FIVE_MINUTES, generation="g2", since_ms=START_MS + MINUTE_MS))
    await fired.at(5)
    assert fired.dispatched == []
    await fired.at(6)
    assert fired.dispatched == [(FIVE_MINUTES, 6)]
    await fired.schedules.stop()


async def test_several_times_that_passed_at_once_go_to_the_catch_up_and_the_clock_goes_on() -> None:
    fired = Fired()
    fired.start(row(EVERY_MINUTE), row(HOURLY))
    await fired.at(61)
    assert fired.caught_up == [(EVERY_MINUTE, 61)]
    assert fired.dispatched == [(HOURLY, 60)]
    await fired.at(62)
    assert fired.dispatched == [(HOURLY, 60), (EVERY_MINUTE, 62)]
    await fired.schedules.stop()


async def test_a_clock_that_is_set_back_fires_nothing_twice() -> None:
    fired = Fired()
    fired.start(row(EVERY_MINUTE))
    await fired.at(1)
    await fired.at(-60)
    await fired.at(0.5)
    await fired.at(1.5)
    assert fired.dispatched == [(EVERY_MINUTE, 1)]
    await fired.at(2)
    assert fired.dispatched == [(EVERY_MINUTE, 1), (EVERY_MINUTE, 2)]
    await fired.schedules.stop()


async def test_a_schedule_that_has_come_to_its_end_fires_once_more_and_no_longer() -> None:
    fired = Fired()
    fired.start(row("cron(1 8 21 11 ? 2026)"))
    await fired.at(1)
    await fired.at(600_000)
    assert fired.dispatched == [("cron(1 8 21 11 ? 2026)", 1)]
    assert len(fired.schedules._timers) == 0
    await fired.schedules.stop()


async def test_what_was_checked_long_ago_is_caught_up_at_the_start() -> None:
    fired = Fired()
    fired.start(row(EVERY_MINUTE, since_ms=START_MS - 24 * HOUR_MS))
    await fired.at(0.1)
    assert fired.caught_up == [(EVERY_MINUTE, 0.1)]
    await fired.schedules.stop()


@pytest.mark.parametrize("error", [None, Unavailable("on purpose")], ids=["prepared", "failing"])
async def test_moments_before_its_time_a_fire_is_prepared_once_and_then_it_fires(error: Unavailable | None) -> None:
    fired = Fired()
    prepared: list[tuple[str, int]] = []

    async def prepare(row: ScheduleRow) -> None:
        prepared.append((row.expression, len(fired.dispatched)))
        if error is not None:
            raise error

    fired.start(row(EVERY_MINUTE), prepare=prepare)
    for minutes in (0.99, 0.9999, 0.99995):
        await fired.at(minutes)
    assert (prepared, fired.dispatched) == ([(EVERY_MINUTE, 0)], [])
    await fired.at(1)
    assert fired.dispatched == [(EVERY_MINUTE, 1)]
    await fired.at(2)  # the timer came too late to prepare
    assert (len(prepared), fired.dispatched[1:]) == (1, [(EVERY_MINUTE, 2)])
    await fired.schedules.stop()


async def test_of_the_schedules_that_are_due_together_one_is_prepared() -> None:
    fired = Fired()
    prepared: list[str] = []

    async def prepare(row: ScheduleRow) -> None:
        prepared.append(row.expression)

    fired.start(row(HOURLY), row("rate(1 hour)"), prepare=prepare)
    await fired.at(59.9999)
    assert len(prepared) == 1
    await fired.at(60)
    assert set(fired.dispatched) == {(HOURLY, 60), ("rate(1 hour)", 60)}
    await fired.schedules.stop()


async def test_a_rule_that_is_removed_after_its_fire_was_prepared_does_not_fire() -> None:
    fired = Fired()
    removed = row(EVERY_MINUTE)
    fired.start(removed)
    await fired.at(0.9999)
    await fired.schedules.remove(removed.rule_suffix)
    await fired.at(1)
    assert fired.dispatched == []
    await fired.schedules.stop()


async def test_a_clock_that_is_set_back_after_a_fire_was_prepared_still_fires_it_once_and_at_its_time() -> None:
    fired = Fired()
    fired.start(row(EVERY_MINUTE))
    for minutes in (0.9999, -60, 0.5, 0.9999):
        await fired.at(minutes)
    assert fired.dispatched == []
    await fired.at(1)
    assert fired.dispatched == [(EVERY_MINUTE, 1)]
    await fired.schedules.stop()


async def test_a_dispatch_that_fails_is_logged_and_the_next_fires(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock(START_MS)
    schedules = ScheduleClock(clock)
    seen: list[int] = []

    async def fail(_: ScheduleRow, at_ms: int) -> None:
        seen.append(at_ms)
        raise ValueError("on purpose")

    schedules.start([row(EVERY_MINUTE)], fail, fail)
    for _ in range(2):
        clock.advance(60)
        schedules.fire_timers()
        await asyncio.wait(schedules._firing)
    assert len(seen) == 2
    assert caplog.text.count("the reconciler takes it up") == 2
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    await schedules.stop()


async def test_stop_waits_for_what_was_fired() -> None:
    clock = FakeClock(START_MS)
    schedules = ScheduleClock(clock)
    gate, done = asyncio.Event(), False

    async def slow(_: ScheduleRow, at_ms: int) -> None:
        nonlocal done
        await gate.wait()
        done = True

    schedules.start([row(EVERY_MINUTE)], slow, slow)
    clock.advance(60)
    schedules.fire_timers()
    asyncio.get_running_loop().call_soon(gate.set)
    await schedules.stop()
    assert done
