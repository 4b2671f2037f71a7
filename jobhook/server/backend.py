"""The ports of one machine, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobhook.adapters.work_limit import within
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.targets.http import host_of
from jobhook.core.work_limit import WorkLimit
from jobhook.ports import Clock, Ids, Sender, Settings
from jobhook.server.asl.run import InvokeFunction
from jobhook.server.asl.values import JSON
from jobhook.server.clock import ScheduleClock
from jobhook.server.effects import OneTransactionEffects
from jobhook.server.engine import Engine, Function, HostsOf
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.job_rows import read_targets
from jobhook.server.sqlite.store import SqliteStore
from jobhook.server.starter import Starter
from jobhook.use_cases.invoke_webhook import invoke_webhook
from jobhook.use_cases.record_failure import record_failure

INVOKE = "invoke"
RECORD_FAILURE = "record_failure"
SUBSTITUTIONS = {"InvokeFunctionArn": INVOKE, "RecordFailureFunctionArn": RECORD_FAILURE}
"""What stands for the state machine's placeholders on one machine: the names of `functions`."""


@dataclass(frozen=True, slots=True)
class OneMachine:
    """The `Backend` of one machine."""

    store: SqliteStore
    rules: ScheduleClock
    workflows: Engine
    effects: OneTransactionEffects
    senders: Mapping[str, Sender]
    clock: Clock
    ids: Ids
    settings: Settings
    start_queue: Starter
    work_limit: WorkLimit = within


def functions(backend: OneMachine) -> dict[str, Function]:
    """What the state machine's tasks call; on AWS these are Lambda functions."""

    async def invoke(payload: JSON) -> JSON:
        assert isinstance(payload, dict)
        await invoke_webhook(backend, _run(payload), str(payload["task_token"]))
        return None

    async def fail(payload: JSON) -> JSON:
        assert isinstance(payload, dict)
        failure = payload["failure"]
        assert isinstance(failure, dict)
        error, cause = failure.get("Error"), failure.get("Cause")
        await record_failure(
            backend, _run(payload), None if error is None else str(error), None if cause is None else str(cause)
        )
        return None

    return {INVOKE: invoke, RECORD_FAILURE: fail}


def target_hosts(database: Database) -> HostsOf:
    """Calls that send a webhook wait in a lane of its host, so that one that hangs holds up no other."""

    def hosts_of(actions: Sequence[InvokeFunction]) -> Sequence[str | None]:
        guids = [_guid(action) for action in actions]
        targets = read_targets(database.reader, [guid for guid in guids if guid is not None])
        return [None if guid is None else host_of(targets.get(guid, "")) for guid in guids]

    return hosts_of


def _guid(action: InvokeFunction) -> str | None:
    """The job whose webhook a call sends; None for other calls."""
    if action.function != INVOKE:
        return None
    assert isinstance(action.payload, dict)
    return _run(action.payload).key.guid


def _run(payload: dict[str, JSON]) -> ExecutionInput:
    document = payload["execution"]
    assert isinstance(document, dict)
    return ExecutionInput.from_json(document)
