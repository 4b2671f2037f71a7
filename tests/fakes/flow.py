"""The steps of a job's life on a memory backend, in a line each."""

import json
from dataclasses import replace

from jobhook.api.bodies.callback import parse_callback
from jobhook.core.errors import TaskError
from jobhook.core.executions.execution import Execution, ExecutionInput
from jobhook.core.identities import ExecutionKey, job_guid
from jobhook.core.jobs.job import Job, JobSettings
from jobhook.core.times import SECOND_MS
from jobhook.use_cases.dispatch_schedule import dispatch_rule
from jobhook.use_cases.invoke_webhook import invoke_webhook
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.record_callback import record_callback
from jobhook.use_cases.record_failure import record_failure
from tests.fakes.backend import MemoryBackend

MINUTE = 60 * SECOND_MS
EVERY_MINUTE = "cron(* * * * ? *)"
PLAIN = JobSettings("https://reports.example.com/hooks/nightly", EVERY_MINUTE, ttl_seconds=60, timeout_seconds=300)


async def put(
    backend: MemoryBackend, name: str = "nightly", settings: JobSettings = PLAIN, service: str = "reports"
) -> Job:
    """Store a job."""
    return (await put_job(backend, service, name, settings)).job


async def fire(backend: MemoryBackend, expression: str = EVERY_MINUTE) -> list[ExecutionInput]:
    """Move on to the next minute and dispatch it; the runs that this started."""
    backend.clock.time_ms += MINUTE - backend.clock.time_ms % MINUTE
    before = set(backend.workflows.started)
    await dispatch_rule(backend, backend.memory.rows.schedules[expression].rule_suffix, backend.clock.now_ms())
    await backend.drain_queue()
    return [run for run_id, run in backend.workflows.started.items() if run_id not in before]


async def attempt(backend: MemoryBackend, run: ExecutionInput) -> TaskError | None:
    """One task of the state machine; the error that it ends with, where it does not wait."""
    token = backend.workflows.new_task(run.execution_id)
    try:
        await invoke_webhook(backend, run, token)
    except TaskError as error:
        backend.workflows.lose(run.execution_id)
        return error
    return None


async def fail(backend: MemoryBackend, run: ExecutionInput, error: str, cause: str | None = None) -> None:
    """The state machine ends the run with an error, and has it recorded."""
    backend.workflows.lose(run.execution_id)
    await record_failure(backend, run, error, cause)


async def started(backend: MemoryBackend, settings: JobSettings = PLAIN, name: str = "nightly") -> ExecutionInput:
    """A job whose webhook was sent and taken."""
    job = await put(backend, name, settings)
    run = next(run for run in await fire(backend) if run.key.guid == job.guid)
    assert await attempt(backend, run) is None
    return run


def webhook(backend: MemoryBackend, number: int = -1) -> dict[str, object]:
    """The document of a webhook that was sent; the newest unless told otherwise."""
    document: dict[str, object] = json.loads(backend.webhooks.posts[number][1])
    return document


def callback_path(backend: MemoryBackend, number: int = -1) -> tuple[str, str]:
    """The guid and token of a webhook's callback URL."""
    *_, guid, token = str(webhook(backend, number)["callback_url"]).split("/")
    return guid, token


async def call_back(backend: MemoryBackend, number: int = -1, **document: object) -> Execution:
    """The service answers on the callback URL of a webhook."""
    guid, token = callback_path(backend, number)
    return await record_callback(
        backend, guid, token, lambda: parse_callback("application/json", json.dumps(document).encode())
    )


def record(backend: MemoryBackend, run: ExecutionInput | ExecutionKey) -> Execution:
    """An execution's record."""
    return backend.memory.rows.executions[run.key if isinstance(run, ExecutionInput) else run]


def lock_holder(backend: MemoryBackend, name: str = "nightly") -> ExecutionKey | None:
    """Who holds the lock of a job of service `reports`, in whatever incarnation."""
    guid = job_guid("reports", name)
    return next((key for (owner, _), (key, _) in backend.memory.rows.locks.items() if owner == guid), None)


def exclusive(settings: JobSettings = PLAIN) -> JobSettings:
    """The same settings, exclusive."""
    return replace(settings, exclusive=True)
