"""A callback: the service says success, fail, or that it is still at work."""

from collections.abc import Callable

from jobhook.core.errors import CallbackNotFound
from jobhook.core.executions.callbacks import Callback, Signal, authenticated, decide_callback
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution
from jobhook.core.executions.tokens import parse_token
from jobhook.core.executions.writes import PutExecution
from jobhook.core.notifications.events import LOOKED_BACK, may_recover, recovers
from jobhook.core.paging import ExecutionFilter, OfJob
from jobhook.ports import Backend
from jobhook.use_cases.carry_out import carry_out_without_task
from jobhook.use_cases.retry import retry_on_conflict


async def record_callback(backend: Backend, guid: str, token_text: str, parse: Callable[[], Callback]) -> Execution:
    """The execution as the callback left it; everything that it changes is durable.

    `parse` reads the body; it is called only after the token has been found right.

    Raises CallbackNotFound, what `parse` raises, InvalidDocument (the state), ExecutionEnded, Conflict; after any of
    them the execution goes on as before.
    """
    token = parse_token(guid, token_text)
    if token is None:
        raise CallbackNotFound
    execution = authenticated(await backend.store.read_execution(token.key), token)
    callback = parse()
    if callback.signal is Signal.SUCCESS and execution.state_schema is not None:
        _check_state(backend, execution, callback)
    known: Execution | None = execution

    async def record() -> Execution:
        nonlocal known
        current = known or authenticated(await backend.store.read_execution(token.key), token)
        known = None
        return await _record(backend, current, callback)

    return await retry_on_conflict(backend, record)


async def _record(backend: Backend, execution: Execution, callback: Callback) -> Execution:
    recovering = callback.signal is Signal.SUCCESS and may_recover(execution) and await _recovers(backend, execution)
    decision = decide_callback(execution, callback, backend.clock.now_ms(), recovers=recovering)
    await carry_out_without_task(backend, decision)
    return _written(decision) or execution


async def _recovers(backend: Backend, execution: Execution) -> bool:
    key = execution.key
    only = ExecutionFilter(until_ms=key.scheduled_time_ms - 1)
    earlier = await backend.store.list_executions(OfJob(key.guid, key.incarnation), only, None, LOOKED_BACK)
    return recovers(earlier.items)


def _written(decision: Decision) -> Execution | None:
    return next((write.execution for write in decision.writes if isinstance(write, PutExecution)), None)


def _check_state(backend: Backend, execution: Execution, callback: Callback) -> None:
    from jobhook.core.json_schema.state_schema import check_state  # slow to import, and few jobs have a schema

    assert execution.state_schema is not None
    check_state(execution.state_schema, callback.state, backend.work_limit)
