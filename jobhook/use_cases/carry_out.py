"""Carries a decision out step by step, where storage and state machine do not share a transaction."""

from jobhook.core.executions.decisions import Decision, Tell
from jobhook.core.executions.writes import MarkTold
from jobhook.ports import Store, TaskGone, Workflows


class StepwiseEffects:
    """`Effects` over a store and a state machine that know nothing of each other (AWS)."""

    def __init__(self, store: Store, workflows: Workflows) -> None:
        self._store = store
        self._workflows = workflows

    async def carry_out(self, decision: Decision) -> None:
        """As the port says. A death between two steps leaves what a repeated callback or the reconciler mends."""
        if decision.beat is not None:
            await self._workflows.heartbeat(decision.beat)
        if decision.writes:
            await self._store.commit(decision.writes)
        if decision.tell is not None:
            await tell_and_mark(self._store, self._workflows, decision.tell)


async def tell_and_mark(store: Store, workflows: Workflows, end: Tell) -> None:
    """Tell the state machine how an execution ended, and note it. A task that is gone needs to hear nothing."""
    try:
        await workflows.tell(end)
    except TaskGone:
        pass
    await store.commit((MarkTold(end.key),))
