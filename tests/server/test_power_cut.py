"""A power cut takes back what was not waited for: a later start does it again, and no webhook goes out twice."""

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobhook.core.executions.execution import Execution, Status
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.paging import ExecutionFilter
from jobhook.core.schedules.rows import FireState
from jobhook.server.sqlite.database import Database
from jobhook.use_cases.run_job import run_job
from tests.fakes.backend import START_MS
from tests.fakes.ports import CountingIds, FakeClock
from tests.server.one_machine import EVERY_MINUTE, World

JOBS = 7  # three pages


@dataclass(frozen=True)
class Cut:
    """A moment: what the disk is sure to have of the log, and how many webhooks had been sent."""

    log: bytes
    sent: int


class Disk(Database):
    """Knows how much of its log the disk has: all that there was at the end of the last durable commit.

    (That a durable commit waits for the disk, and another does not, is test_database.py's.)
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path
        self.cuts: list[Cut] = []
        self.world: World | None = None
        self._sure = self._log()

    async def _commit(self, durable: bool) -> None:
        self._cut()
        await super()._commit(durable)
        if durable:
            self._sure = self._log()
        self._cut()

    def _log(self) -> bytes:
        return self.path.with_name(f"{self.path.name}-wal").read_bytes()

    def _cut(self) -> None:
        assert self._log().startswith(self._sure)  # no checkpoint has begun the log anew
        if self.world is not None:
            self.cuts.append(Cut(self._sure, len(self.world.webhooks.posts)))


@pytest.fixture
async def before(tmp_path: Path) -> AsyncIterator[World]:
    """The process whose power is cut; `power_back` starts the next one on what the disk had."""
    path = tmp_path / "before" / "jobhook.db"
    path.parent.mkdir()
    disk = Disk(path)
    world = World(path, FakeClock(START_MS), CountingIds(), disk)
    world.begin()
    yield world
    await world.end()


def cuts_from_now(world: World) -> list[Cut]:
    """Filled with what a cut would have left, at each commit's begin and end."""
    assert isinstance(world.database, Disk)
    world.database.world = world
    return world.database.cuts


async def power_back(world: World, cut: Cut, tmp_path: Path, number: int) -> World:
    assert isinstance(world.database, Disk)
    path = tmp_path / f"after-{number}.db"
    path.write_bytes(world.database.path.read_bytes())
    path.with_name(f"{path.name}-wal").write_bytes(cut.log)
    after = World(path, FakeClock(world.clock.time_ms + 1_000), CountingIds())
    after.begin()
    await after.reconcile()
    await after.pass_time(5)  # a function that was lost is called again after up to four seconds
    return after


async def history(world: World) -> list[Execution]:
    page = await world.store.list_executions(None, ExecutionFilter(), None, 200)
    return list(page.items)


def sent(world: World, count: int | None = None) -> list[tuple[object, object]]:
    """The first `count` webhooks, or all: execution and attempt."""
    bodies = [json.loads(body) for _, body in world.webhooks.posts[:count]]
    return [(body["execution_id"], body["attempt"]) for body in bodies]


async def test_a_cut_at_any_moment_of_a_fire_loses_no_occurrence_and_sends_no_attempt_twice(
    before: World, tmp_path: Path
) -> None:
    for number in range(JOBS):
        await before.put(f"job-{number}")
    cuts = cuts_from_now(before)
    due_ms = await before.fire()
    assert len({(len(cut.log), cut.sent) for cut in cuts}) > 5
    for number, cut in enumerate(cuts):
        after = await power_back(before, cut, tmp_path, number)
        (fire,) = await after.store.list_fires(EVERY_MINUTE, START_MS, due_ms, 10)
        assert (fire.state, fire.count) == (FireState.DONE, JOBS)
        assert [execution.status for execution in await history(after)] == [Status.RUNNING] * JOBS
        both = sent(before, cut.sent) + sent(after)
        assert len(both) == len(set(both))
        assert {execution_id for execution_id, _ in both} == {execution.id for execution in await history(after)}
        await after.end()


async def test_what_a_webhook_went_out_for_is_on_the_disk_whole(before: World, tmp_path: Path) -> None:
    for number in range(JOBS):
        await before.put(f"job-{number}")
    cuts = cuts_from_now(before)
    await before.fire()
    first = next(cut for cut in cuts if cut.sent)
    path = tmp_path / "looked-at.db"
    assert isinstance(before.database, Disk)
    path.write_bytes(before.database.path.read_bytes())
    path.with_name(f"{path.name}-wal").write_bytes(first.log)
    disk = sqlite3.connect(path)
    began = {
        name
        for (name,) in disk.execute("SELECT guid || '_' || incarnation || '_' || scheduled_time_ms FROM executions")
    }
    runs = {name for (name,) in disk.execute("SELECT name FROM workflows")}
    assert {execution_id for execution_id, _ in sent(before, first.sent)} <= began <= runs
    assert disk.execute("SELECT count(*) FROM fires").fetchone() == (1,)
    disk.close()


async def test_a_run_that_was_asked_for_and_answered_is_started_though_a_cut_took_its_start_back(
    before: World, tmp_path: Path
) -> None:
    await before.put()
    asked = await run_job(before.backend, "reports", "nightly", RunRequest())
    cuts = cuts_from_now(before)
    await before.engine.idle()
    assert cuts[0].sent == 0
    before.clock.advance(120)
    for number, cut in enumerate(cuts):
        after = await power_back(before, cut, tmp_path, number)
        both = sent(before, cut.sent) + sent(after)
        assert len(both) == len(set(both))
        assert asked.id in {execution_id for execution_id, _ in both}
        await after.end()
