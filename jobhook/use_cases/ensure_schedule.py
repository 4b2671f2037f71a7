"""Makes a schedule's rule stand before a job counts on it, and removes it after the last one has left."""

from collections.abc import Sequence
from dataclasses import replace

from jobhook.core.errors import ImpossibleSchedule, Unavailable
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.writes import DropSchedule, PutSchedule
from jobhook.core.schedules.rows import RuleState, ScheduleRow
from jobhook.core.times import floor_to_second
from jobhook.ports import Backend, RuleRefused, WriteConflict
from jobhook.use_cases.retry import retry_on_conflict


async def ensure_schedule(backend: Backend, expression: str) -> ScheduleRow:
    """The expression's row, its rule standing. A rule that stands is not put again: that could restart a rate.

    Raises ImpossibleSchedule where the backend refuses the rule; then nothing of it is left.
    """
    row = await retry_on_conflict(backend, lambda: _claim(backend, expression))
    if row.state is RuleState.ACTIVE:
        return row
    try:
        await backend.rules.put(row)
    except RuleRefused as refused:
        await _drop(backend, row, RuleState.CREATING)
        raise ImpossibleSchedule(str(refused)) from refused
    return row


async def ensure_schedules(backend: Backend, expressions: Sequence[str]) -> list[ScheduleRow]:
    """The expressions' rows, their rules standing. Raises as `ensure_schedule` does, for the first that is refused."""
    rows: list[ScheduleRow] = []
    for expression in expressions:
        try:
            rows.append(await ensure_schedule(backend, expression))
        except ImpossibleSchedule:
            for row in rows:
                await retire_schedule(backend, row.expression)  # those that stand for nothing but this
            raise
    return rows


async def retire_schedule(backend: Backend, expression: str) -> None:
    """Remove the expression's rule and row if no job is left on it; otherwise nothing happens."""
    row = await backend.store.read_schedule(expression)
    if row is None or row.jobs > 0:
        return
    if row.state is not RuleState.DELETING:
        going = replace(row, state=RuleState.DELETING)
        try:
            await backend.effects.carry_out(Decision((PutSchedule(going, row.generation, row.state),)))
        except WriteConflict:
            return  # a job has come, or somebody else is removing it
        row = going
    try:
        await backend.rules.remove(row.rule_suffix)
    except Unavailable:
        return  # the row says `deleting`, so the reconciler goes on from here
    await _drop(backend, row, RuleState.DELETING)


async def _claim(backend: Backend, expression: str) -> ScheduleRow:
    """The row to count on. Who comes while the rule is being removed makes the next generation of it."""
    row = await backend.store.read_schedule(expression)
    if row is not None and row.state is not RuleState.DELETING:
        return row
    now_ms = floor_to_second(backend.clock.now_ms())  # a rate's times are whole seconds, as EventBridge's events are
    fresh = ScheduleRow(expression, backend.ids.incarnation(), RuleState.CREATING, 0, now_ms, now_ms)
    if row is None:
        await backend.effects.carry_out(Decision((PutSchedule(fresh),)))
    else:
        await backend.effects.carry_out(Decision((PutSchedule(fresh, row.generation, RuleState.DELETING),)))
    return fresh


async def _drop(backend: Backend, row: ScheduleRow, state: RuleState) -> None:
    try:
        await backend.effects.carry_out(Decision((DropSchedule(row.expression, row.generation, state),)))
    except WriteConflict:
        pass  # the next generation has begun, or a job counts on this one
