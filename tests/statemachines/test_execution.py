"""Every state and every Catch of execution.asl.json, run by the embedded engine to its end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from jobhook.server.asl.machine import load
from jobhook.server.asl.run import InvokeFunction, Run, Status, Step, next_deadline
from jobhook.server.asl.states import Machine, Task
from jobhook.server.asl.step import (
    due,
    function_failed,
    function_returned,
    heartbeat,
    start,
    task_failed,
    task_succeeded,
)
from jobhook.server.asl.values import JSON
from tests.server.asl.machines import World, invocation, token_of

FILE = Path(__file__).parents[2] / "statemachines" / "execution.asl.json"
INPUT: dict[str, JSON] = {"execution_id": "e1", "heartbeat_seconds": 60, "timeout_seconds": 300}
FINAL_ERRORS = [
    "ExclusiveRunInProgress",
    "JobGone",
    "JobPaused",
    "WebhookRefused",
    "JobFailed",
    "Cancelled",
    "States.HeartbeatTimeout",
    "States.Timeout",
]
THROTTLES = ["Lambda.TooManyRequestsException", "Lambda.EC2ThrottledException"]
TRANSIENT_ERRORS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ResourceNotReadyException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "Unavailable",
    "Conflict",
    "Surprise",
]
"""Some of all that no rule of the Retry names."""


@pytest.fixture(scope="module")
def machine() -> Machine:
    functions = {"InvokeFunctionArn": "invoke", "RecordFailureFunctionArn": "record_failure"}
    return load(json.loads(FILE.read_text()), functions)


@pytest.fixture
def world() -> World:
    return World()


def invoked(machine: Machine, world: World) -> Run:
    """The webhook was sent and the callback is awaited."""
    run = start(machine, "e1", INPUT, world.moment).run
    return function_returned(machine, run, token_of(run), None, world.moment).run


def recorded(machine: Machine, step: Step, world: World) -> Run:
    """The end, after RecordFailure has done its work."""
    assert step.run.state == "RecordFailure"
    return function_returned(machine, step.run, token_of(step.run), None, world.moment).run


def failure_of(run: Run) -> JSON:
    """What the Fail state says of the failure."""
    assert run.cause is not None
    failure: JSON = json.loads(run.cause)
    return failure


def used_up(machine: Machine, error: str, world: World) -> tuple[Step, list[int]]:
    """What follows when the invoke function fails with this on every attempt, and the backoff before each retry."""
    step, delays = start(machine, "e1", INPUT, world.moment), []
    while step.run.state == "Invoke":
        step = function_failed(machine, step.run, token_of(step.run), error, "why", world.moment)
        if step.run.retry_at_ms is not None:
            delays.append(step.run.retry_at_ms - world.now_ms)
            step = due(machine, step.run, world.at(step.run.retry_at_ms))
    return step, delays


def test_the_invoke_function_gets_the_execution_and_its_task_token(machine: Machine, world: World) -> None:
    step = start(machine, "e1", INPUT, world.moment)
    assert invocation(step) == InvokeFunction("invoke", {"execution": INPUT, "task_token": "token-0"}, True, "token-0")


def test_a_success_ends_in_succeeded(machine: Machine, world: World) -> None:
    run = invoked(machine, world)
    run = heartbeat(machine, run, token_of(run), 50_000).run
    assert next_deadline(run) == 110_000
    run = task_succeeded(machine, run, token_of(run), {"status": "success"}, world.at(100_000)).run
    assert (run.state, run.status, run.output) == ("Succeeded", Status.SUCCEEDED, {"status": "success"})


Failing: TypeAlias = Callable[[Machine, World], Step]


def function_fails(error: str) -> Failing:
    return lambda machine, world: used_up(machine, error, world)[0]


def callback_fails(machine: Machine, world: World) -> Step:
    run = invoked(machine, world)
    return task_failed(machine, run, token_of(run), "JobFailed", "why", world.moment)


def ttl_lapses(machine: Machine, world: World) -> Step:
    return due(machine, invoked(machine, world), world.at(60_000))


def total_time_is_over(machine: Machine, world: World) -> Step:
    run = invoked(machine, world)
    for now_ms in range(50_000, 300_000, 50_000):
        run = heartbeat(machine, run, token_of(run), now_ms).run
    return due(machine, run, world.at(300_000))


# In the order of the Catch; the last takes whatever has no Catch of its own.
FAILINGS: list[tuple[str, Failing]] = [
    ("ExclusiveRunInProgress", function_fails("ExclusiveRunInProgress")),
    ("JobGone", function_fails("JobGone")),
    ("JobPaused", function_fails("JobPaused")),
    ("WebhookRefused", function_fails("WebhookRefused")),
    ("WebhookUnavailable", function_fails("WebhookUnavailable")),
    ("JobFailed", callback_fails),
    ("States.HeartbeatTimeout", ttl_lapses),
    ("States.Timeout", total_time_is_over),
    ("Surprise", function_fails("Surprise")),
]


@pytest.mark.parametrize(("error", "failing"), FAILINGS, ids=[error for error, _ in FAILINGS])
def test_every_way_to_fail_is_recorded_and_ends_in_failed(
    machine: Machine, world: World, error: str, failing: Failing
) -> None:
    step = failing(machine, world)
    action = invocation(step)
    assert isinstance(action.payload, dict)
    failure = action.payload["failure"]
    assert isinstance(failure, dict)
    assert (action.function, action.wait_for_token, failure["Error"]) == ("record_failure", False, error)
    assert action.payload["execution"] == {**INPUT, "failure": failure}
    run = recorded(machine, step, world)
    assert (run.state, run.status, run.error) == ("Failed", Status.FAILED, "ExecutionFailed")
    assert failure_of(run) == failure


def test_every_catch_has_its_path_above(machine: Machine) -> None:
    state = machine.states["Invoke"]
    assert isinstance(state, Task)
    assert [name for catcher in state.catchers for name in catcher.error_equals] == [
        "States.ALL" if error == "Surprise" else error for error, _ in FAILINGS
    ]


@pytest.mark.parametrize("error", FINAL_ERRORS)
def test_what_another_attempt_cannot_change_is_not_retried(machine: Machine, world: World, error: str) -> None:
    assert used_up(machine, error, world)[1] == []


def test_a_webhook_has_three_attempts_after_one_and_two_seconds_on_average(machine: Machine, world: World) -> None:
    world.random = 0.5
    assert used_up(machine, "WebhookUnavailable", world)[1] == [1_000, 2_000]


@pytest.mark.parametrize("error", TRANSIENT_ERRORS)
def test_a_transient_error_of_the_function_is_retried_with_longer_backoffs(
    machine: Machine, world: World, error: str
) -> None:
    world.random = 1.0
    step, delays = used_up(machine, error, world)
    assert delays == [4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    assert failure_of(recorded(machine, step, world)) == {"Error": error, "Cause": "why"}


@pytest.mark.parametrize("error", THROTTLES)
def test_a_throttled_function_is_retried_for_most_of_an_hour(machine: Machine, world: World, error: str) -> None:
    world.random = 0.5
    delays = used_up(machine, error, world)[1]
    assert (len(delays), delays[0], delays[-1]) == (100, 1_000, 30_000)
    assert 2_700_000 < sum(delays) < 3_600_000


def test_throttles_take_no_attempt_from_other_transient_errors(machine: Machine, world: World) -> None:
    step = start(machine, "e1", INPUT, world.moment)
    for error in [THROTTLES[0]] * 50 + ["Lambda.Unknown"] * 6 + [THROTTLES[0]] * 50:
        step = function_failed(machine, step.run, token_of(step.run), error, "", world.moment)
        assert step.run.retry_at_ms is not None
        step = due(machine, step.run, world.at(step.run.retry_at_ms))
    assert step.run.state == "Invoke"


@pytest.mark.parametrize(("error", "cause"), [("JobFailed", "job_failed"), ("Cancelled", "cancelled")])
def test_a_task_that_a_callback_or_a_person_has_ended_is_not_retried(
    machine: Machine, world: World, error: str, cause: str
) -> None:
    run = invoked(machine, world)
    step = task_failed(machine, run, token_of(run), error, cause, world.moment)
    assert failure_of(recorded(machine, step, world)) == {"Error": error, "Cause": cause}


def test_every_rule_of_the_retry_has_its_test_here(machine: Machine) -> None:
    state = machine.states["Invoke"]
    assert isinstance(state, Task)
    rules = [["WebhookUnavailable"], FINAL_ERRORS, THROTTLES, ["States.ALL"]]
    assert [list(retrier.error_equals) for retrier in state.retriers] == rules


def test_a_transient_error_of_the_function_takes_no_attempt_from_the_webhook(machine: Machine, world: World) -> None:
    step = start(machine, "e1", INPUT, world.moment)
    for error in ("Lambda.Unknown", "WebhookUnavailable", "Lambda.Unknown", "WebhookUnavailable"):
        step = function_failed(machine, step.run, token_of(step.run), error, "", world.moment)
        assert step.run.retry_at_ms is not None
        step = due(machine, step.run, world.at(step.run.retry_at_ms))
    assert step.run.state == "Invoke"


def test_recording_a_failure_is_retried_for_hours_and_then_given_up(machine: Machine, world: World) -> None:
    step, began_ms = function_fails("JobGone")(machine, world), world.now_ms
    while step.run.status is Status.RUNNING:
        deadline = next_deadline(step.run)
        assert deadline is not None
        step = due(machine, step.run, world.at(deadline))
    assert (step.run.state, step.run.error) == ("RecordFailure", "States.Timeout")
    assert 8 < (world.now_ms - began_ms) / 3_600_000 < 24


def test_a_recording_that_works_at_last_still_ends_with_the_first_failure(machine: Machine, world: World) -> None:
    step = function_fails("JobGone")(machine, world)
    step = function_failed(machine, step.run, token_of(step.run), "Broken", "", world.moment)
    assert step.run.retry_at_ms is not None
    step = due(machine, step.run, world.at(step.run.retry_at_ms))
    assert failure_of(recorded(machine, step, world)) == {"Error": "JobGone", "Cause": "why"}
