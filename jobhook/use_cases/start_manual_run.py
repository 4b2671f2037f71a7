"""Starts the run of an execution that a person asked for and whose record stands."""

from jobhook.core.executions.execution import Execution, ExecutionInput
from jobhook.core.times import SECOND_MS
from jobhook.ports import Backend


async def start_manual_run(backend: Backend, execution: Execution) -> bool:
    """Start it; again it changes nothing. Whether the state machine took it: if not, the reconciler tries again."""
    grace_seconds = backend.settings.heartbeat_grace_seconds
    asked_ms = execution.key.scheduled_time_ms
    timeout_seconds = ((execution.timeout_at_ms or asked_ms) - asked_ms) // SECOND_MS
    run = ExecutionInput(
        execution_id=execution.id,
        service_name=execution.service_name,
        job_name=execution.job_name,
        schedule=execution.schedule,
        scheduled_time_ms=asked_ms,
        ttl_seconds=execution.ttl_seconds,
        heartbeat_seconds=execution.ttl_seconds + grace_seconds,
        timeout_seconds=timeout_seconds + grace_seconds,
    )
    return not await backend.workflows.start((run,))
