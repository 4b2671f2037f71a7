"""POST .../run: run a job now, whatever its schedule says."""

from itertools import count

from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution
from jobhook.core.executions.manual_runs import RunRequest, free_time, request_run
from jobhook.core.executions.writes import PutChange, PutExecution
from jobhook.core.jobs.audit import requested
from jobhook.ports import Backend
from jobhook.use_cases.read_jobs import read_job
from jobhook.use_cases.retry import retry_on_conflict
from jobhook.use_cases.start_manual_run import start_manual_run


async def run_job(
    backend: Backend, service_name: str, job_name: str, request: RunRequest, by: str | None = None
) -> Execution:
    """The execution, stored and started; a disabled job may be run too.

    Raises JobNotFound, InvalidDocument, Conflict.
    """
    taken = count()

    async def store() -> Execution:
        job = await read_job(backend, service_name, job_name)
        execution = request_run(job, request, free_time(backend.clock.now_ms(), next(taken)))
        await backend.effects.carry_out(
            Decision((PutExecution(execution, None), PutChange(requested(job, execution, by))))
        )
        return execution

    execution = await retry_on_conflict(backend, store)
    await start_manual_run(backend, execution)
    return execution
