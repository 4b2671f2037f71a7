"""The counters agree with the records whatever happens: repeats, rivals, and a process that dies at any moment."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import pytest

from jobhook.core.errors import ExecutionEnded, InvalidDocument
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.executions.stats import Dimension, StatsRequest, Tally, day_of
from jobhook.core.identities import ExecutionKey
from jobhook.use_cases import read_stats as reading
from jobhook.use_cases.cancel_execution import cancel_execution
from jobhook.use_cases.pause_job import pause_job
from jobhook.use_cases.read_stats import read_stats
from jobhook.use_cases.retry_execution import retry_execution
from tests.fakes import flow
from tests.fakes.backend import START_MS, MemoryBackend
from tests.fakes.tripwire import Crash
from tests.use_cases.invariants import settle

WEEK = StatsRequest(tuple(Dimension), START_MS - 7 * 86_400_000, START_MS + 7 * 86_400_000)
MOMENTS = range(1, 20)

Ending = Callable[[MemoryBackend, ExecutionInput], Awaitable[object]]


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def _succeed(backend: MemoryBackend, _: ExecutionInput) -> None:
    with suppress(ExecutionEnded):
        await flow.call_back(backend, status="success")


async def _time_out(backend: MemoryBackend, run: ExecutionInput) -> None:
    await flow.fail(backend, run, "States.HeartbeatTimeout")


async def _cancel(backend: MemoryBackend, run: ExecutionInput) -> None:
    with suppress(ExecutionEnded):
        await cancel_execution(backend, run.execution_id)


async def _lose(backend: MemoryBackend, run: ExecutionInput) -> None:
    """A run that never wrote anything is recorded as failed."""
    unseen = ExecutionKey(run.key.guid, run.key.incarnation, run.scheduled_time_ms + flow.MINUTE)
    lost = ExecutionInput.from_json(run.to_json() | {"execution_id": unseen.id})
    await flow.fail(backend, lost, "Lambda.Unknown")


ENDINGS: list[Ending] = [_succeed, _time_out, _cancel, _lose]


async def agree(backend: MemoryBackend) -> None:
    """The stats are what counting the records gives."""
    records = Counter(
        (day_of(key.scheduled_time_ms), execution.service_name, execution.status.value)
        for key, execution in backend.memory.rows.executions.items()
    )
    assert dict((await read_stats(backend, WEEK)).groups) == records


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_ending_that_is_repeated_counts_once(backend: MemoryBackend, ending: Ending) -> None:
    run = await flow.started(backend, flow.exclusive())
    await agree(backend)
    for _ in range(3):
        await ending(backend, run)
    await agree(backend)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_ending_that_dies_anywhere_and_is_repeated_counts_once(ending: Ending, moment: int) -> None:
    backend = MemoryBackend()
    run = await flow.started(backend, flow.exclusive())
    backend.tripwire.set(moment)
    with suppress(Crash):
        await ending(backend, run)
        await settle(backend)
    await agree(backend)
    backend.tripwire.disarm()
    await ending(backend, run)
    await settle(backend)
    await agree(backend)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("rival", ENDINGS[1:3])
async def test_of_two_endings_one_counts(rival: Ending, moment: int) -> None:
    backend = MemoryBackend()
    run = await flow.started(backend)
    backend.tripwire.set(moment, partial(rival, backend, run))
    await _succeed(backend, run)
    await agree(backend)
    assert (await read_stats(backend, WEEK)).total == 1


async def test_skipped_occurrences_count_and_a_retry_counts_by_itself(backend: MemoryBackend) -> None:
    run = await flow.started(backend)
    await flow.call_back(backend, status="fail")
    await retry_execution(backend, run.execution_id)
    await pause_job(backend, "reports", "nightly", "holiday", None)
    await flow.fire(backend)
    await agree(backend)
    by_status = await read_stats(backend, StatsRequest((Dimension.STATUS,), START_MS, START_MS + 86_400_000))
    assert by_status.groups == [(("failed",), 1), (("pending",), 1), (("skipped",), 1)]


async def test_more_results_than_an_answer_holds_are_refused(
    backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_RESULTS", 2)
    kinds = [Tally("2026-11-21", service, "success", 1) for service in ("a", "b", "c")]
    backend.memory.rows.tallies.update({(one.day, one.service_name, one.status): one.count for one in kinds})
    with pytest.raises(InvalidDocument, match="3 results"):
        await read_stats(backend, WEEK)
    assert (await read_stats(backend, StatsRequest((Dimension.DAY,), WEEK.since_ms, WEEK.until_ms))).total == 3
