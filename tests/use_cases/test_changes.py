"""Whatever a person does to a job is in its audit trail, once; what changed nothing is not."""

import asyncio
from dataclasses import replace

import pytest

from jobhook.core.errors import JobNotFound
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.paging import Between
from jobhook.use_cases.cancel_execution import cancel_execution
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.pause_job import pause_job, resume_job
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.read_changes import list_changes, list_job_changes
from jobhook.use_cases.retry_execution import retry_execution
from jobhook.use_cases.run_job import run_job
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

NIGHTLY = ("reports", "nightly")
EVER = Between()


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def trail(backend: MemoryBackend, span: Between = EVER) -> list[tuple[str, str | None, int | None]]:
    """The job's changes, oldest first: action, who, version."""
    page = await list_job_changes(backend, *NIGHTLY, span, None, 50)
    return [(change.action.value, change.by, change.version) for change in reversed(page.items)]


async def test_everything_that_is_done_is_in_the_trail(backend: MemoryBackend) -> None:
    await put_job(backend, *NIGHTLY, flow.PLAIN, "ann")
    backend.clock.advance(1)
    await put_job(backend, *NIGHTLY, replace(flow.PLAIN, ttl_seconds=90), "bob")
    backend.clock.advance(1)
    await pause_job(backend, *NIGHTLY, "holiday", None, "cid")
    backend.clock.advance(1)
    await resume_job(backend, *NIGHTLY, "dan")
    backend.clock.advance(1)
    run = await run_job(backend, *NIGHTLY, RunRequest(), "eve")
    backend.clock.advance(1)
    await cancel_execution(backend, run.id, "fay")
    backend.clock.advance(1)
    retry = await retry_execution(backend, run.id, "gus")
    backend.clock.advance(1)
    await delete_job(backend, *NIGHTLY, by="hal")
    assert await trail(backend) == [
        ("created", "ann", 1),
        ("updated", "bob", 2),
        ("paused", "cid", 3),
        ("resumed", "dan", 4),
        ("run", "eve", 4),
        ("cancelled", "fay", None),
        ("retried", "gus", 4),
        ("deleted", "hal", 4),
    ]
    ids = [change.execution_id for change in (await list_changes(backend, EVER, None, 50)).items]
    assert ids == [None, retry.id, run.id, run.id, None, None, None, None]


async def test_what_changes_nothing_is_not_in_the_trail(backend: MemoryBackend) -> None:
    await put_job(backend, *NIGHTLY, flow.PLAIN, "ann")
    await put_job(backend, *NIGHTLY, flow.PLAIN, "bob")
    await resume_job(backend, *NIGHTLY, "bob")
    await pause_job(backend, *NIGHTLY, "holiday", None, "cid")
    await pause_job(backend, *NIGHTLY, "holiday", None, "bob")
    run = await run_job(backend, *NIGHTLY, RunRequest(), "ann")
    await cancel_execution(backend, run.id, "ann")
    await cancel_execution(backend, run.id, "bob")
    with pytest.raises(JobNotFound):
        await delete_job(backend, "reports", "another", by="bob")
    assert "bob" not in {who for _, who, _ in await trail(backend)}
    job = backend.memory.rows.jobs[run.key.guid]
    assert (job.created_by, job.updated_by) == ("ann", "cid")


async def test_the_trail_of_a_deleted_job_stays_and_goes_on_with_the_next_of_its_name(backend: MemoryBackend) -> None:
    await put_job(backend, *NIGHTLY, flow.PLAIN, "ann")
    backend.clock.advance(1)
    await delete_job(backend, *NIGHTLY, by="ann")
    assert [action for action, _, _ in await trail(backend)] == ["created", "deleted"]
    backend.clock.advance(1)
    await put_job(backend, *NIGHTLY, flow.PLAIN, "bob")
    assert [action for action, _, _ in await trail(backend)] == ["created", "deleted", "created"]
    page = await list_job_changes(backend, *NIGHTLY, EVER, None, 50)
    assert len({change.incarnation for change in page.items}) == 2


async def test_an_empty_page_of_a_known_name_is_no_error(backend: MemoryBackend) -> None:
    with pytest.raises(JobNotFound):
        await trail(backend)
    await put_job(backend, *NIGHTLY, flow.PLAIN, "ann")
    assert await trail(backend, Between(until_ms=1)) == []
    await delete_job(backend, *NIGHTLY, by="ann")
    assert await trail(backend, Between(until_ms=1)) == []


async def test_callers_who_race_are_each_told_of_once(backend: MemoryBackend) -> None:
    await put_job(backend, *NIGHTLY, flow.PLAIN, "ann")
    pauses = [pause_job(backend, *NIGHTLY, f"reason {who}", None, who) for who in ("bob", "cid", "dan")]
    await asyncio.gather(*pauses)
    reported = await trail(backend)
    assert sorted(who or "" for action, who, _ in reported if action == "paused") == ["bob", "cid", "dan"]
    assert sorted(version or 0 for _, _, version in reported) == [1, 2, 3, 4]
