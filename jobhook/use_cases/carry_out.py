"""Carries out decisions whose task may have gone meanwhile."""

from dataclasses import replace

from jobhook.core.executions.decisions import Decision
from jobhook.ports import Backend, TaskGone


async def carry_out_without_task(backend: Backend, decision: Decision) -> None:
    """Carry out the decision; where its task has gone, only the record is written, and the next attempt adopts it."""
    try:
        await backend.effects.carry_out(decision)
    except TaskGone:
        await backend.effects.carry_out(replace(decision, heartbeat=None))
