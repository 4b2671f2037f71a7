"""PUT and DELETE with rivals let in at every moment, and dying at every moment: the rules agree with the jobs after."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest

from jobhook.core.errors import JobNotFound
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.put_job import put_job
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend
from tests.fakes.tripwire import Crash
from tests.use_cases.invariants import assert_schedules_agree, settle

FIVE = replace(flow.PLAIN, schedule="rate(5 minutes)")
TEN = replace(flow.PLAIN, schedule="rate(10 minutes)")
MOMENTS = range(1, 25)

Deed = Callable[[MemoryBackend], Awaitable[object]]


async def _create(backend: MemoryBackend) -> None:
    await put_job(backend, "reports", "new", FIVE)


async def _change(backend: MemoryBackend) -> None:
    await put_job(backend, "reports", "known", replace(FIVE, ttl_seconds=90))


async def _move(backend: MemoryBackend) -> None:
    await put_job(backend, "reports", "known", TEN)


async def _delete(backend: MemoryBackend) -> None:
    with suppress(JobNotFound):
        await delete_job(backend, "reports", "known")


async def _delete_and_create_again(backend: MemoryBackend) -> None:
    await _delete(backend)
    await put_job(backend, "reports", "known", FIVE)


async def _come_and_go(backend: MemoryBackend) -> None:
    for settings in (FIVE, TEN):
        await put_job(backend, "other", "guest", settings)
    with suppress(JobNotFound):
        await delete_job(backend, "other", "guest")


DEEDS: list[Deed] = [_create, _change, _move, _delete, _delete_and_create_again, _come_and_go]


async def _with_a_known_job() -> MemoryBackend:
    backend = MemoryBackend()
    await flow.put(backend, "known", FIVE)
    return backend


@pytest.mark.parametrize("rival", DEEDS)
@pytest.mark.parametrize("deed", DEEDS)
async def test_rivals_leave_rules_and_counts_in_agreement(deed: Deed, rival: Deed) -> None:
    met = 0
    for moment in MOMENTS:
        backend = await _with_a_known_job()
        backend.tripwire.set(moment, partial(rival, backend))
        await deed(backend)
        met += backend.tripwire.sprung
        await settle(backend)
        assert_schedules_agree(backend)
    assert 0 < met < len(MOMENTS), "the moments must cover the whole deed"


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_death_at_any_moment_is_mended_by_doing_it_again(deed: Deed) -> None:
    clean = await _with_a_known_job()
    await deed(clean)
    died = 0
    for moment in MOMENTS:
        backend = await _with_a_known_job()
        backend.tripwire.set(moment)
        try:
            await deed(backend)
        except Crash:
            died += 1
            await deed(backend)
        await settle(backend)
        assert_schedules_agree(backend)
        stored = {guid: job.settings for guid, job in backend.memory.rows.jobs.items()}
        assert stored == {guid: job.settings for guid, job in clean.memory.rows.jobs.items()}
    assert 0 < died < len(MOMENTS), "the moments must cover the whole deed"


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_death_that_nobody_follows_up_is_mended_by_the_reconciler(deed: Deed) -> None:
    for moment in MOMENTS:
        backend = await _with_a_known_job()
        backend.tripwire.set(moment)
        with suppress(Crash):
            await deed(backend)
        await settle(backend)
        assert_schedules_agree(backend)
