"""POST /executions/{id}/cancel: end an execution before its time."""

from jobhook.core.executions.execution import Execution
from jobhook.core.executions.manual_runs import decide_cancel
from jobhook.core.executions.writes import PutExecution
from jobhook.ports import Backend
from jobhook.use_cases.read_executions import read_execution
from jobhook.use_cases.retry import retry_on_conflict


async def cancel_execution(backend: Backend, execution_id: str, by: str | None = None) -> Execution:
    """The execution, cancelled: its lock is free, its run ended, and its service's next callback is answered with 410.

    A run between two attempts has no task to end; its next attempt finds the record and sends nothing.
    Raises ExecutionNotFound, ExecutionEnded, Conflict.
    """

    async def cancel() -> Execution:
        execution = await read_execution(backend, execution_id)
        decision = decide_cancel(execution, backend.clock.now_ms(), by)
        await backend.effects.carry_out(decision)
        written = (write.execution for write in decision.writes if isinstance(write, PutExecution))
        return next(written, execution)

    return await retry_on_conflict(backend, cancel)
