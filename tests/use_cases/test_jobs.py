"""PUT and DELETE: jobs, and the one rule of each schedule."""

from dataclasses import replace

import pytest

from jobhook.core.errors import ImpossibleSchedule, JobNotFound
from jobhook.core.identities import job_guid
from jobhook.core.jobs.job import JobSettings
from jobhook.core.paging import ExecutionFilter
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.read_executions import list_job_executions
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend
from tests.use_cases.invariants import assert_schedules_agree, settle

FIVE = replace(flow.PLAIN, schedule="rate(5 minutes)")
TEN = replace(flow.PLAIN, schedule="rate(10 minutes)")


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def test_the_same_put_again_changes_nothing(backend: MemoryBackend) -> None:
    first = await put_job(backend, "reports", "nightly", FIVE)
    backend.clock.advance(60)
    passed = backend.tripwire.passed
    again = await put_job(backend, "reports", "nightly", FIVE)
    assert (first.created, again.created) == (True, False)
    assert again.job == first.job
    assert backend.tripwire.passed == passed


async def test_jobs_of_one_schedule_share_one_rule(backend: MemoryBackend) -> None:
    for name in ("a", "b", "c"):
        await flow.put(backend, name, FIVE)
    assert len(backend.rules.puts) == 1
    assert_schedules_agree(backend)


async def test_the_last_job_takes_the_rule_with_it(backend: MemoryBackend) -> None:
    for name in ("a", "b"):
        await flow.put(backend, name, FIVE)
    await delete_job(backend, "reports", "a")
    assert len(backend.rules.standing) == 1
    await delete_job(backend, "reports", "b")
    assert not backend.rules.standing
    assert not backend.memory.rows.schedules
    assert_schedules_agree(backend)


async def test_a_job_that_changes_schedules_moves_between_rules(backend: MemoryBackend) -> None:
    await flow.put(backend, "a", FIVE)
    await flow.put(backend, "a", TEN)
    assert list(backend.rules.standing.values()) == [TEN.schedule]
    assert_schedules_agree(backend)


async def test_a_rule_made_again_is_another_rule(backend: MemoryBackend) -> None:
    await flow.put(backend, "a", FIVE)
    await delete_job(backend, "reports", "a")
    await flow.put(backend, "a", FIVE)
    first, second = backend.rules.puts
    assert first != second


async def test_a_refused_rule_leaves_nothing(backend: MemoryBackend) -> None:
    backend.rules.refusal = "AWS takes no such expression"
    with pytest.raises(ImpossibleSchedule, match="AWS takes no such expression"):
        await flow.put(backend, "a", FIVE)
    assert not backend.memory.rows.jobs
    assert not backend.memory.rows.schedules


async def test_a_refused_rule_leaves_a_stored_job_as_it_was(backend: MemoryBackend) -> None:
    stored = await flow.put(backend, "a", FIVE)
    backend.rules.refusal = "there is no room for another rule"
    with pytest.raises(ImpossibleSchedule):
        await flow.put(backend, "a", TEN)
    assert backend.memory.rows.jobs[stored.guid] == stored
    assert_schedules_agree(backend)


async def test_rules_that_do_not_answer_are_removed_later(backend: MemoryBackend) -> None:
    await flow.put(backend, "a", FIVE)
    backend.rules.unavailable = True
    await delete_job(backend, "reports", "a")
    assert backend.rules.standing
    backend.rules.unavailable = False
    await settle(backend)
    assert_schedules_agree(backend)


async def test_deleting_what_is_not_there(backend: MemoryBackend) -> None:
    with pytest.raises(JobNotFound):
        await delete_job(backend, "reports", "nightly")


@pytest.mark.parametrize(
    "changed",
    [
        replace(flow.PLAIN, ttl_seconds=90, exclusive=True),
        replace(flow.PLAIN, payload="other", exclusive=True),
        replace(flow.PLAIN, enabled=False, exclusive=True),
        replace(flow.PLAIN, exclusive=False),
    ],
)
async def test_an_update_touches_only_the_configuration(backend: MemoryBackend, changed: JobSettings) -> None:
    await flow.started(backend, flow.exclusive())
    await flow.call_back(backend, status="success", state="42")
    (run,) = await flow.fire(backend)
    await flow.attempt(backend, run)
    guid = job_guid("reports", "nightly")
    before = await backend.store.read_job_state(guid)
    await flow.put(backend, "nightly", changed)
    after = await backend.store.read_job_state(guid)
    assert before is not None
    assert after is not None
    assert (after.lock_holder, after.last_success) == (before.lock_holder, before.last_success)
    assert after.lock_holder == run.execution_id
    assert after.job.incarnation == before.job.incarnation


async def test_a_job_put_again_after_a_delete_starts_anew(backend: MemoryBackend) -> None:
    first = await flow.started(backend, flow.exclusive())
    await flow.call_back(backend, status="success", state="42")
    (held,) = await flow.fire(backend)
    await flow.attempt(backend, held)
    await delete_job(backend, "reports", "nightly")
    job = await flow.put(backend, "nightly", flow.exclusive())
    assert job.incarnation != first.key.incarnation
    state = await backend.store.read_job_state(job.guid)
    assert state is not None
    assert (state.lock_holder, state.last_success) == (None, None)
    page = await list_job_executions(backend, "reports", "nightly", ExecutionFilter(), None, 50)
    assert page.items == []


async def test_what_runs_ends_normally_after_its_job_is_gone(backend: MemoryBackend) -> None:
    run = await flow.started(backend, flow.exclusive())
    await delete_job(backend, "reports", "nightly")
    await flow.put(backend, "nightly", flow.exclusive())
    ended = await flow.call_back(backend, status="success", state="42")
    assert ended.status == "success"
    assert flow.record(backend, run).workflow_reported
    assert not backend.memory.rows.locks
    assert not backend.memory.rows.last_successes


async def test_an_update_that_a_delete_and_a_put_overtake_changes_the_new_job(backend: MemoryBackend) -> None:
    first = await flow.put(backend, "a", FIVE)

    async def overtake() -> None:
        await delete_job(backend, "reports", "a")
        await flow.put(backend, "a", FIVE)

    backend.tripwire.set(1, overtake)
    changed = await flow.put(backend, "a", replace(FIVE, ttl_seconds=90))
    assert (changed.version, changed.settings.ttl_seconds) == (2, 90)
    assert changed.incarnation != first.incarnation
