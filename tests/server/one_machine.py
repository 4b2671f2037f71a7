"""The one-machine backend without its sockets: SQLite, engine and clock are real, time and webhooks are the test's."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jobhook.api.bodies.callback import parse_callback
from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import Job, JobSettings
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.core.targets.http import HttpTarget
from jobhook.core.times import MINUTE_MS
from jobhook.ports import Settings
from jobhook.server.asl.machine import load
from jobhook.server.asl.states import Machine
from jobhook.server.backend import SUBSTITUTIONS, OneMachine, functions, target_hosts
from jobhook.server.clock import ScheduleClock
from jobhook.server.effects import OneTransactionEffects
from jobhook.server.engine import Engine
from jobhook.server.notifier import Notifier
from jobhook.server.server import THIS_MACHINES
from jobhook.server.sqlite import runs
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.store import SqliteStore
from jobhook.server.starter import Starter
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.reconcile import Report
from jobhook.use_cases.record_callback import record_callback
from tests.fakes.backend import START_MS
from tests.fakes.ports import CountingIds, FakeClock, ScriptedWebhooks
from tests.fakes.tripwire import Tripwire

EVERY_MINUTE = "cron(* * * * ? *)"
PLAIN = JobSettings("https://reports.example.com/hooks/nightly", EVERY_MINUTE, ttl_seconds=60, timeout_seconds=300)
JSON = "application/json"


def state_machine() -> Machine:
    file = Path(__file__).parents[2] / "statemachines" / "execution.asl.json"
    return load(json.loads(file.read_text()), SUBSTITUTIONS)


MACHINE = state_machine()


class World:
    """One process of the server: `begin` takes up what an earlier one left in the same file."""

    def __init__(self, path: Path | str, clock: FakeClock, ids: CountingIds, database: Database | None = None) -> None:
        self.clock = clock
        self.database = database or Database(path, synchronous="OFF")
        self.engine = Engine(MACHINE, self.database, clock, store_again_seconds=0)
        self.notifier = Notifier(self.database, clock)
        self.webhooks = ScriptedWebhooks(Tripwire())
        self.starter = Starter()
        self.backend = OneMachine(
            store=SqliteStore(self.database, self.notifier.committed),
            rules=ScheduleClock(clock),
            workflows=self.engine,
            effects=OneTransactionEffects(self.database, self.engine, self.notifier.committed),
            senders={HttpTarget.kind: self.webhooks},
            clock=clock,
            ids=ids,
            settings=Settings(
                "http://127.0.0.1:8080",
                0,
                page_size=3,
                retry_limit=64,
                settle_seconds=60,
                rates_keep_phase=True,
                target_networks=THIS_MACHINES,
            ),
            start_queue=self.starter,
        )
        self.store = self.backend.store

    def begin(self) -> None:
        self.starter.run_on(self.backend)
        self.engine.run_functions(functions(self.backend), target_hosts(self.database))

    async def end(self) -> None:
        await self.backend.rules.stop()
        await self.starter.stop()
        await self.engine.stop(grace_seconds=0)
        await self.notifier.stop(within_seconds=0)
        await self.database.close()

    async def put(self, name: str = "nightly", settings: JobSettings = PLAIN) -> Job:
        return (await put_job(self.backend, "reports", name, settings)).job

    async def fire(self, expression: str = EVERY_MINUTE, *, minutes: int = 1) -> int:
        """Dispatch the schedule at one of the next whole minutes, and let everything come to rest; that minute."""
        now_ms = self.clock.time_ms
        self.clock.time_ms = now_ms - now_ms % MINUTE_MS + minutes * MINUTE_MS
        row = await self.store.read_schedule(expression)
        assert row is not None
        await self.dispatch(row, self.clock.time_ms)
        await self.engine.idle()
        return self.clock.time_ms

    async def dispatch(self, row: ScheduleRow, at_ms: int) -> None:
        await self.starter.dispatch(row, at_ms)
        await self.starter.idle()

    async def catch_up(self, row: ScheduleRow, until_ms: int) -> None:
        await self.starter.catch_up(row, until_ms)
        await self.starter.idle()

    async def reconcile(self, settle_seconds: int = 0) -> Report:
        report = await self.starter.reconcile(settle_seconds)
        await self.starter.idle()
        await self.engine.idle()
        return report

    async def started(self, name: str = "nightly", settings: JobSettings = PLAIN) -> ExecutionKey:
        """A job whose webhook was sent."""
        job = await self.put(name, settings)
        return ExecutionKey(job.guid, job.incarnation, await self.fire(settings.schedule))

    async def pass_time(self, seconds: float) -> None:
        """Let the clock move on, and what is due happen."""
        self.clock.advance(seconds)
        self.engine.fire_timers()
        await self.engine.idle()

    async def pass_until(self, key: ExecutionKey, *, seconds: int) -> Execution:
        """Let so many seconds pass, one by one, or fewer if the execution ends before."""
        for _ in range(seconds):
            execution = await self.store.read_execution(key)
            if execution is not None and execution.ended:
                break
            await self.pass_time(1)
        return await self.execution(key)

    async def execution(self, key: ExecutionKey) -> Execution:
        execution = await self.store.read_execution(key)
        assert execution is not None
        return execution

    def posts(self, key: ExecutionKey) -> list[dict[str, object]]:
        """The webhooks that were sent for the execution."""
        bodies: list[dict[str, object]] = [json.loads(body) for _, body in self.webhooks.posts]
        return [body for body in bodies if body["execution_id"] == key.id]

    def callback_of(self, key: ExecutionKey, attempt: int = -1) -> tuple[str, str]:
        """The guid and token of the callback URL that the service was given."""
        guid, token = str(self.posts(key)[attempt]["callback_url"]).split("/")[-2:]
        return guid, token

    async def call_back_now(self, callback: tuple[str, str], status: str, **fields: object) -> Execution:
        """A callback, whatever else is under way."""
        body = json.dumps({"status": status, **fields}).encode()
        return await record_callback(self.backend, *callback, lambda: parse_callback(JSON, body))

    async def call_back(self, callback: tuple[str, str], status: str, **fields: object) -> Execution:
        """A callback, and all that comes of it."""
        execution = await self.call_back_now(callback, status, **fields)
        await self.engine.idle()
        return execution

    def run_is_there(self, key: ExecutionKey) -> bool:
        """Whether the state machine has a row for the run."""
        return runs.read(self.database.reader, key.id) is not None


@asynccontextmanager
async def one_machine(
    path: Path | str = ":memory:", *, clock: FakeClock | None = None, ids: CountingIds | None = None
) -> AsyncIterator[World]:
    """A process that has begun, and ends with the block."""
    world = World(path, clock or FakeClock(START_MS), ids or CountingIds())
    world.begin()
    try:
        yield world
    finally:
        await world.end()
