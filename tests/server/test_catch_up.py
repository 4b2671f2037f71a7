"""Outages over SQLite: bounded work, the latest of the last day runs, and history says what became of the others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from jobhook.core.executions.execution import Execution, ExecutionInput, Status
from jobhook.core.executions.writes import FreeLock, PutSchedule, TakeLock
from jobhook.core.identities import ExecutionKey
from jobhook.core.paging import ExecutionFilter
from jobhook.core.schedules.rows import FireState, RuleState
from jobhook.core.times import DAY_MS, HOUR_MS, MINUTE_MS
from jobhook.server.asl.states import Machine
from jobhook.server.engine import Engine
from jobhook.server.sqlite.database import Database
from tests.fakes.backend import START_MS
from tests.fakes.ports import CountingIds, FakeClock
from tests.server.one_machine import EVERY_MINUTE, MACHINE, PLAIN, World

YEAR_MS = 365 * DAY_MS


@pytest.fixture
async def left(tmp_path: Path) -> World:
    """A process on a file, for `restarted` to take up."""
    world = World(tmp_path / "jobhook.db", FakeClock(START_MS), CountingIds())
    world.begin()
    return world


async def restarted(world: World, tmp_path: Path, outage_ms: int) -> World:
    """The next process, as the server starts it, after so long without one."""
    await world.end()
    world.clock.time_ms += outage_ms
    after = World(tmp_path / "jobhook.db", world.clock, CountingIds())
    after.begin()
    await after.reconcile(settle_seconds=0)
    return after


async def history(world: World) -> list[Execution]:
    page = await world.store.list_executions(None, ExecutionFilter(), None, 200)
    return list(page.items)


@pytest.mark.parametrize(
    ("outage_ms", "due"),
    [(0, 0), (MINUTE_MS, 1), (10 * MINUTE_MS, 10), (25 * HOUR_MS, 25 * 60), (YEAR_MS, 365 * 24 * 60)],
    ids=["0 s", "1 min", "10 min", "25 h", "a year"],
)
async def test_after_an_outage_the_latest_runs_and_all_others_are_accounted_for(
    left: World, tmp_path: Path, outage_ms: int, due: int
) -> None:
    await left.put()
    after = await restarted(left, tmp_path, outage_ms)
    executions = await history(after)
    ran = [execution for execution in executions if execution.status is Status.RUNNING]
    missed = [execution for execution in executions if execution.status is Status.MISSED]
    assert [execution.key.scheduled_time_ms for execution in ran] == ([START_MS + outage_ms] if due else [])
    assert len(missed) == min(max(due - 1, 0), 20)
    assert all(execution.reason == "fire_missed" for execution in missed)
    fires = await after.store.list_fires(EVERY_MINUTE, 0, START_MS + YEAR_MS, 2_000)
    assert sum(fire.count for fire in fires if fire.state is FireState.MISSED) == max(due - 1, 0)
    assert len(fires) <= 3
    await after.reconcile(settle_seconds=0)
    assert len(await history(after)) == len(executions)
    assert len(after.webhooks.posts) == len(ran)
    await after.end()


async def test_a_rate_is_caught_up_in_its_own_phase(left: World, tmp_path: Path) -> None:
    await left.put(settings=replace(PLAIN, schedule="rate(7 minutes)"))
    after = await restarted(left, tmp_path, 15 * MINUTE_MS)
    statuses = {(e.key.scheduled_time_ms - START_MS) // MINUTE_MS: e.status for e in await history(after)}
    assert statuses == {7: Status.MISSED, 14: Status.RUNNING}
    await after.end()


async def test_only_what_has_no_row_counts_as_missed(left: World, tmp_path: Path) -> None:
    await left.started()
    await left.fire(minutes=3)
    after = await restarted(left, tmp_path, 2 * MINUTE_MS)
    await after.pass_time(0)
    minutes = {(e.key.scheduled_time_ms - START_MS) // MINUTE_MS: e.status for e in await history(after)}
    missed = dict.fromkeys((2, 3, 5), Status.MISSED)
    assert minutes == {1: Status.TIMED_OUT, 4: Status.TIMED_OUT, 6: Status.RUNNING} | missed
    await after.end()


async def test_a_job_that_was_put_during_the_gap_has_no_occurrences_before_it(left: World, tmp_path: Path) -> None:
    await left.put("old")
    left.clock.advance(5 * 60)
    await left.put("new")
    after = await restarted(left, tmp_path, 5 * MINUTE_MS)
    minutes: dict[str, list[int]] = {"old": [], "new": []}
    for execution in await history(after):
        minutes[execution.job_name].append((execution.key.scheduled_time_ms - START_MS) // MINUTE_MS)
    assert sorted(minutes["old"]) == list(range(1, 11))
    assert sorted(minutes["new"]) == list(range(5, 11))
    await after.end()


class DiesAfterOneStart(Engine):
    """Starts one page of runs in `engine`, and dies at the next."""

    def __init__(self, machine: Machine, database: Database, clock: FakeClock, engine: Engine) -> None:
        super().__init__(machine, database, clock)
        self._engine = engine
        self._starts = 0

    async def start(self, starts: Sequence[ExecutionInput]) -> Sequence[ExecutionInput]:
        self._starts += 1
        if self._starts > 1:
            raise ConnectionError("the process dies here")
        return await self._engine.start(starts)


async def test_a_fire_that_was_left_open_is_finished_and_starts_nothing_twice(left: World, tmp_path: Path) -> None:
    for number in range(8):
        await left.put(f"job-{number}")
    row = await left.store.read_schedule(EVERY_MINUTE)
    assert row is not None
    left.clock.advance(60)
    dying = DiesAfterOneStart(MACHINE, left.database, left.clock, left.engine)
    left.starter.run_on(replace(left.backend, workflows=dying))
    await left.dispatch(row, left.clock.time_ms)
    await left.starter.stop()
    await left.engine.idle()
    (fire,) = await left.store.list_fires(EVERY_MINUTE, START_MS, left.clock.time_ms, 10)
    assert fire.state is FireState.OPEN
    assert len(left.webhooks.posts) == 3
    after = await restarted(left, tmp_path, 1_000)
    (fire,) = await after.store.list_fires(EVERY_MINUTE, START_MS, left.clock.time_ms, 10)
    assert (fire.state, fire.count) == (FireState.DONE, 8)
    assert len(after.webhooks.posts) == 5
    assert len(await history(after)) == 8
    await after.end()


async def test_a_schedule_of_very_many_pages_is_dispatched_whole(left: World) -> None:
    for number in range(1_200):  # 400 pages of three
        await left.put(f"job-{number}")
    await left.fire()
    (fire,) = await left.store.list_fires(EVERY_MINUTE, START_MS, left.clock.time_ms, 10)
    assert (fire.state, fire.count) == (FireState.DONE, 1_200)
    assert len(left.webhooks.posts) == 1_200
    await left.end()


async def test_a_lock_whose_holder_is_gone_is_freed_and_a_held_one_is_kept(left: World, tmp_path: Path) -> None:
    exclusive = replace(PLAIN, exclusive=True, ttl_seconds=7_200, timeout_seconds=86_400)
    held = await left.started("held", exclusive)
    job = await left.put("stale", exclusive)
    nobody = ExecutionKey(job.guid, job.incarnation, START_MS)
    await left.store.commit((TakeLock(nobody, START_MS),))
    after = await restarted(left, tmp_path, 1_000)
    assert await after.store.read_lock_holder(held.guid, held.incarnation) == held.id
    assert await after.store.read_lock_holder(job.guid, job.incarnation) is None
    await after.store.commit((FreeLock(held),))
    await after.end()


@pytest.mark.parametrize("state", [RuleState.CREATING, RuleState.DELETING])
async def test_half_made_and_half_deleted_rules_are_removed(left: World, tmp_path: Path, state: RuleState) -> None:
    await left.put()
    row = await left.store.read_schedule(EVERY_MINUTE)
    assert row is not None
    await left.store.commit((PutSchedule(replace(row, expression="rate(9 minutes)", jobs=0, state=state)),))
    after = await restarted(left, tmp_path, 1_000)
    assert [left.expression for left in await after.store.list_schedules()] == [EVERY_MINUTE]
    await after.end()


async def test_an_overdue_execution_whose_run_is_gone_is_closed(left: World, tmp_path: Path) -> None:
    key = await left.started()
    await left.database.write(lambda connection: connection.execute("DELETE FROM workflows").rowcount)
    after = await restarted(left, tmp_path, 2 * MINUTE_MS)
    execution = await after.execution(key)
    assert (execution.status, execution.reason) == (Status.TIMED_OUT, "ttl_expired")
    await after.end()
