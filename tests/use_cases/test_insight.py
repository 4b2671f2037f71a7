"""Why a job ran or did not, and how Jobhook is doing, from the ledger."""

from dataclasses import replace

import pytest

from jobhook.core.errors import JobNotFound
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.explain_run import explain_run
from jobhook.use_cases.pause_job import pause_job, resume_job
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.read_health import read_health
from jobhook.use_cases.run_job import run_job
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend
from tests.use_cases.invariants import settle

HOURLY = replace(flow.PLAIN, schedule="cron(0 * * * ? *)")


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def verdict(backend: MemoryBackend, minute: float) -> tuple[str, str]:
    """Why, that many minutes after the start."""
    explained = await explain_run(backend, "reports", "nightly", START_MS + round(minute * flow.MINUTE))
    return explained.explanation.verdict, explained.explanation.message


async def test_what_ran_is_its_record(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    assert await verdict(backend, 1.5) == ("running", f"execution {run.execution_id}: running")
    await flow.call_back(backend, status="fail", error="disk full")
    assert await verdict(backend, 1) == ("failed", f"execution {run.execution_id}: failed (job_failed; disk full)")


async def test_what_a_pause_skipped_says_so_even_after_it(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await pause_job(backend, "reports", "nightly", "holiday", None)
    await flow.fire(backend)
    await resume_job(backend, "reports", "nightly")
    word, message = await verdict(backend, 1)
    assert word == "skipped"
    assert message.endswith("(job_paused; the job was paused: holiday)")


async def test_what_is_to_come_is_told_as_it_stands(backend: MemoryBackend) -> None:
    await flow.put(backend)
    assert (await verdict(backend, 5))[0] == "upcoming"
    await pause_job(backend, "reports", "nightly", "holiday", START_MS + 10 * flow.MINUTE)
    assert await verdict(backend, 5) == ("paused", "the job was paused: holiday")
    assert (await verdict(backend, 10))[0] == "upcoming"


async def test_a_time_before_the_job_or_its_schedule_is_not_the_jobs(backend: MemoryBackend) -> None:
    await flow.put(backend)
    assert (await verdict(backend, -1))[0] == "not_yet_made"
    backend.clock.advance(3_600)
    await put_job(backend, "reports", "nightly", HOURLY)
    assert await verdict(backend, 30) == (
        "not_in_effect",
        "the job has its schedule, or is enabled or resumed, only since 2026-11-21T09:00:00Z",
    )


async def test_a_disabled_job_and_a_time_that_is_not_due(backend: MemoryBackend) -> None:
    await put_job(backend, "reports", "nightly", HOURLY)
    assert await verdict(backend, 30) == (
        "not_due",
        "cron(0 * * * ? *) is not due in the minute of 2026-11-21T08:30:00Z, but next at 2026-11-21T09:00:00Z",
    )
    await put_job(backend, "reports", "nightly", replace(HOURLY, enabled=False))
    assert (await verdict(backend, 60))[0] == "disabled"


async def test_what_was_missed_is_in_a_gap_of_the_ledger(backend: MemoryBackend) -> None:
    """Of an outage's missed times the newest have records, the others only the schedule's row."""
    await flow.put(backend)
    backend.clock.advance(120 * 60)
    await catch_up(backend, backend.memory.rows.schedules[flow.EVERY_MINUTE], backend.clock.now_ms())
    assert await verdict(backend, 50) == (
        "missed",
        "nothing fired: the schedule missed 119 times from 2026-11-21T08:01:00Z to 2026-11-21T09:59:00Z",
    )
    assert (await verdict(backend, 110))[1].endswith("by the catch-up policy only the latest missed fire runs)")


async def test_what_was_dispatched_is_followed_from_its_fire(backend: MemoryBackend) -> None:
    await flow.put(backend)
    backend.clock.advance(60)
    assert (await verdict(backend, 1))[0] == "not_fired_yet"
    (run,) = await flow.fire(backend)
    assert (await verdict(backend, 2))[0] == "started"
    assert run.scheduled_time_ms == START_MS + 2 * flow.MINUTE
    backend.clock.advance(3_600)
    assert (await verdict(backend, 1))[0] == "unrecorded"


async def test_a_run_by_hand_does_not_answer_for_an_occurrence(backend: MemoryBackend) -> None:
    await put_job(backend, "reports", "nightly", HOURLY)
    backend.clock.advance(90)
    asked = await run_job(backend, "reports", "nightly", RunRequest())
    explained = await explain_run(backend, "reports", "nightly", backend.clock.now_ms())
    assert explained.explanation.verdict == "not_due"
    assert [one.id for one in explained.asked.executions] == [asked.id]


async def test_no_job_has_no_reasons(backend: MemoryBackend) -> None:
    with pytest.raises(JobNotFound):
        await verdict(backend, 0)


async def test_all_is_well_where_nothing_is_late(backend: MemoryBackend) -> None:
    run = await flow.started(backend, flow.exclusive())
    health = await read_health(backend, None)
    assert health.well
    assert (len(health.running), len(health.pending), len(health.ran)) == (1, 0, 1)
    assert health.newest is not None
    assert health.newest.id == run.execution_id
    assert health.holders == [run.key]
    assert (await read_health(backend, backend.clock.now_ms() + 1)).ran == []


async def test_an_empty_jobhook_is_well(backend: MemoryBackend) -> None:
    health = await read_health(backend, None)
    assert (health.well, health.newest, list(health.holders)) == (True, None, [])


async def test_what_nobody_has_closed_is_late(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    backend.clock.advance(3_600)
    health = await read_health(backend, None)
    assert not health.well
    assert [one.id for one in health.overdue] == [run.execution_id]
    assert [late.expression for late in health.late] == [flow.EVERY_MINUTE]


async def test_the_reconciler_makes_it_well_again(backend: MemoryBackend) -> None:
    await flow.put(backend)
    await settle(backend)
    assert (await read_health(backend, None)).late == []


@pytest.mark.parametrize(("keeps_phase", "late"), [(True, 1), (False, 0)])
async def test_a_rate_whose_phase_is_not_known_is_never_late(
    backend: MemoryBackend, keeps_phase: bool, late: int
) -> None:
    await flow.put(backend, settings=replace(flow.PLAIN, schedule="rate(5 minutes)"))
    backend.settings = replace(backend.settings, rates_keep_phase=keeps_phase)
    backend.clock.advance(3_600)
    assert len((await read_health(backend, None)).late) == late
