"""Where dispatch learns of a job only after a moment, the job is in force only after a longer one."""

from dataclasses import replace

from jobhook.core.jobs.preconditions import Precondition
from jobhook.ports import Settings
from jobhook.use_cases.pause_job import pause_job, resume_job
from jobhook.use_cases.plan_job import plan_job
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

LEAD_MS = 5_000


def backend_just_before_the_minute(seconds: float) -> MemoryBackend:
    backend = MemoryBackend(Settings(base_url="https://jobs.example.com/api", lead_ms=LEAD_MS))
    backend.clock.advance(60 - seconds)
    return backend


async def test_a_job_put_too_shortly_before_a_due_time_begins_with_the_next() -> None:
    backend = backend_just_before_the_minute(4)
    job = await flow.put(backend)
    assert job.effective_from_ms == backend.clock.now_ms() + LEAD_MS
    assert await flow.fire(backend) == []
    assert len(await flow.fire(backend)) == 1


async def test_a_job_put_before_that_begins_at_once() -> None:
    backend = backend_just_before_the_minute(6)
    await flow.put(backend)
    assert len(await flow.fire(backend)) == 1


async def test_what_is_planned_and_what_is_changed_enabled_or_resumed_begins_as_late() -> None:
    backend = backend_just_before_the_minute(4)
    now_ms = backend.clock.now_ms()
    plan = await plan_job(backend, "reports", "nightly", lambda _: flow.PLAIN, Precondition())
    assert plan.upcoming[0].scheduled_time_ms == now_ms + 64_000
    await flow.put(backend, settings=replace(flow.PLAIN, enabled=False))
    enabled = await flow.put(backend)
    await pause_job(backend, "reports", "nightly", "holiday", None)
    resumed = await resume_job(backend, "reports", "nightly")
    assert (enabled.effective_from_ms, resumed.effective_from_ms) == (now_ms + LEAD_MS, now_ms + LEAD_MS)
