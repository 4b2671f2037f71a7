"""Dispatch: one execution for each enabled job and nominal time, whatever happens to the events."""

from dataclasses import replace
from random import Random

import pytest

from jobhook.core.errors import Unavailable
from jobhook.core.schedules.pages import FIRST, PageKey
from jobhook.core.schedules.rows import Fire, FireState
from jobhook.ports import Settings
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.dispatch_schedule import dispatch_rule, start_page
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend
from tests.fakes.tripwire import Crash

NOMINAL_MS = START_MS + flow.MINUTE


async def _with_jobs(jobs: int = 7, page_size: int = 3) -> MemoryBackend:
    backend = MemoryBackend(Settings(base_url="https://jobs.example.com", page_size=page_size))
    for number in range(jobs):
        await flow.put(backend, f"job-{number}")
    backend.clock.time_ms = NOMINAL_MS + 700
    return backend


async def _deliver(backend: MemoryBackend, event_time_ms: int = NOMINAL_MS) -> None:
    await dispatch_rule(backend, backend.memory.rows.schedules[flow.EVERY_MINUTE].rule_suffix, event_time_ms)


def _fire(backend: MemoryBackend) -> Fire:
    return backend.memory.rows.fires[flow.EVERY_MINUTE, NOMINAL_MS]


async def test_every_enabled_job_is_started_once_at_the_nominal_time() -> None:
    backend = await _with_jobs()
    await flow.put(backend, "off", replace(flow.PLAIN, enabled=False))
    await flow.put(backend, "other", replace(flow.PLAIN, schedule="rate(5 minutes)"))
    await _deliver(backend, NOMINAL_MS + 31_000)
    await backend.drain_queue()
    runs = backend.workflows.started.values()
    assert sorted(run.job_name for run in runs) == [f"job-{number}" for number in range(7)]
    assert {run.scheduled_time_ms for run in runs} == {NOMINAL_MS}
    assert {(run.ttl_seconds, run.heartbeat_seconds, run.timeout_seconds) for run in runs} == {(60, 75, 315)}
    assert (_fire(backend).state, _fire(backend).count) == (FireState.DONE, 7)


async def test_the_first_page_is_started_at_once_and_the_others_are_handed_on_together() -> None:
    backend = await _with_jobs()
    await _deliver(backend)
    assert len(backend.workflows.starts) == 3
    assert len(backend.start_queue.pages) == len(backend.memory.rows.pages) == 2
    assert _fire(backend).state is FireState.OPEN


async def test_a_rate_runs_at_the_time_of_its_event() -> None:
    backend = MemoryBackend()
    rate = "rate(5 minutes)"
    await flow.put(backend, settings=replace(flow.PLAIN, schedule=rate))
    suffix = backend.memory.rows.schedules[rate].rule_suffix
    await dispatch_rule(backend, suffix, START_MS + 300_017)
    (run,) = backend.workflows.started.values()
    assert run.scheduled_time_ms == START_MS + 300_017


async def test_a_job_takes_part_only_from_when_it_was_put_on_the_schedule() -> None:
    backend = await _with_jobs(jobs=1)
    await flow.put(backend, "late")
    await _deliver(backend)
    await backend.drain_queue()
    assert [run.job_name for run in backend.workflows.started.values()] == ["job-0"]


async def test_a_job_takes_part_again_only_from_when_it_was_enabled() -> None:
    backend = await _with_jobs(jobs=1)
    await flow.put(backend, "job-0", replace(flow.PLAIN, enabled=False))
    await flow.put(backend, "job-0")
    await _deliver(backend)
    assert not backend.workflows.starts


async def test_a_job_takes_part_in_another_schedule_only_from_when_it_was_put_on_it() -> None:
    backend = await _with_jobs(jobs=1)
    backend.clock.time_ms = START_MS
    await flow.put(backend, "mover", replace(flow.PLAIN, schedule="rate(5 minutes)"))
    backend.clock.time_ms = NOMINAL_MS + 700
    await flow.put(backend, "mover")
    await _deliver(backend)
    assert [run.job_name for run in backend.workflows.started.values()] == ["job-0"]


async def test_a_change_of_other_settings_does_not_miss_an_occurrence() -> None:
    backend = await _with_jobs(jobs=1)
    await flow.put(backend, "job-0", replace(flow.PLAIN, ttl_seconds=90))
    await _deliver(backend)
    assert len(backend.workflows.starts) == 1


async def test_an_event_of_a_schedule_that_is_gone_starts_nothing() -> None:
    backend = await _with_jobs(jobs=1)
    suffix = backend.memory.rows.schedules[flow.EVERY_MINUTE].rule_suffix
    await delete_job(backend, "reports", "job-0")
    await dispatch_rule(backend, suffix, NOMINAL_MS)
    assert not backend.workflows.starts
    assert not backend.memory.rows.fires


@pytest.mark.parametrize("seed", range(30))
async def test_doubled_and_shuffled_events_start_nothing_twice(seed: int) -> None:
    random = Random(seed)
    backend = await _with_jobs()
    minutes = [NOMINAL_MS + number * flow.MINUTE for number in range(3)]
    events = [minute for minute in minutes for _ in range(random.randint(1, 5))]
    random.shuffle(events)
    backend.clock.time_ms = minutes[-1] + 500
    for event in events:
        await _deliver(backend, event)
        pages = list(backend.start_queue.pages)
        random.shuffle(pages)
        backend.start_queue.pages.clear()
        backend.start_queue.pages.extend(pages[: random.randint(0, len(pages))] + pages)
    await backend.drain_queue()
    assert len(backend.workflows.starts) == len(set(backend.workflows.starts)) == 3 * 7
    fires = backend.memory.rows.fires.values()
    assert {(fire.scheduled_time_ms, fire.state, fire.count) for fire in fires} == {
        (minute, FireState.DONE, 7) for minute in minutes
    }


async def test_a_death_between_any_two_effects_is_mended_by_the_event_again() -> None:
    clean = await _with_jobs()
    await _deliver(clean)
    await clean.drain_queue()
    moments = clean.tripwire.passed
    died = 0
    for moment in range(1, moments + 1):
        backend = await _with_jobs()
        backend.tripwire.set(moment)
        await _redelivering(backend)
        died += backend.tripwire.sprung
        assert set(backend.workflows.started) == set(clean.workflows.started)
        assert len(backend.workflows.starts) == 7
        assert (_fire(backend).state, _fire(backend).count) == (FireState.DONE, 7)
    assert died > 15


async def _redelivering(backend: MemoryBackend) -> None:
    """Deliver the event and every page at least once, again after a death, as EventBridge and the queue do."""
    while True:
        try:
            await _deliver(backend)
            break
        except Crash:
            continue
    while backend.start_queue.pages:
        try:
            await start_page(backend, backend.start_queue.pages[0])
        except Crash:
            continue
        backend.start_queue.pages.popleft()


async def test_a_run_that_cannot_start_holds_up_no_other() -> None:
    backend = await _with_jobs(jobs=3, page_size=10)
    refused = next(job for job in backend.memory.rows.jobs.values() if job.job_name == "job-1")
    execution_id = f"{refused.guid}_{refused.incarnation}_{NOMINAL_MS}"
    backend.workflows.refused.add(execution_id)
    await _deliver(backend)
    assert len(backend.workflows.starts) == 2
    (page,) = backend.start_queue.pages
    assert [run.execution_id for run in backend.memory.rows.pages[page].runs] == [execution_id]
    with pytest.raises(Unavailable):
        await start_page(backend, page)
    assert (_fire(backend).state, _fire(backend).count) == (FireState.OPEN, 2)
    backend.workflows.refused.clear()
    await start_page(backend, page)
    assert backend.workflows.starts[-1] == execution_id
    assert (_fire(backend).state, _fire(backend).count) == (FireState.DONE, 3)


async def test_a_page_is_narrowed_to_the_runs_that_could_not_start() -> None:
    backend = await _with_jobs(jobs=6)
    await _deliver(backend)
    page, last = backend.start_queue.pages
    jobs = await backend.store.list_scheduled_jobs(flow.EVERY_MINUTE, backend.memory.rows.pages[page].after, 2)
    refused = {f"{job.guid}_{job.incarnation}_{NOMINAL_MS}" for job in jobs.items}
    backend.workflows.refused |= refused
    for _ in range(2):
        with pytest.raises(Unavailable):
            await start_page(backend, page)
        assert {run.execution_id for run in backend.memory.rows.pages[page].runs} == refused
    await start_page(backend, last)
    backend.workflows.refused.clear()
    await start_page(backend, page)
    assert len(backend.workflows.starts) == len(set(backend.workflows.starts)) == 6
    assert (_fire(backend).state, _fire(backend).count) == (FireState.DONE, 6)


async def test_a_page_that_comes_again_after_the_fire_is_done_changes_nothing() -> None:
    backend = await _with_jobs(jobs=5)
    await _deliver(backend)
    pages = list(backend.start_queue.pages)
    await backend.drain_queue()
    for page in (*pages, PageKey(flow.EVERY_MINUTE, NOMINAL_MS, FIRST)):
        await start_page(backend, page)
    assert (_fire(backend).state, _fire(backend).count) == (FireState.DONE, 5)
    assert not backend.memory.rows.pages


async def test_jobs_that_come_while_a_fire_is_divided_are_in_no_page_twice() -> None:
    backend = await _with_jobs(jobs=5)
    await _deliver(backend)
    for number in range(20):
        await flow.put(backend, f"new-{number}")
    await backend.drain_queue()
    assert sorted(run.job_name for run in backend.workflows.started.values()) == [f"job-{n}" for n in range(5)]
    assert (_fire(backend).state, _fire(backend).count) == (FireState.DONE, 5)
