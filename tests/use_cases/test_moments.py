"""What those who watch the store are told: each moment of an execution once, whoever repeats what."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from jobhook.core.errors import WebhookUnavailable
from jobhook.core.executions.writes import Moment, PutExecution, Write
from jobhook.core.targets.answer import Answer
from jobhook.use_cases.cancel_execution import cancel_execution
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend
from tests.fakes.store import MemoryStore


class SeenStore(MemoryStore):
    """Keeps the moments of what was stored."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[str] = []

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        self.moments += [write.moment for write in writes if isinstance(write, PutExecution) and write.moment]


@pytest.fixture
def seen() -> SeenStore:
    return SeenStore()


@pytest.fixture
def backend(seen: SeenStore) -> MemoryBackend:
    backend = MemoryBackend()
    backend.memory = backend.store = seen
    return backend


@pytest.mark.parametrize("end", ["success", "fail"])
async def test_a_run_begins_beats_and_ends_once(backend: MemoryBackend, seen: SeenStore, end: str) -> None:
    await flow.started(backend)
    await flow.call_back(backend, status="heartbeat")
    await flow.call_back(backend, status=end)
    await flow.call_back(backend, status=end)
    assert seen.moments == [Moment.BEGAN, Moment.HEARTBEAT, Moment.ENDED]


async def test_another_attempt_is_no_other_beginning(backend: MemoryBackend, seen: SeenStore) -> None:
    await flow.put(backend)
    (run,) = await flow.fire(backend)
    backend.webhooks.answers.append(Answer(503))
    assert isinstance(await flow.attempt(backend, run), WebhookUnavailable)
    assert await flow.attempt(backend, run) is None
    assert seen.moments == [Moment.BEGAN]


async def test_a_failure_that_is_recorded_again_ended_once(backend: MemoryBackend, seen: SeenStore) -> None:
    run = await flow.started(backend)
    for _ in range(2):
        await flow.fail(backend, run, "States.HeartbeatTimeout")
    assert seen.moments == [Moment.BEGAN, Moment.ENDED]


async def test_a_refused_exclusive_run_ends_without_a_beginning(backend: MemoryBackend, seen: SeenStore) -> None:
    await flow.started(backend, replace(flow.PLAIN, exclusive=True))
    (second,) = await flow.fire(backend)
    assert await flow.attempt(backend, second) is not None
    await flow.fail(backend, second, "ExclusiveRunInProgress")
    assert seen.moments == [Moment.BEGAN, Moment.ENDED]


async def test_a_cancelled_execution_has_ended(backend: MemoryBackend, seen: SeenStore) -> None:
    run = await flow.started(backend)
    await cancel_execution(backend, run.execution_id)
    assert seen.moments == [Moment.BEGAN, Moment.ENDED]
