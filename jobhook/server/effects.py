"""Carries a decision out in one transaction: the execution's rows and the state machine's are in the same file."""

import sqlite3
from dataclasses import replace

from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.writes import MarkReported, PutExecution, Write
from jobhook.server.asl.run import Step
from jobhook.server.engine import Engine
from jobhook.server.sqlite.apply import Committed, apply, no_listener
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.store import of_fires_alone


class OneTransactionEffects:
    """The `Effects` port of one machine: heartbeat, writes and the task's end become durable together."""

    def __init__(self, database: Database, engine: Engine, committed: Committed = no_listener) -> None:
        """`committed` is told of a decision's writes once they are durable."""
        self._database = database
        self._engine = engine
        self._committed = committed

    async def carry_out(self, decision: Decision) -> None:
        steps = await self._database.write(
            lambda connection: self._within(connection, decision), durable=_is_durable_first(decision)
        )
        self._engine.settle(*steps)
        self._committed(decision.writes)

    def _within(self, connection: sqlite3.Connection, decision: Decision) -> list[Step]:
        # What can be refused comes before the first row is written, so that nothing ever has to be undone.
        steps = [] if decision.heartbeat is None else [self._engine.heartbeat_within(connection, decision.heartbeat)]
        apply(connection, _reported(decision))
        for step in steps:
            self._engine.store_heartbeat_within(connection, step)
        if decision.completion is not None:
            ended = self._engine.complete_within(connection, decision.completion)
            if ended is not None:
                steps.append(ended)
        return steps


def _reported(decision: Decision) -> list[Write]:
    """The decision's writes, with the note that the state machine knows: it is told in the same transaction."""
    if decision.completion is None:
        return list(decision.writes)
    if not decision.writes:
        return [MarkReported(decision.completion.key)]
    return [
        PutExecution(replace(write.execution, workflow_reported=True), write.if_revision)
        if isinstance(write, PutExecution)
        else write
        for write in decision.writes
    ]


def _is_durable_first(decision: Decision) -> bool:
    """Whether the disk must have it before the caller goes on."""
    return decision.heartbeat is not None or decision.completion is not None or not of_fires_alone(decision.writes)
