"""How an execution gets from one state to the next: entering, attempting, succeeding, failing, retrying, catching."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from jobhook.server.asl.error_names import RESERVED, RUNTIME, matches
from jobhook.server.asl.errors import StateError
from jobhook.server.asl.run import InvokeFunction, Run, Status, Step
from jobhook.server.asl.states import Fail, Machine, Pass, Task, put_result
from jobhook.server.asl.templates import Context
from jobhook.server.asl.values import JSON

# Step Functions ends an execution after 25,000 events; a failure caught in a circle must end here too.
_MOST_STATES_IN_A_STEP: Final = 1_000


class Moment(NamedTuple):
    """What a transition takes from the world: the time (epoch ms), new task tokens, and random numbers in [0, 1)."""

    now_ms: int
    new_token: Callable[[], str]
    random: Callable[[], float]


class Enter(NamedTuple):
    """The execution goes on to this state with this input."""

    state: str
    data: JSON


Outcome: TypeAlias = Step | Enter


def follow(machine: Machine, name: str, outcome: Outcome, moment: Moment) -> Step:
    """Enter one state after the other until the execution waits or has ended."""
    for _ in range(_MOST_STATES_IN_A_STEP):
        if isinstance(outcome, Step):
            return outcome
        run = Run(name, outcome.state, outcome.data, moment.now_ms)
        outcome = _enter(machine, run, moment)
    return outcome if isinstance(outcome, Step) else _failed(run, RUNTIME, "The execution goes round in a circle")


def _enter(machine: Machine, run: Run, moment: Moment) -> Outcome:
    state = machine.states[run.state]
    if isinstance(state, Task):
        return attempt(state, Run(run.name, run.state, run.input, run.entered_ms, (0,) * len(state.retriers)), moment)
    try:
        if isinstance(state, Fail):
            return _failed(run, _reportable(state.error.of(run.input)), state.cause.of(run.input))
        result = state.flow.effective_input(run.input)
        if isinstance(state, Pass) and state.result is not None:
            result = state.result[0]
        return _leave(state.flow.next, run, state.flow.output(run.input, result))
    except StateError as failure:
        return _failed(run, failure.error, failure.cause)


def attempt(task: Task, run: Run, moment: Moment) -> Outcome:
    """Begin an attempt of the task, the first or a retry: with its own token and its own deadlines."""
    token = moment.new_token()
    context = Context(run.name, run.state, run.entered_ms, sum(run.retries), token)
    try:
        data = task.flow.effective_input(run.input)
        payload = task.payload.fill(data, context)
        timeout = task.timeout.of(data)
        if task.heartbeat is not None:
            task.heartbeat.of(data)  # what it says must be sound before the function runs, not after
    except StateError as failure:
        return fail(task, run, failure.error, failure.cause, moment)
    under_way = Run(
        name=run.name,
        state=run.state,
        input=run.input,
        entered_ms=run.entered_ms,
        retries=run.retries,
        token=token,
        invoking=True,
        timeout_deadline_ms=moment.now_ms + 1000 * timeout,
    )
    return Step(under_way, (InvokeFunction(task.function, payload, task.wait_for_token, token),))


def succeed(task: Task, run: Run, result: JSON, moment: Moment) -> Outcome:
    """The task has this result: the execution goes on, or ends."""
    try:
        output = task.flow.output(run.input, result)
    except StateError as failure:
        return fail(task, run, failure.error, failure.cause, moment)
    return _leave(task.flow.next, run, output)


def _leave(next_: str | None, run: Run, output: JSON) -> Outcome:
    if next_ is not None:
        return Enter(next_, output)
    return Step(Run(run.name, run.state, None, run.entered_ms, status=Status.SUCCEEDED, output=output))


def fail(task: Task, run: Run, error: str, cause: str, moment: Moment) -> Outcome:
    """The task failed: it is tried again, or else the failure is caught, or else the execution has failed."""
    return _retry(task, run, error, moment) or _catch(task, run, error, cause)


def _retry(task: Task, run: Run, error: str, moment: Moment) -> Step | None:
    """Wait for another attempt; None where the first retrier that takes the error is used up, or none takes it."""
    for index, retrier in enumerate(task.retriers):
        if matches(retrier.error_equals, error):
            count = run.retries[index]
            if count >= retrier.max_attempts:
                return None
            retries = (*run.retries[:index], count + 1, *run.retries[index + 1 :])
            retry_at_ms = moment.now_ms + retrier.delay_ms(count, moment.random())
            return Step(Run(run.name, run.state, run.input, run.entered_ms, retries, retry_at_ms=retry_at_ms))
    return None


def _catch(task: Task, run: Run, error: str, cause: str) -> Outcome:
    for catcher in task.catchers:
        if matches(catcher.error_equals, error):
            return _caught(catcher.next, catcher.result_path, run, {"Error": error, "Cause": cause})
    return _failed(run, error, cause)


def _caught(next_: str, result_path: tuple[str, ...] | None, run: Run, failure: JSON) -> Outcome:
    try:
        return Enter(next_, put_result(run.input, result_path, failure))
    except StateError as mismatch:
        return _failed(run, mismatch.error, mismatch.cause)


def _reportable(error: str) -> str:
    """The names with `States.` are the language's own: a Fail state cannot report one, not even one that was caught."""
    if error.startswith(RESERVED):
        raise StateError(RUNTIME, f"A Fail state cannot report {error}: names with {RESERVED} are reserved")
    return error


def _failed(run: Run, error: str, cause: str) -> Step:
    return Step(Run(run.name, run.state, None, run.entered_ms, status=Status.FAILED, error=error, cause=cause))
