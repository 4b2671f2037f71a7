"""The embedded state machine engine: runs are rows, functions are coroutines, deadlines are timers.

What a run does is decided by the pure interpreter (`asl`); here each step is stored before anything is done about it.
"""

import asyncio
import logging
import random
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from jobhook.core.errors import TaskError, Unavailable
from jobhook.core.executions.decisions import CompleteTask
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.identities import ExecutionKey
from jobhook.ports import Clock, TaskGone, WorkflowEnd
from jobhook.server.asl import step as asl
from jobhook.server.asl.errors import TaskTimedOut
from jobhook.server.asl.run import InvokeFunction, Run, Status, Step, next_deadline
from jobhook.server.asl.states import Machine
from jobhook.server.asl.values import JSON
from jobhook.server.per_host_limiter import PerHostLimiter
from jobhook.server.recent_runs import RecentRuns
from jobhook.server.sqlite import runs
from jobhook.server.sqlite.database import Database
from jobhook.server.timers import Timers

log = logging.getLogger(__name__)

Function = Callable[[JSON], Awaitable[JSON]]
Change = Callable[[Run, asl.Moment], Step]
HostsOf = Callable[[Sequence[InvokeFunction]], Sequence[str | None]]
"""The lane that each of some calls waits in; None for one that nothing bounds but the number of all."""

LOST_FUNCTION = "Lambda.Unknown"  # Step Functions' word for a function that died without an answer


class Engine:
    """The `Workflows` port of one machine."""

    def __init__(
        self,
        machine: Machine,
        database: Database,
        clock: Clock,
        *,
        most_calls: int = 1_000,
        most_in_lane: int = 200,
        store_again_seconds: float = 1.0,
    ) -> None:
        """`most_calls` functions run at once, `most_in_lane` of one lane; what else is due waits in memory and its row.

        A step that nobody waits for and that cannot be stored is tried again after `store_again_seconds`.
        """
        self._machine = machine
        self._database = database
        self._runs = RecentRuns(database)
        self._clock = clock
        self._functions: Mapping[str, Function] = {}
        self._timers = Timers(clock, self._on_due)
        self._due_calls: PerHostLimiter[InvokeFunction] = PerHostLimiter(most_calls, most_in_lane)
        self._lanes_of: HostsOf = _no_hosts
        self._calls: set[asyncio.Task[None]] = set()
        self._settling: set[asyncio.Future[Step | None]] = set()
        self._unstored: list[tuple[str, Change]] = []
        self._store_again_seconds = store_again_seconds
        self._alive: dict[str, bool] = {}  # by token of a running function: whether a heartbeat has come meanwhile
        self._stopping = False

    def run_functions(self, functions: Mapping[str, Function], hosts_of: HostsOf | None = None) -> None:
        """Begin: what the machine's tasks call, by the names that its placeholders were replaced with, in which lanes.

        Runs that waited when the process ended keep their deadlines; functions that it took with it are lost and
        handled by the machine's Retry.
        """
        self._functions = functions
        self._lanes_of = hosts_of or _no_hosts
        for name, deadline_ms in runs.deadlines(self._database.reader):
            self._timers.set(name, deadline_ms)
        for run in runs.invoking(self._database.reader):
            self._change_later(run.name, partial(_lost, self._machine, token=run.token or ""))
        self._timers.start()

    async def stop(self, grace_seconds: float) -> None:
        """Call nothing new, and wait so long for the functions that run; the next start finds the others lost."""
        self._stopping = True
        self._timers.stop()
        if self._calls:
            await asyncio.wait(self._calls, timeout=grace_seconds)
        for call in self._calls:
            call.cancel()
        if self._settling:
            await asyncio.wait(self._settling)

    def fire_timers(self) -> None:
        """Handle what is due by the clock now (for tests; otherwise the timers wake by themselves)."""
        self._timers.fire()

    async def idle(self) -> None:
        """Wait until no function runs and no step is being stored (for tests)."""
        while self._calls or self._settling or self._unstored:
            for under_way in (self._calls, self._settling):
                if under_way:
                    await asyncio.wait(under_way)
            await asyncio.sleep(0)

    async def start(self, starts: Sequence[ExecutionInput]) -> Sequence[ExecutionInput]:
        """All are started, or the write fails as a whole.

        Runs are not waited for to reach the disk: one that a power cut takes back has sent nothing, as the attempt's
        commit would have taken it along, and is started again by its fire, or by the record of who asked for it.
        """

        def insert(connection: sqlite3.Connection) -> list[Step]:
            steps = []
            for begun in starts:
                step = asl.start(self._machine, begun.execution_id, begun.to_json(), self._moment(begun.execution_id))
                if self._runs.insert(connection, step.run, _key(begun.execution_id)):
                    steps.append(step)
            return steps

        self.settle(*await self._database.write(insert, durable=False))
        return ()

    async def heartbeat(self, task_token: str) -> None:
        def beat(connection: sqlite3.Connection) -> Step:
            step = self.heartbeat_within(connection, task_token)
            self.store_heartbeat_within(connection, step)
            return step

        self.settle(await self._database.write(beat))

    async def complete_task(self, end: CompleteTask) -> None:
        step = await self._database.write(lambda connection: self.complete_within(connection, end))
        if step is None:
            raise TaskGone
        self.settle(step)

    async def describe_end(self, execution_id: str) -> WorkflowEnd | None:
        run = runs.read(self._database.reader, execution_id)
        if run is None:
            return WorkflowEnd("Unknown", "the state machine has no run of that name")
        if run.status is Status.RUNNING:
            return None
        begun = ExecutionInput.from_json(run.input) if isinstance(run.input, Mapping) else None
        return WorkflowEnd(run.error, run.cause, begun)

    async def list_failed(self, since_ms: int) -> Sequence[str]:
        return runs.failed(self._database.reader, since_ms)

    def heartbeat_within(self, connection: sqlite3.Connection, task_token: str) -> Step:
        """Inside a unit of work, what lets the task wait on; it is still to be stored. Raises TaskGone."""
        run = self._runs.read(connection, _name(task_token))
        if run is None or run.status is not Status.RUNNING or run.state not in self._machine.states:
            raise TaskGone
        try:
            return asl.heartbeat(self._machine, run, task_token, self._clock.now_ms())
        except TaskTimedOut:
            raise TaskGone from None

    def store_heartbeat_within(self, connection: sqlite3.Connection, step: Step) -> None:
        """Inside a unit of work, store what `heartbeat_within` made."""
        self._runs.update_heartbeat(connection, step.run)

    def store_within(self, connection: sqlite3.Connection, step: Step) -> None:
        """Inside a unit of work, store where the run is now."""
        if step.run.status is Status.RUNNING:
            self._runs.update(connection, step.run)
        else:
            self._runs.end(connection, step.run, _key(step.run.name))

    def complete_within(self, connection: sqlite3.Connection, end: CompleteTask) -> Step | None:
        """Inside a unit of work, end the task; None where it is gone."""

        def ended(run: Run, moment: asl.Moment) -> Step:
            if end.error is None:
                return asl.task_succeeded(self._machine, run, end.task_token, None, moment)
            return asl.task_failed(self._machine, run, end.task_token, end.error, end.cause or "", moment)

        try:
            return self._change(connection, _name(end.task_token), ended)
        except TaskTimedOut:
            return None

    def settle(self, *steps: Step) -> None:
        """After the steps were stored: set the runs' timers, and call what they ask for."""
        for step in steps:
            self._keep_time(step)
        actions = [action for step in steps for action in step.actions]
        if actions:
            for lane, action in zip(self._lanes_of(actions), actions, strict=True):
                self._due_calls.add(lane, action)
            self._call_more()

    def _keep_time(self, step: Step) -> None:
        deadline_ms = next_deadline(step.run)
        if deadline_ms is None:
            self._timers.drop(step.run.name)
        else:
            self._timers.set(step.run.name, deadline_ms)
        if step.run.token in self._alive and step.run.heartbeat_deadline_ms is not None:
            self._alive[step.run.token] = True

    def _change(self, connection: sqlite3.Connection, name: str, change: Change) -> Step | None:
        run = self._runs.read(connection, name)
        if run is None or run.status is not Status.RUNNING:
            return None
        step = change(run, self._moment(name)) if run.state in self._machine.states else _orphaned(run)
        if step.run is not run:
            self.store_within(connection, step)
        return step

    def _change_later(self, name: str, change: Change) -> None:
        """Queue a step that nobody waits for."""
        stored = self._database.write(lambda connection: self._change(connection, name, change))
        self._settling.add(stored)
        stored.add_done_callback(partial(self._settle_stored, name, change))

    def _settle_stored(self, name: str, change: Change, stored: "asyncio.Future[Step | None]") -> None:
        self._settling.discard(stored)
        if stored.cancelled():
            return
        error = stored.exception()
        if isinstance(error, Unavailable):
            self._keep_unstored(name, change, error)
        elif error is not None:
            log.error("execution %s cannot go on", name, exc_info=error)
        else:
            step = stored.result()
            if step is not None:
                self.settle(step)

    def _keep_unstored(self, name: str, change: Change, error: Unavailable) -> None:
        """Keep what happened until it can be stored; after a stop, the next start finds it due or lost."""
        if not self._unstored and not self._stopping:
            log.error("steps of the state machine wait to be stored: %s", error)
            asyncio.get_running_loop().call_later(self._store_again_seconds, self._store_again)
        self._unstored.append((name, change))

    def _store_again(self) -> None:
        unstored, self._unstored = self._unstored, []
        if not self._stopping:
            for name, change in unstored:
                self._change_later(name, change)

    def _on_due(self, names: Sequence[str]) -> None:
        for name in names:
            self._change_later(name, partial(_due, self._machine))

    def _moment(self, name: str) -> asl.Moment:
        return asl.Moment(self._clock.now_ms(), lambda: f"{name}~{secrets.token_hex(8)}", random.random)

    def _call_more(self) -> None:
        while not self._stopping and (due := self._due_calls.take()) is not None:
            lane, action = due
            call = asyncio.get_running_loop().create_task(self._call(action))
            self._calls.add(call)
            call.add_done_callback(partial(self._called, lane))

    def _called(self, lane: str | None, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        self._due_calls.done(lane)
        self._call_more()

    async def _call(self, action: InvokeFunction) -> None:
        """Call the function, and hand back its return or its error, whatever that is, as Lambda does."""
        name = _name(action.token)
        self._alive[action.token] = False
        try:
            result = await self._functions[action.function](action.payload)
        except TaskError as error:
            self._change_later(name, partial(_failed, self._machine, action.token, type(error).__name__, str(error)))
        except Exception as error:
            log.exception("function %s failed for execution %s", action.function, name)
            self._change_later(name, partial(_failed, self._machine, action.token, type(error).__name__, ""))
        else:
            if not self._alive[action.token]:  # else the heartbeat's clock runs already
                self._change_later(name, partial(_returned, self._machine, action.token, result))
        finally:
            del self._alive[action.token]


def _no_hosts(actions: Sequence[InvokeFunction]) -> Sequence[None]:
    return (None,) * len(actions)


def _orphaned(run: Run) -> Step:
    """The end of a run whose state an upgrade has taken away; its record is closed by a callback or the reconciler."""
    cause = f"this version of the state machine has no state {run.state}"
    return Step(
        Run(run.name, run.state, run.input, run.entered_ms, status=Status.FAILED, error="States.Runtime", cause=cause)
    )


def _returned(machine: Machine, token: str, result: JSON, run: Run, moment: asl.Moment) -> Step:
    return asl.function_returned(machine, run, token, result, moment)


def _failed(machine: Machine, token: str, error: str, cause: str, run: Run, moment: asl.Moment) -> Step:
    return asl.function_failed(machine, run, token, error, cause, moment)


def _lost(machine: Machine, run: Run, moment: asl.Moment, *, token: str) -> Step:
    return asl.function_failed(machine, run, token, LOST_FUNCTION, "the process ended while the function ran", moment)


def _due(machine: Machine, run: Run, moment: asl.Moment) -> Step:
    return asl.due(machine, run, moment)


def _name(task_token: str) -> str:
    """The run's name in a task token, which is `<name>~<random>`."""
    return task_token.partition("~")[0]


def _key(execution_id: str) -> tuple[str, str, int]:
    key = ExecutionKey.parse(execution_id)
    if key is None:
        raise ValueError(f"not an execution id: {execution_id!r}")
    return key.guid, key.incarnation, key.scheduled_time_ms
