"""Schedules' rows, which count their jobs and say how far their rule is; and fires."""

from dataclasses import replace

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.core.executions.writes import (
    CheckedUntil,
    CountSchedule,
    DropSchedule,
    FireDone,
    PutFire,
    PutSchedule,
    Write,
)
from jobhook.core.schedules.rows import FireState, RuleState
from jobhook.ports import WriteConflict
from tests.contract.values import HOURLY, MINUTE, NIGHTLY, T0, a_fire, a_row


async def test_a_row_comes_back_as_it_was_put_by_expression_and_by_rule(store: CommitStore) -> None:
    row = a_row()
    await store.commit((PutSchedule(row),))
    assert await store.read_schedule(NIGHTLY) == row
    assert await store.read_schedule_by_rule(row.rule_suffix) == row
    assert await store.read_schedule(HOURLY) is None


@pytest.mark.parametrize("suffix", ["", "-", "x", "a-b", replace(a_row(), generation="g2").rule_suffix])
async def test_a_rule_of_an_older_generation_or_of_nobody_has_no_row(store: CommitStore, suffix: str) -> None:
    await store.commit((PutSchedule(a_row()),))
    assert await store.read_schedule_by_rule(suffix) is None


async def test_a_row_is_made_once(store: CommitStore) -> None:
    await store.commit((PutSchedule(a_row()),))
    with pytest.raises(WriteConflict):
        await store.commit((PutSchedule(a_row(generation="g2")),))
    assert await store.read_schedule(NIGHTLY) == a_row()


@pytest.mark.parametrize(
    ("generation", "state", "jobs", "wins"),
    [
        ("g1", RuleState.ACTIVE, 0, True),
        ("g2", RuleState.ACTIVE, 0, False),
        ("g1", RuleState.DELETING, 0, False),
        ("g1", RuleState.ACTIVE, 1, False),
    ],
)
async def test_a_row_is_replaced_as_it_was_read(
    store: CommitStore, generation: str, state: RuleState, jobs: int, wins: bool
) -> None:
    stored = a_row(state=RuleState.ACTIVE)
    await store.commit((PutSchedule(stored),))
    going = replace(stored, state=RuleState.DELETING, checked_until_ms=T0 + 1)
    write = PutSchedule(going, generation, state, jobs)
    if wins:
        await store.commit((write,))
    else:
        with pytest.raises(WriteConflict):
            await store.commit((write,))
    assert await store.read_schedule(NIGHTLY) == (going if wins else stored)


async def test_a_row_that_is_not_there_is_neither_replaced_nor_counted_on(store: CommitStore) -> None:
    writes: list[Write] = [
        PutSchedule(a_row(), "g1", RuleState.ACTIVE),
        CountSchedule(NIGHTLY, "g1", +1),
        CountSchedule(NIGHTLY, "g1", -1),
        DropSchedule(NIGHTLY, "g1", RuleState.DELETING),
    ]
    for write in writes:
        with pytest.raises(WriteConflict):
            await store.commit((write,))
    assert await store.read_schedule(NIGHTLY) is None


async def test_jobs_are_counted_and_the_first_makes_the_schedule_active(store: CommitStore) -> None:
    await store.commit((PutSchedule(a_row()),))
    await store.commit((CountSchedule(NIGHTLY, "g1", +1),))
    assert await store.read_schedule(NIGHTLY) == a_row(state=RuleState.ACTIVE, jobs=1)
    await store.commit((CountSchedule(NIGHTLY, "g1", +1),))
    await store.commit((CountSchedule(NIGHTLY, "g1", -1),))
    assert await store.read_schedule(NIGHTLY) == a_row(state=RuleState.ACTIVE, jobs=1)


@pytest.mark.parametrize("delta", [+1, -1])
async def test_nobody_counts_on_what_is_being_removed_or_was_made_anew(store: CommitStore, delta: int) -> None:
    await store.commit((PutSchedule(a_row(state=RuleState.DELETING)),))
    await store.commit((PutSchedule(a_row(HOURLY, generation="g2")),))
    for expression in (NIGHTLY, HOURLY):
        with pytest.raises(WriteConflict):
            await store.commit((CountSchedule(expression, "g1", delta),))
    assert await store.read_schedule(NIGHTLY) == a_row(state=RuleState.DELETING)


async def test_a_row_goes_only_in_its_state_and_with_no_job(store: CommitStore) -> None:
    await store.commit((PutSchedule(a_row(state=RuleState.ACTIVE, jobs=1)),))
    await store.commit((PutSchedule(a_row(HOURLY, RuleState.DELETING)),))
    for write in (
        DropSchedule(NIGHTLY, "g1", RuleState.ACTIVE),
        DropSchedule(HOURLY, "g1", RuleState.ACTIVE),
        DropSchedule(HOURLY, "g2", RuleState.DELETING),
    ):
        with pytest.raises(WriteConflict):
            await store.commit((write,))
    await store.commit((DropSchedule(HOURLY, "g1", RuleState.DELETING),))
    assert await store.list_schedules() == [a_row(state=RuleState.ACTIVE, jobs=1)]


async def test_the_time_that_was_checked_moves_only_forward_and_only_for_its_generation(store: CommitStore) -> None:
    await store.commit((CheckedUntil(NIGHTLY, "g1", T0),))
    await store.commit((PutSchedule(a_row()),))
    for generation, until_ms in (("g1", T0 + 5), ("g1", T0 + 3), ("g2", T0 + 9), ("g1", T0 + 5)):
        await store.commit((CheckedUntil(NIGHTLY, generation, until_ms),))
    assert await store.read_schedule(NIGHTLY) == replace(a_row(), checked_until_ms=T0 + 5)


async def test_all_schedules_are_listed(store: CommitStore) -> None:
    rows = [a_row(f"rate({n} minutes)") for n in range(2, 30)]
    for row in rows:
        await store.commit((PutSchedule(row),))
    assert sorted(await store.list_schedules(), key=lambda row: row.expression) == sorted(
        rows, key=lambda row: row.expression
    )


async def test_a_fire_has_one_row(store: CommitStore) -> None:
    fire = replace(a_fire(), reason="why", count=2)
    await store.commit((PutFire(fire),))
    with pytest.raises(WriteConflict):
        await store.commit((PutFire(a_fire(state=FireState.MISSED)),))
    assert await store.read_fire(NIGHTLY, T0) == fire
    assert await store.read_fire(NIGHTLY, T0 + 1) is None
    assert await store.read_fire(HOURLY, T0) is None


async def test_only_an_open_fire_becomes_done(store: CommitStore) -> None:
    missed = a_fire(2, FireState.MISSED)
    await store.commit((PutFire(a_fire(1)),))
    await store.commit((PutFire(missed),))
    for _ in range(2):
        await store.commit((FireDone(NIGHTLY, T0 + MINUTE, 7),))
    await store.commit((FireDone(NIGHTLY, T0 + 2 * MINUTE, 7),))
    await store.commit((FireDone(NIGHTLY, T0 + 3 * MINUTE, 7),))
    assert await store.read_fire(NIGHTLY, T0 + MINUTE) == replace(a_fire(1), state=FireState.DONE, count=7)
    assert await store.read_fire(NIGHTLY, T0 + 2 * MINUTE) == missed
    assert await store.read_fire(NIGHTLY, T0 + 3 * MINUTE) is None


async def test_fires_are_listed_by_nominal_time_both_ends_included(store: CommitStore) -> None:
    for minute in (3, 1, 2, 4, 0):
        await store.commit((PutFire(a_fire(minute)),))
    await store.commit((PutFire(a_fire(2, expression=HOURLY)),))
    latest = await store.list_latest_fires(NIGHTLY, T0 + 3 * MINUTE, 2)
    assert list(latest) == [a_fire(3), a_fire(2)]
    assert list(await store.list_latest_fires(NIGHTLY, T0 - 1, 2)) == []
    between = await store.list_fires(NIGHTLY, T0 + MINUTE, T0 + 3 * MINUTE, 10)
    assert list(between) == [a_fire(1), a_fire(2), a_fire(3)]
    assert list(await store.list_fires(NIGHTLY, T0, T0 + 9 * MINUTE, 2)) == [a_fire(0), a_fire(1)]
    assert list(await store.list_fires(NIGHTLY, T0 + MINUTE, T0, 2)) == []


async def test_open_fires_are_those_created_before_and_not_done(store: CommitStore) -> None:
    for minute in range(4):
        await store.commit((PutFire(a_fire(minute)),))
    await store.commit((PutFire(a_fire(1, FireState.MISSED, expression=HOURLY)),))
    await store.commit((FireDone(NIGHTLY, T0, 1),))
    assert set(await store.list_open_fires(T0 + 2 * MINUTE + 5, 10)) == {a_fire(1)}
    assert set(await store.list_open_fires(T0 + 2 * MINUTE + 6, 10)) == {a_fire(1), a_fire(2)}
    assert len(await store.list_open_fires(T0 + 9 * MINUTE, 2)) == 2
