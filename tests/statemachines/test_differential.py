"""The embedded engine and moto's interpreter end every path of the execution's state machine the same way.

A lapsed heartbeat has two names: the language's own is `States.HeartbeatTimeout`, and AWS reports `States.Timeout`, as
recordings of it show. moto answers as AWS does, and the engine as the language says. The machine takes both alike.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from chalicelib.sync_runner import run_to_end
from jobhook.core.executions.decisions import CompleteTask
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.executions.outcomes import CANCELLED, JOB_FAILED
from jobhook.ports import WorkflowEnd
from jobhook.server.asl.machine import load
from jobhook.server.asl.run import Phase
from jobhook.server.asl.values import JSON
from jobhook.server.backend import INVOKE, RECORD_FAILURE, SUBSTITUTIONS
from jobhook.server.engine import Engine
from jobhook.server.sqlite import runs
from jobhook.server.sqlite.database import Database
from tests.chalicelib.moto_stack import MACHINE, MotoStack, moto_stack
from tests.contract.values import T0, a_key
from tests.fakes.ports import FakeClock

TRANSIENT = "Lambda.Unknown"
THROTTLED = "Lambda.TooManyRequestsException"


@dataclass(frozen=True)
class Path:
    """What happens: the errors of the functions' first calls, and (if it is `reported`) how the task is ended."""

    invoke_errors: tuple[str, ...] = ()
    record_errors: tuple[str, ...] = ()
    told_error: str | None = None
    reported: bool = True
    heartbeat_seconds: int = 60
    timeout_seconds: int = 120
    names_of_failure: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ending:
    """What is compared: calls of both functions, the failures that were to be recorded, and how the run ended."""

    invoked: int
    recorded: tuple[str, ...]
    error: str | None


PATHS = {
    "success": Path(),
    "success after two unavailable attempts": Path(invoke_errors=("WebhookUnavailable",) * 2),
    "success after transient errors of the function": Path(invoke_errors=(TRANSIENT,) * 3),
    "success after a process that died and an interface that was not ready": Path(
        invoke_errors=("Runtime.ExitError", "Lambda.ResourceNotReadyException") * 3
    ),
    "success after more throttles than any other rule takes": Path(invoke_errors=(THROTTLED,) * 12),
    "throttles take no attempt from other errors": Path(invoke_errors=(THROTTLED,) * 7 + (TRANSIENT,) * 6),
    "success after both": Path(invoke_errors=("WebhookUnavailable", TRANSIENT, "WebhookUnavailable")),
    "the job fails": Path(told_error=JOB_FAILED),
    "a person cancels": Path(told_error=CANCELLED),
    "unavailable to the end": Path(invoke_errors=("WebhookUnavailable",) * 3, reported=False),
    "transient errors to the end": Path(invoke_errors=(TRANSIENT,) * 7, reported=False),
    "refused by the service": Path(invoke_errors=("WebhookRefused",), reported=False),
    "refused as exclusive": Path(invoke_errors=("ExclusiveRunInProgress",), reported=False),
    "the job is gone": Path(invoke_errors=("JobGone",), reported=False),
    "the job is paused": Path(invoke_errors=("JobPaused",), reported=False),
    "an error that no rule names": Path(invoke_errors=("KeyError",) * 7, reported=False),
    "no sign of life": Path(
        reported=False,
        heartbeat_seconds=1,
        timeout_seconds=60,
        names_of_failure=frozenset({"States.HeartbeatTimeout", "States.Timeout"}),
    ),
    "no end in time": Path(reported=False, heartbeat_seconds=60, timeout_seconds=1),
    "recording fails twice": Path(
        invoke_errors=("WebhookRefused",), record_errors=("Unavailable",) * 2, reported=False
    ),
}


@pytest.mark.parametrize("name", PATHS)
async def test_both_engines_end_alike(name: str) -> None:
    path = PATHS[name]
    ours = await embedded_ending(path)
    theirs = await asyncio.to_thread(moto_ending, path)
    if path.names_of_failure:
        assert path.names_of_failure >= {*ours.recorded, *theirs.recorded}
        theirs = replace(theirs, recorded=ours.recorded)
    assert ours == theirs


async def test_moto_reports_a_lapsed_heartbeat_as_aws_does_and_the_engine_as_the_language_says() -> None:
    path = PATHS["no sign of life"]
    theirs = await asyncio.to_thread(moto_ending, path)
    assert theirs == Ending(1, ("States.Timeout",), "ExecutionFailed")
    assert await embedded_ending(path) == Ending(1, ("States.HeartbeatTimeout",), "ExecutionFailed")


class Functions:
    """The two functions, which fail as the path says and note what they were called with."""

    def __init__(self, path: Path) -> None:
        self._invoke_errors = list(path.invoke_errors)
        self._record_errors = list(path.record_errors)
        self.tokens: list[str] = []
        self.recorded: list[str] = []

    def invoke(self, event: Mapping[str, object]) -> None:
        self.tokens.append(str(event["task_token"]))
        fail_next(self._invoke_errors)

    def record_failure(self, event: Mapping[str, object]) -> None:
        fail_next(self._record_errors)
        failure = event["failure"]
        assert isinstance(failure, Mapping)
        self.recorded.append(str(failure["Error"]))

    def ending(self, end: WorkflowEnd) -> Ending:
        return Ending(len(self.tokens), tuple(self.recorded), end.error)


def fail_next(errors: list[str]) -> None:
    if errors:
        raise type(errors.pop(0), (Exception,), {})()


def run_of(path: Path) -> ExecutionInput:
    return ExecutionInput(
        execution_id=a_key().id,
        service_name="reports",
        job_name="nightly",
        schedule="rate(1 hour)",
        scheduled_time_ms=T0,
        ttl_seconds=path.heartbeat_seconds,
        heartbeat_seconds=path.heartbeat_seconds,
        timeout_seconds=path.timeout_seconds,
    )


def tell_of(path: Path, token: str) -> CompleteTask:
    return CompleteTask(a_key(), token, path.told_error, path.told_error)


def moto_ending(path: Path) -> Ending:
    functions = Functions(path)
    with moto_stack() as stack:
        stack.functions = {"invoke": functions.invoke, "record-failure": functions.record_failure}
        workflows = stack.backend.workflows
        assert run_to_end(workflows.start([run_of(path)])) == []
        if path.reported:
            stack.until(lambda: waits_at_last(stack, path, functions))
            run_to_end(workflows.complete_task(tell_of(path, functions.tokens[-1])))
        stack.until(lambda: stack.ended(a_key().id))
        end = run_to_end(workflows.describe_end(a_key().id))
    assert end is not None
    return functions.ending(end)


def waits_at_last(stack: MotoStack, path: Path, functions: Functions) -> bool:
    return len(functions.tokens) > len(path.invoke_errors) and stack.waits(a_key().id)


async def embedded_ending(path: Path) -> Ending:
    functions = Functions(path)
    clock = FakeClock(T0)
    database = Database(":memory:")
    engine = Engine(load(json.loads(MACHINE.read_text()), SUBSTITUTIONS), database, clock)

    async def invoke(event: JSON) -> JSON:
        assert isinstance(event, dict)
        functions.invoke(event)
        return None

    async def record_failure(event: JSON) -> JSON:
        assert isinstance(event, dict)
        functions.record_failure(event)
        return None

    engine.run_functions({INVOKE: invoke, RECORD_FAILURE: record_failure})
    try:
        await engine.start([run_of(path)])
        for _ in range(40):
            await engine.idle()
            run = runs.read(database.reader, a_key().id)
            end = await engine.describe_end(a_key().id)
            if end is not None:
                return functions.ending(end)
            assert run is not None
            if run.phase is Phase.TASK and path.reported:
                await engine.complete_task(tell_of(path, functions.tokens[-1]))
            else:
                clock.advance(120)
                engine.fire_timers()
    finally:
        await engine.stop(0)
        await database.close()
    raise AssertionError("the run does not end")
