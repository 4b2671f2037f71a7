"""Closes what no other path closed; each step may run twice, at any time, beside everything else."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from jobhook.core.errors import JobhookError
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution
from jobhook.core.executions.outcomes import completion_of
from jobhook.core.executions.writes import DropPage, FireDone, FreeLock
from jobhook.core.identities import ExecutionKey
from jobhook.core.schedules.rows import Fire, FireState, RuleState
from jobhook.core.times import HOUR_MS, SECOND_MS
from jobhook.ports import Backend, WorkflowEnd
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.dispatch_schedule import resume_fire
from jobhook.use_cases.ensure_schedule import retire_schedule
from jobhook.use_cases.record_failure import record_failure
from jobhook.use_cases.send_notifications import send_notification
from jobhook.use_cases.start_manual_run import start_manual_run

FAIL_STATE = "ExecutionFailed"  # the Error of state `Failed` in statemachines/execution.asl.json
_BATCH = 100
_ABANDONED_AT_ONCE = 5_000
_FAILED_WINDOW_MS = HOUR_MS


@dataclass(frozen=True, slots=True)
class Step:
    """A part of reconciling. `run` gets the instant before which something counts as left; how much it closed."""

    name: str
    run: Callable[[Backend, int], Awaitable[int]]


@dataclass(slots=True)
class Report:
    """How many things each step mended, and which steps could not finish, with why."""

    mended: dict[str, int] = field(default_factory=dict)
    unfinished: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Followed:
    """What the end of a run asked for: to close its execution, to tell somebody of it."""

    mended: bool
    notified: bool


async def reconcile(backend: Backend, settle_seconds: int | None = None, more: Sequence[Step] = ()) -> Report:
    """Run every step once, and then `more`, on what is older than `settle_seconds` (the settings' unless given).

    A step that fails keeps no other from running; what is left is found by the next run.
    """
    settle = backend.settings.settle_seconds if settle_seconds is None else settle_seconds
    before_ms = backend.clock.now_ms() - settle * SECOND_MS
    report = Report()
    for step in (*STEPS, *more):
        try:
            report.mended[step.name] = await step.run(backend, before_ms)
        except JobhookError as error:
            report.unfinished[step.name] = error.message
    return report


async def reconcile_execution(backend: Backend, execution_id: str) -> bool:
    """Close one execution whose run has ended, or tell the run how its execution ended; whether there was need to.

    One that a person asked for and whose run was never started is started now.
    """
    key = ExecutionKey.parse(execution_id)
    return key is not None and await _close(backend, key.id, await backend.store.read_execution(key))


async def follow_run(backend: Backend, execution_id: str) -> Followed:
    """A run has ended: close its execution as `reconcile_execution` does, and tell of its end where that is due."""
    key = ExecutionKey.parse(execution_id)
    if key is None:
        return Followed(mended=False, notified=False)
    execution = await backend.store.read_execution(key)
    mended = await _close(backend, key.id, execution)
    if not mended and (execution is None or execution.notification is None):
        return Followed(mended=False, notified=False)  # as of nearly every run, so it costs one read
    return Followed(mended, notified=await send_notification(backend, key) is not None)


async def _close(backend: Backend, execution_id: str, execution: Execution | None) -> bool:
    if execution is not None and execution.ended:
        return not execution.workflow_reported and await _report_again(backend, execution)
    ended = await backend.workflows.describe_end(execution_id)
    if execution is not None and execution.not_started and ended is not None and ended.error == "Unknown":
        return await start_manual_run(backend, execution)
    run = (
        None
        if ended is None
        else ended.run or (execution.run(backend.settings.heartbeat_grace_seconds) if execution else None)
    )
    if ended is None or run is None:
        return False
    error, cause = _how_it_ended(ended, execution, backend.clock.now_ms())
    await record_failure(backend, run, error, cause)
    return True


async def _close_overdue(backend: Backend, before_ms: int) -> int:
    overdue = await backend.store.list_overdue(before_ms, _BATCH)
    return sum([await reconcile_execution(backend, execution.id) for execution in overdue])


async def _close_failed(backend: Backend, before_ms: int) -> int:
    """Runs that ended badly without a record of it, such as one whose functions never got to write anything."""
    failed = await backend.workflows.list_failed(before_ms - _FAILED_WINDOW_MS)
    return sum([await reconcile_execution(backend, execution_id) for execution_id in failed])


async def _report_unreported(backend: Backend, before_ms: int) -> int:
    unreported = await backend.store.list_unreported(before_ms, _BATCH)
    return sum([await reconcile_execution(backend, key.id) for key in unreported])


async def _free_locks(backend: Backend, before_ms: int) -> int:
    """A lock has no expiry: it is freed by its holder's end, or here by the proof of it."""
    freed = 0
    for holder in await backend.store.list_locks(before_ms, _BATCH):
        execution = await backend.store.read_execution(holder)
        if execution is None or execution.ended:
            await backend.effects.carry_out(Decision((FreeLock(holder),)))
            freed += 1
    return freed


async def _finish_fires(backend: Backend, before_ms: int) -> int:
    """Take up the fires that make no progress. A large one that is under way is left alone, however old it is."""
    store, taken_up = backend.store, 0
    for listed in await store.list_open_fires(before_ms, _BATCH):
        fire = await store.read_fire(listed.expression, listed.scheduled_time_ms)  # the listing lags
        if fire is None or fire.state is not FireState.OPEN or (fire.progress_at_ms or 0) >= before_ms:
            continue
        if await store.read_schedule(fire.expression) is None:
            await _abandon(backend, fire)
        else:
            await resume_fire(backend, fire.expression, fire.scheduled_time_ms)
        taken_up += 1
    return taken_up


async def _abandon(backend: Backend, fire: Fire) -> None:
    """Close a fire whose schedule is gone: it has no jobs left to start."""
    for key in await backend.store.list_pages(fire.expression, fire.scheduled_time_ms, _ABANDONED_AT_ONCE):
        page = await backend.store.read_page(key)
        if page is not None:
            await backend.effects.carry_out(Decision((DropPage(page),)))
    await backend.effects.carry_out(
        Decision((FireDone(fire.expression, fire.scheduled_time_ms, 0, counted=fire.count),))
    )


async def _retire_schedules(backend: Backend, before_ms: int) -> int:
    """Remove the schedules without jobs: half-made ones, half-deleted ones."""
    retired = 0
    for row in await backend.store.list_schedules():
        half_made = row.state is RuleState.CREATING and row.created_at_ms >= before_ms
        if row.jobs == 0 and not half_made:
            await retire_schedule(backend, row.expression)
            retired += 1
    return retired


async def _find_missed_fires(backend: Backend, before_ms: int) -> int:
    rows = [row for row in await backend.store.list_schedules() if row.state is RuleState.ACTIVE and row.jobs > 0]
    return sum([await catch_up(backend, row, before_ms) for row in rows])


STEPS = (
    Step("close_overdue", _close_overdue),
    Step("close_failed", _close_failed),
    Step("report_unreported", _report_unreported),
    Step("free_locks", _free_locks),
    Step("finish_fires", _finish_fires),
    Step("retire_schedules", _retire_schedules),
    Step("find_missed_fires", _find_missed_fires),
)
"""What every backend does, in this order."""


async def _report_again(backend: Backend, execution: Execution) -> bool:
    end = completion_of(execution)
    if end is None:
        return False
    await backend.effects.carry_out(Decision(completion=end))
    return True


def _how_it_ended(ended: WorkflowEnd, execution: Execution | None, now_ms: int) -> tuple[str, str | None]:
    if execution is not None and execution.expired(now_ms) and ended.error in (None, "Unknown"):
        return "States.HeartbeatTimeout", "no callback came in time"
    return _caught(ended.cause) if ended.error == FAIL_STATE else (ended.error or "Unknown", ended.cause)


def _caught(failure: str | None) -> tuple[str, str | None]:
    """What the state machine had caught: its Fail state has one name for all, and the failure itself as the cause."""
    try:
        document = json.loads(failure or "")
    except ValueError:
        return "Unknown", failure
    if not isinstance(document, dict):
        return "Unknown", failure
    return str(document.get("Error")), document.get("Cause")
