"""The reconciler's part on AWS makes rules fire again that were deleted, disabled or left without a target."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.events import aws_steps
from chalicelib.rule_repair import CHECKED_AT_ONCE, in_turn
from jobhook.use_cases.reconcile import Report, reconcile
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

RATE = replace(flow.PLAIN, schedule="rate(5 minutes)")


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def _later(backend: MemoryBackend, seconds: int = 3_600) -> Report:
    backend.clock.advance(seconds)
    report = await reconcile(backend, more=aws_steps(backend))
    assert report.unfinished == {}
    return report


async def test_a_rule_without_a_row_goes(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=RATE)
    backend.rules.standing["0123456789-orphan"] = "rate(9 minutes)"
    assert (await _later(backend)).mended["repair_rules"] == 1
    assert list(backend.rules.standing.values()) == [RATE.schedule]
    assert sum((await _later(backend, seconds=0)).mended.values()) == 0


async def test_a_rule_that_somebody_has_deleted_is_made_again(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=RATE)
    await flow.put(backend, "other", settings=replace(RATE, schedule="rate(9 minutes)"))
    lost = backend.memory.rows.schedules[RATE.schedule].rule_suffix
    del backend.rules.standing[lost]
    backend.rules.puts.clear()
    report = await _later(backend)
    assert (report.mended["repair_rules"], backend.rules.puts) == (1, [lost])
    assert backend.rules.standing[lost] == RATE.schedule
    assert (await _later(backend)).mended["repair_rules"] == 0


@pytest.mark.parametrize("harm", ["disabled", "aimless"])
async def test_a_rule_that_stands_and_fires_nothing_is_put_again(backend: MemoryBackend, harm: str) -> None:
    await flow.put(backend, settings=RATE)
    (suffix,) = backend.rules.standing
    harmed: set[str] = getattr(backend.rules, harm)
    harmed.add(suffix)
    backend.rules.puts.clear()
    report = await _later(backend)
    assert (report.mended["repair_rules"], backend.rules.puts, harmed) == (1, [suffix], set())
    assert (await _later(backend)).mended["repair_rules"] == 0


async def test_the_targets_of_rules_are_looked_at_in_turn_so_that_a_run_costs_few_calls(backend: MemoryBackend) -> None:
    count = 2 * CHECKED_AT_ONCE + 1
    for number in range(count):
        await flow.put(backend, f"job-{number}", settings=replace(RATE, schedule=f"rate({number + 2} hours)"))
    backend.clock.advance(3_600)  # a young row is not judged
    for run in range(1, 4):
        await _later(backend, seconds=300)
        assert len(backend.rules.looked_at) <= run * CHECKED_AT_ONCE
    assert set(backend.rules.looked_at) == set(backend.rules.standing)


@given(st.sets(st.integers()), st.integers(min_value=0, max_value=2**45))
def test_each_rule_has_its_turn_within_as_many_runs_as_are_needed(numbers: set[int], now_ms: int) -> None:
    suffixes = [str(number) for number in numbers]
    runs = max(1, -(-len(suffixes) // CHECKED_AT_ONCE))
    turns = [in_turn(suffixes, now_ms + run * 300_000) for run in range(runs)]
    assert all(len(turn) <= CHECKED_AT_ONCE for turn in turns)
    assert sorted(suffix for turn in turns for suffix in turn) == sorted(suffixes)


async def test_a_rule_is_not_put_again_while_its_row_is_young(backend: MemoryBackend) -> None:
    """It may have been made after the rules were listed, and a rate would start anew."""
    await flow.put(backend, settings=RATE)
    backend.rules.standing.clear()
    assert (await _later(backend, seconds=10)).mended["repair_rules"] == 0
    assert len(backend.rules.puts) == 1


async def test_a_deleted_rule_that_is_refused_now_is_reported_and_tried_again(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=RATE)
    backend.rules.standing.clear()
    backend.rules.refusal = "no room"
    backend.clock.advance(3_600)
    report = await reconcile(backend, more=aws_steps(backend))
    assert report.unfinished == {"repair_rules": "1 lost rules could not be made again: no room"}
    backend.rules.refusal = None
    assert (await _later(backend)).mended["repair_rules"] == 1
