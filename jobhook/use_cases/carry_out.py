"""Carries a decision out step by step, where storage and state machine do not share a transaction."""

from jobhook.core.executions.decisions import CompleteTask, Decision
from jobhook.core.executions.writes import MarkReported
from jobhook.ports import Store, TaskGone, Workflows


class StepwiseEffects:
    """`Effects` over a store and a state machine that know nothing of each other (AWS)."""

    def __init__(self, store: Store, workflows: Workflows) -> None:
        self._store = store
        self._workflows = workflows

    async def carry_out(self, decision: Decision) -> None:
        """After a crash between two steps, a repeated callback or the reconciler does the rest."""
        if decision.heartbeat is not None:
            await self._workflows.heartbeat(decision.heartbeat)
        if decision.writes:
            await self._store.commit(decision.writes)
        if decision.completion is not None:
            await complete_and_mark(self._store, self._workflows, decision.completion)


async def complete_and_mark(store: Store, workflows: Workflows, end: CompleteTask) -> None:
    """Tell the state machine how an execution ended, and note it. A task that is gone needs to hear nothing."""
    try:
        await workflows.complete_task(end)
    except TaskGone:
        pass
    await store.commit((MarkReported(end.key),))
