"""Carries a decision out step by step, where storage and state machine do not share a transaction."""

from collections.abc import Callable, Sequence
from typing import Protocol

from jobhook.core.executions.decisions import CompleteTask, Decision
from jobhook.core.executions.writes import MarkReported, Write
from jobhook.ports import Store, TaskGone, Workflows


class CommitStore(Store, Protocol):
    """A store that writes by itself."""

    async def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none. Raises WriteConflict."""


class StepwiseEffects:
    """`Effects` over a store and a state machine that know nothing of each other (AWS).

    A death between two steps leaves what a repeated callback or the reconciler completes.
    """

    def __init__(self, store: CommitStore, workflows: Callable[[], Workflows]) -> None:
        """`workflows` is called where a decision has a heartbeat or an end: most have neither, and need no client."""
        self._store = store
        self._workflows = workflows

    async def carry_out(self, decision: Decision) -> None:
        if decision.heartbeat is not None:
            await self._workflows().heartbeat(decision.heartbeat)
        if decision.writes:
            await self._store.commit(decision.writes)
        if decision.completion is not None:
            await self._complete(decision.completion)

    async def _complete(self, completion: CompleteTask) -> None:
        """Tell the state machine how an execution ended, and note it. A task that is gone needs to hear nothing."""
        try:
            await self._workflows().complete_task(completion)
        except TaskGone:
            pass
        await self._store.commit((MarkReported(completion.key),))
