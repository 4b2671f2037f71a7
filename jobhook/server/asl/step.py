"""The events of an execution: a run and an event go in, the run as it is now and what is to be done come out.

The semantics are Step Functions', with one deliberate difference. There, the heartbeat clock of a waitForTaskToken task
starts when the state is entered, before the function has even begun, so an execution's input carries seconds of grace
for it. Here it starts when the function has returned (or with the first heartbeat), because one machine's functions are
bounded by themselves. TimeoutSeconds counts from the start of the attempt in both.

Data is not measured: States.DataLimitExceeded is never reported.
"""

from dataclasses import replace

from jobhook.server.asl.error_names import HEARTBEAT_TIMEOUT, TIMEOUT
from jobhook.server.asl.errors import TaskTimedOut
from jobhook.server.asl.run import Phase, Run, Step, next_deadline
from jobhook.server.asl.states import Machine, Task
from jobhook.server.asl.transitions import Enter, Moment, attempt, fail, follow, succeed
from jobhook.server.asl.values import JSON

__all__ = [
    "Moment",
    "due",
    "function_failed",
    "function_returned",
    "heartbeat",
    "start",
    "task_failed",
    "task_succeeded",
]


def start(machine: Machine, name: str, data: JSON, moment: Moment) -> Step:
    """Begin the execution of this name with this input."""
    return follow(machine, name, Enter(machine.start_at, data), moment)


def task_succeeded(machine: Machine, run: Run, token: str, output: JSON, moment: Moment) -> Step:
    """The task's result was sent on its token (AWS: SendTaskSuccess). `TaskTimedOut` if the token is not current."""
    task = _awaited(machine, run, token, moment.now_ms)
    return follow(machine, run.name, succeed(task, run, output, moment), moment)


def task_failed(machine: Machine, run: Run, token: str, error: str, cause: str, moment: Moment) -> Step:
    """The task's failure was sent on its token (AWS: SendTaskFailure). `TaskTimedOut` if the token is not current."""
    task = _awaited(machine, run, token, moment.now_ms)
    return follow(machine, run.name, fail(task, run, error, cause, moment), moment)


def heartbeat(machine: Machine, run: Run, token: str, now_ms: int) -> Step:
    """A sign of life was sent on the token (AWS: SendTaskHeartbeat). `TaskTimedOut` if the token is not current."""
    task = _awaited(machine, run, token, now_ms)
    return Step(replace(run, heartbeat_deadline_ms=_heartbeat_deadline(task, run, now_ms)))


def function_returned(machine: Machine, run: Run, token: str, payload: JSON, moment: Moment) -> Step:
    """The attempt's function has returned this: a callback task's heartbeat clock starts, any other task succeeds.

    Nothing changes where the attempt is over: the callback may come before its function's return.
    """
    if not _is_invoking(run, token, moment.now_ms):
        return Step(run)
    task = _task(machine, run)
    if task.wait_for_token:
        deadline = _heartbeat_deadline(task, run, moment.now_ms)
        return Step(replace(run, invoking=False, heartbeat_deadline_ms=deadline))
    result: JSON = {"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200}
    return follow(machine, run.name, succeed(task, run, result, moment), moment)


def function_failed(machine: Machine, run: Run, token: str, error: str, cause: str, moment: Moment) -> Step:
    """The attempt's function failed, which fails its task, a callback task too; nothing changes if the attempt is over.

    A function that was lost in a crash failed with `Lambda.Unknown`, as on Step Functions.
    """
    if not _is_invoking(run, token, moment.now_ms):
        return Step(run)
    return follow(machine, run.name, fail(_task(machine, run), run, error, cause, moment), moment)


def due(machine: Machine, run: Run, moment: Moment) -> Step:
    """The earliest of the run's times has come: a retry begins or the task has timed out. Before, nothing changes."""
    deadline = next_deadline(run)
    if deadline is None or moment.now_ms < deadline:
        return Step(run)
    task = _task(machine, run)
    if run.phase is Phase.BACKOFF:
        return follow(machine, run.name, attempt(task, run, moment), moment)
    if deadline == run.heartbeat_deadline_ms:
        outcome = fail(task, run, HEARTBEAT_TIMEOUT, "No heartbeat came in time", moment)
    else:
        outcome = fail(task, run, TIMEOUT, "The task took too long", moment)
    return follow(machine, run.name, outcome, moment)


def _awaited(machine: Machine, run: Run, token: str, now_ms: int) -> Task:
    task = _task(machine, run) if _is_under_way(run, token, now_ms) else None
    if task is None or not task.wait_for_token:
        raise TaskTimedOut("The task token has expired or its task has ended")
    return task


def _is_under_way(run: Run, token: str, now_ms: int) -> bool:
    deadline = next_deadline(run)
    return run.token is not None and run.token == token and deadline is not None and now_ms < deadline


def _is_invoking(run: Run, token: str, now_ms: int) -> bool:
    return run.invoking and _is_under_way(run, token, now_ms)


def _task(machine: Machine, run: Run) -> Task:
    state = machine.states[run.state]
    if not isinstance(state, Task):
        raise TypeError(f"state {run.state!r} is no task: the run belongs to another machine")
    return state


def _heartbeat_deadline(task: Task, run: Run, now_ms: int) -> int | None:
    if task.heartbeat is None:
        return None
    return now_ms + 1000 * task.heartbeat.of(task.flow.effective_input(run.input))
