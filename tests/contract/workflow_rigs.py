"""Both state machines behind their ports, with functions that only note the task tokens which they are given."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.ports import Effects, WorkflowEnd, Workflows
from jobhook.server.asl.machine import load
from jobhook.server.asl.values import JSON
from jobhook.server.backend import INVOKE, RECORD_FAILURE, SUBSTITUTIONS
from jobhook.server.effects import OneTransactionEffects
from jobhook.server.engine import Engine
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.store import SqliteStore
from tests.chalicelib.moto_stack import MACHINE, MotoStack, moto_stack
from tests.contract.values import T0
from tests.fakes.ports import FakeClock


class WorkflowRig(Protocol):
    """A state machine with its store; `tokens` has the task tokens that its function was given, by execution id."""

    tokens: dict[str, list[str]]

    @property
    def store(self) -> CommitStore: ...
    @property
    def workflows(self) -> Workflows: ...
    @property
    def effects(self) -> Effects: ...

    async def token_of(self, execution_id: str) -> str:
        """The token on which the run waits."""

    async def end_of(self, execution_id: str) -> WorkflowEnd:
        """How the run ended, after it has."""


class MotoRig:
    """Step Functions as moto has it."""

    def __init__(self, stack: MotoStack) -> None:
        self._stack = stack
        self.tokens: dict[str, list[str]] = {}
        self.store = stack.backend.store
        self.workflows = stack.backend.workflows
        self.effects = stack.backend.effects
        stack.functions = {"invoke": self._invoke, "record-failure": lambda event: None}

    async def token_of(self, execution_id: str) -> str:
        self._stack.until(lambda: self._stack.waits(execution_id))
        return self.tokens[execution_id][-1]

    async def end_of(self, execution_id: str) -> WorkflowEnd:
        self._stack.until(lambda: self._stack.ended(execution_id))
        end = await self.workflows.describe_end(execution_id)
        assert end is not None
        return end

    def _invoke(self, event: Mapping[str, object]) -> None:
        run = event["execution"]
        assert isinstance(run, dict)
        self.tokens.setdefault(run["execution_id"], []).append(str(event["task_token"]))


class EmbeddedRig:
    """The engine of one machine."""

    def __init__(self, database: Database) -> None:
        machine = load(json.loads(Path(MACHINE).read_text()), SUBSTITUTIONS)
        self._engine = Engine(machine, database, FakeClock(T0))
        self.tokens: dict[str, list[str]] = {}
        self.store = SqliteStore(database)
        self.workflows = self._engine
        self.effects = OneTransactionEffects(database, self._engine)
        self._engine.run_functions({INVOKE: self._invoke, RECORD_FAILURE: self._record_failure})

    async def token_of(self, execution_id: str) -> str:
        await self._engine.idle()
        return self.tokens[execution_id][-1]

    async def end_of(self, execution_id: str) -> WorkflowEnd:
        await self._engine.idle()
        end = await self.workflows.describe_end(execution_id)
        assert end is not None
        return end

    async def stop(self) -> None:
        await self._engine.stop(0)

    async def _invoke(self, event: JSON) -> JSON:
        assert isinstance(event, dict)
        run = event["execution"]
        assert isinstance(run, dict)
        self.tokens.setdefault(str(run["execution_id"]), []).append(str(event["task_token"]))
        return None

    async def _record_failure(self, event: JSON) -> JSON:
        return None


@asynccontextmanager
async def moto_rig() -> AsyncIterator[WorkflowRig]:
    with moto_stack() as stack:
        yield MotoRig(stack)


@asynccontextmanager
async def embedded_rig() -> AsyncIterator[WorkflowRig]:
    database = Database(":memory:")
    rig = EmbeddedRig(database)
    try:
        yield rig
    finally:
        await rig.stop()
        await database.close()


RIGS: dict[str, Callable[[], AbstractAsyncContextManager[WorkflowRig]]] = {
    "moto": moto_rig,
    "embedded": embedded_rig,
}
