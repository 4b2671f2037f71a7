"""POST /executions/{id}/cancel: end an execution before its time."""

from chalicelib.domain.execution import Execution
from chalicelib.domain.on_request import decide_cancel
from chalicelib.domain.writes import PutExecution
from chalicelib.ports import Backend
from chalicelib.use_cases.contention import until_won
from chalicelib.use_cases.read_executions import read_execution


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

    return await until_won(backend, cancel)
