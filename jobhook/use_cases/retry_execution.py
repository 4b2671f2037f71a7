"""POST /executions/{id}/retry: do again what went wrong, as a new execution linked to the old one."""

from itertools import count

from jobhook.core.executions.execution import Execution
from jobhook.core.executions.manual_runs import free_time, request_retry
from jobhook.ports import Backend
from jobhook.use_cases.read_executions import read_execution
from jobhook.use_cases.retry import retry_on_conflict
from jobhook.use_cases.start_manual_run import start_manual_run


async def retry_execution(backend: Backend, execution_id: str, by: str | None = None) -> Execution:
    """The retry, stored and started. Raises ExecutionNotFound, NotRetryable, JobNotFound, Conflict."""
    taken = count()

    async def store() -> Execution:
        failed = await read_execution(backend, execution_id)
        job = await backend.store.read_job(failed.key.guid)
        retry, decision = request_retry(failed, job, free_time(backend.clock.now_ms(), next(taken)), by)
        await backend.effects.carry_out(decision)
        return retry

    retry = await retry_on_conflict(backend, store)
    await start_manual_run(backend, retry)
    return retry
