"""POST .../run: run a job now, whatever its schedule says."""

from itertools import count

from chalicelib.domain.changes import requested
from chalicelib.domain.execution import Execution
from chalicelib.domain.on_request import RunRequest, free_time, request_run
from chalicelib.domain.writes import PutChange, PutExecution
from chalicelib.ports import Backend
from chalicelib.use_cases.contention import until_won
from chalicelib.use_cases.read_jobs import read_job
from chalicelib.use_cases.start_requested import start_requested


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
        await backend.store.commit((PutExecution(execution, None), PutChange(requested(job, execution, by))))
        return execution

    execution = await until_won(backend, store)
    await start_requested(backend, execution)
    return execution
