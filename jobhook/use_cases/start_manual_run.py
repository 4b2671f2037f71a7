"""Starts the run of an execution that a person asked for and whose record is stored."""

from jobhook.core.executions.execution import Execution
from jobhook.ports import Backend


async def start_manual_run(backend: Backend, execution: Execution) -> bool:
    """Start it; again it changes nothing. Whether the state machine took it: if not, the reconciler tries again."""
    return not await backend.workflows.start((execution.run(backend.settings.heartbeat_grace_seconds),))
