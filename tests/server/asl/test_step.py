"""Every transition of an execution, by example."""

from typing import cast

import pytest

from jobhook.server.asl.errors import TaskTimedOut
from jobhook.server.asl.machine import load
from jobhook.server.asl.run import COLUMNS, InvokeFunction, Phase, Run, Status, Step, from_row, next_deadline, to_row
from jobhook.server.asl.states import Machine
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
from tests.server.asl.machines import World, callback_task, function_task, invocation, machine_of, token_of, without


@pytest.fixture
def world() -> World:
    return World()


CALLBACK = load(machine_of(Task=callback_task()))
EMPTY: JSON = {}


def begun(machine: Machine, world: World, data: JSON = EMPTY) -> Step:
    return start(machine, "e1", data, world.moment)


def waiting(machine: Machine, world: World, data: JSON = EMPTY) -> Run:
    """A callback task whose function has returned."""
    run = begun(machine, world, data).run
    return function_returned(machine, run, token_of(run), None, world.moment).run


def failed_with(run: Run) -> str | None:
    assert run.status is Status.FAILED
    return run.error


# A task under way


def test_a_task_begins_with_its_function_called(world: World) -> None:
    run, actions = begun(CALLBACK, world)
    assert actions == (InvokeFunction("send", {"token": "token-0"}, True, "token-0"),)
    assert (run.phase, run.token, run.invoking) == (Phase.TASK, "token-0", True)
    assert (run.heartbeat_deadline_ms, run.timeout_deadline_ms, next_deadline(run)) == (None, 100_000, 100_000)


def test_the_heartbeat_clock_starts_when_the_function_has_returned(world: World) -> None:
    run = begun(CALLBACK, world).run
    step = function_returned(CALLBACK, run, "token-0", None, world.at(3_000))
    assert step.actions == ()
    assert (step.run.invoking, step.run.heartbeat_deadline_ms) == (False, 13_000)
    assert next_deadline(step.run) == 13_000


def test_a_heartbeat_moves_its_deadline_and_not_the_timeout(world: World) -> None:
    run = heartbeat(CALLBACK, waiting(CALLBACK, world), "token-0", 9_000).run
    assert (run.heartbeat_deadline_ms, run.timeout_deadline_ms) == (19_000, 100_000)


def test_a_heartbeat_before_the_function_has_returned_starts_the_clock(world: World) -> None:
    run = heartbeat(CALLBACK, begun(CALLBACK, world).run, "token-0", 1_000).run
    assert run.heartbeat_deadline_ms == 11_000
    assert run.invoking


def test_a_task_without_heartbeats_takes_them_and_sets_no_deadline(world: World) -> None:
    machine = load(machine_of(Task=without(callback_task(), "HeartbeatSeconds")))
    run = heartbeat(machine, waiting(machine, world), "token-0", 1_000).run
    assert (run.heartbeat_deadline_ms, next_deadline(run)) == (None, 100_000)


def test_a_callback_ends_the_task(world: World) -> None:
    run = task_succeeded(CALLBACK, waiting(CALLBACK, world), "token-0", {"x": 1}, world.moment).run
    assert (run.phase, run.status, run.output) == (Phase.ENDED, Status.SUCCEEDED, {"x": 1})
    assert (run.token, run.input, next_deadline(run)) == (None, None, None)


def test_a_callback_may_come_before_its_function_has_returned(world: World) -> None:
    run = task_succeeded(CALLBACK, begun(CALLBACK, world).run, "token-0", 1, world.moment).run
    assert run.status is Status.SUCCEEDED
    assert function_returned(CALLBACK, run, "token-0", None, world.moment) == Step(run)
    assert function_failed(CALLBACK, run, "token-0", "E", "", world.moment) == Step(run)


def test_a_sent_failure_fails_the_task(world: World) -> None:
    run = task_failed(CALLBACK, waiting(CALLBACK, world), "token-0", "JobFailed", "why", world.moment).run
    assert (run.status, run.error, run.cause, run.output) == (Status.FAILED, "JobFailed", "why", None)


def test_a_function_that_fails_fails_its_callback_task(world: World) -> None:
    run = function_failed(CALLBACK, begun(CALLBACK, world).run, "token-0", "Broken", "why", world.moment).run
    assert (run.error, run.cause) == ("Broken", "why")


def test_a_function_that_has_returned_cannot_fail_any_more(world: World) -> None:
    run = waiting(CALLBACK, world)
    assert function_failed(CALLBACK, run, "token-0", "Broken", "", world.moment) == Step(run)


def test_a_function_without_callback_ends_its_task_by_returning(world: World) -> None:
    machine = load(machine_of(Task=function_task()))
    run, actions = begun(machine, world, {"a": 1})
    assert actions == (InvokeFunction("record", {"a": 1}, False, "token-0"),)
    ended = function_returned(machine, run, "token-0", {"done": True}, world.moment).run
    assert ended.output == {"ExecutedVersion": "$LATEST", "Payload": {"done": True}, "StatusCode": 200}


# Tokens


def test_only_the_current_token_is_taken(world: World) -> None:
    run = waiting(CALLBACK, world)
    for token in ("token-1", ""):
        with pytest.raises(TaskTimedOut):
            task_succeeded(CALLBACK, run, token, None, world.moment)
        with pytest.raises(TaskTimedOut):
            task_failed(CALLBACK, run, token, "E", "", world.moment)
        with pytest.raises(TaskTimedOut):
            heartbeat(CALLBACK, run, token, 0)


def test_the_attempt_of_a_task_without_callback_takes_no_callback(world: World) -> None:
    machine = load(machine_of(Task=function_task()))
    with pytest.raises(TaskTimedOut):
        task_succeeded(machine, begun(machine, world).run, "token-0", None, world.moment)


def test_an_ended_execution_takes_nothing(world: World) -> None:
    run = task_succeeded(CALLBACK, waiting(CALLBACK, world), "token-0", None, world.moment).run
    with pytest.raises(TaskTimedOut):
        heartbeat(CALLBACK, run, "token-0", 0)
    assert due(CALLBACK, run, world.at(10**12)) == Step(run)


def test_a_callback_at_the_deadline_is_too_late_even_before_the_timer_has_fired(world: World) -> None:
    run = waiting(CALLBACK, world)
    assert heartbeat(CALLBACK, run, "token-0", 9_999).run.heartbeat_deadline_ms == 19_999
    with pytest.raises(TaskTimedOut):
        heartbeat(CALLBACK, run, "token-0", 10_000)
    with pytest.raises(TaskTimedOut):
        task_succeeded(CALLBACK, run, "token-0", None, world.at(10_000))


# Deadlines


def test_nothing_is_due_before_its_time(world: World) -> None:
    run = waiting(CALLBACK, world)
    assert due(CALLBACK, run, world.at(9_999)) == Step(run)


def test_a_lapsed_heartbeat_is_a_heartbeat_timeout(world: World) -> None:
    run = due(CALLBACK, waiting(CALLBACK, world), world.at(10_000)).run
    assert failed_with(run) == "States.HeartbeatTimeout"


def test_a_task_with_heartbeats_times_out_all_the_same(world: World) -> None:
    run = waiting(CALLBACK, world)
    for now_ms in range(9_000, 100_000, 9_000):
        run = heartbeat(CALLBACK, run, "token-0", now_ms).run
    assert failed_with(due(CALLBACK, run, world.at(100_000)).run) == "States.Timeout"


def test_after_a_long_outage_the_earlier_deadline_says_what_happened(world: World) -> None:
    run = due(CALLBACK, waiting(CALLBACK, world), world.at(10**9)).run
    assert failed_with(run) == "States.HeartbeatTimeout"


def test_a_function_that_never_returns_times_out(world: World) -> None:
    run = begun(CALLBACK, world).run
    assert failed_with(due(CALLBACK, run, world.at(100_000)).run) == "States.Timeout"
    assert function_returned(CALLBACK, run, "token-0", None, world.at(100_000)) == Step(run)


def test_durations_come_from_the_input(world: World) -> None:
    paths: dict[str, JSON] = {
        "TimeoutSecondsPath": "$.limits[1]",
        "HeartbeatSecondsPath": "$.heartbeat",
        "InputPath": "$.in",
    }
    machine = load(machine_of(Task=without(callback_task(), "TimeoutSeconds", "HeartbeatSeconds") | paths))
    run = waiting(machine, world, {"in": {"limits": [0, 7], "heartbeat": 2}})
    assert (run.heartbeat_deadline_ms, run.timeout_deadline_ms) == (2_000, 7_000)


@pytest.mark.parametrize("value", [0, -1, "5", 1.5, True, None])
@pytest.mark.parametrize("name", ["TimeoutSeconds", "HeartbeatSeconds"])
def test_a_duration_that_is_no_positive_whole_number_ends_the_execution_uncaught(
    world: World, name: str, value: JSON
) -> None:
    catch: JSON = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    task = without(callback_task(Catch=catch), name) | {f"{name}Path": "$.t"}
    machine = load(machine_of(Task=task, Caught={"Type": "Succeed"}))
    run, actions = begun(machine, world, {"t": value})
    assert (failed_with(run), actions) == ("States.Runtime", ())


# Retry and Catch


def retrying(*retriers: JSON, **fields: JSON) -> Machine:
    return load(
        machine_of(
            Task=callback_task(
                Retry=list(retriers),
                Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Caught"}],
                **fields,
            ),
            Caught={"Type": "Pass", "End": True},
        )
    )


def fail_now(machine: Machine, run: Run, error: str, world: World) -> Run:
    return task_failed(machine, run, token_of(run), error, "why", world.moment).run


def test_a_retry_waits_then_begins_a_new_attempt_with_its_own_token_and_deadlines(world: World) -> None:
    machine = retrying({"ErrorEquals": ["A"], "IntervalSeconds": 3})
    backoff = task_failed(machine, waiting(machine, world), "token-0", "A", "", world.at(5_000))
    assert backoff.actions == ()
    assert (backoff.run.phase, backoff.run.retry_at_ms, backoff.run.token) == (Phase.BACKOFF, 8_000, None)
    assert (backoff.run.heartbeat_deadline_ms, backoff.run.timeout_deadline_ms) == (None, None)
    again = due(machine, backoff.run, world.at(8_001))
    assert invocation(again).token == "token-1"
    assert (again.run.entered_ms, again.run.retries) == (0, (1,))
    assert (again.run.phase, again.run.timeout_deadline_ms, again.run.heartbeat_deadline_ms) == (
        Phase.TASK,
        108_001,
        None,
    )
    with pytest.raises(TaskTimedOut):
        task_succeeded(machine, again.run, "token-0", None, world.moment)
    assert function_returned(machine, again.run, "token-0", None, world.moment) == Step(again.run)


def test_during_a_backoff_no_token_is_taken(world: World) -> None:
    machine = retrying({"ErrorEquals": ["A"]})
    run = fail_now(machine, waiting(machine, world), "A", world)
    with pytest.raises(TaskTimedOut):
        task_succeeded(machine, run, "token-0", None, world.moment)
    assert function_failed(machine, run, "token-0", "A", "", world.moment) == Step(run)


def backoffs(machine: Machine, world: World, error: str) -> list[int]:
    """The delay before each retry, until the failure is caught."""
    delays, run = [], begun(machine, world).run
    while (run := fail_now(machine, run, error, world)).retry_at_ms is not None:
        delays.append(run.retry_at_ms - world.now_ms)
        run = due(machine, run, world.at(run.retry_at_ms)).run
    assert run.status is Status.SUCCEEDED
    return delays


def test_backoffs_grow_up_to_the_longest_delay_and_then_the_failure_is_caught(world: World) -> None:
    machine = retrying({"ErrorEquals": ["A"], "IntervalSeconds": 2, "MaxAttempts": 4, "MaxDelaySeconds": 9})
    assert backoffs(machine, world, "A") == [2_000, 4_000, 8_000, 9_000]


def test_a_fractional_rate_is_rounded_to_milliseconds(world: World) -> None:
    assert backoffs(retrying({"ErrorEquals": ["A"], "BackoffRate": 1.5}), world, "A") == [1_000, 1_500, 2_250]


def test_full_jitter_draws_from_zero_to_the_backoff(world: World) -> None:
    machine = retrying({"ErrorEquals": ["A"], "IntervalSeconds": 2, "JitterStrategy": "FULL"})
    world.random = 0.25
    assert backoffs(machine, world, "A") == [500, 1_000, 2_000]
    world.random = 0.0
    assert backoffs(machine, world, "A") == [0, 0, 0]


def test_no_attempts_means_no_retry(world: World) -> None:
    assert backoffs(retrying({"ErrorEquals": ["A"], "MaxAttempts": 0}), world, "A") == []


def test_a_backoff_beyond_all_numbers_is_the_longest_delay(world: World) -> None:
    machine = retrying({"ErrorEquals": ["A"], "BackoffRate": 1e200, "MaxDelaySeconds": 5})
    assert backoffs(machine, world, "A") == [1_000, 5_000, 5_000]


def test_each_retrier_has_its_own_count_and_a_used_up_one_is_not_passed_over(world: World) -> None:
    machine = retrying(
        {"ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "MaxAttempts": 2},
        {"ErrorEquals": ["C"], "IntervalSeconds": 5},
        {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 9},
    )
    run, delays = begun(machine, world).run, []
    for error in ("A", "B", "C", "D"):
        run = fail_now(machine, run, error, world)
        assert run.retry_at_ms is not None
        delays.append(run.retry_at_ms - world.now_ms)
        run = due(machine, run, world.at(run.retry_at_ms)).run
    assert (delays, run.retries) == ([1_000, 2_000, 5_000, 9_000], (2, 1, 1))
    assert fail_now(machine, run, "B", world).output == {"failure": {"Error": "B", "Cause": "why"}}


def test_a_timeout_can_be_retried(world: World) -> None:
    machine = retrying({"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1})
    run = due(machine, waiting(machine, world), world.at(10_000)).run
    assert (run.phase, run.retry_at_ms) == (Phase.BACKOFF, 11_000)


def test_the_first_catcher_that_takes_the_error_decides(world: World) -> None:
    catch: JSON = [
        {"ErrorEquals": ["A"], "ResultPath": "$.first", "Next": "Caught"},
        {"ErrorEquals": ["A", "B"], "ResultPath": None, "Next": "Caught"},
        {"ErrorEquals": ["States.ALL"], "Next": "Caught"},
    ]
    machine = load(machine_of(Task=callback_task(Catch=catch), Caught={"Type": "Pass", "End": True}))
    outputs = [fail_now(machine, begun(machine, world, {"in": 1}).run, error, world).output for error in "ABC"]
    assert outputs == [
        {"in": 1, "first": {"Error": "A", "Cause": "why"}},
        {"in": 1},
        {"Error": "C", "Cause": "why"},
    ]


def test_a_failure_that_nobody_takes_ends_the_execution(world: World) -> None:
    machine = load(
        machine_of(
            Task=callback_task(Retry=[{"ErrorEquals": ["A"]}], Catch=[{"ErrorEquals": ["B"], "Next": "Caught"}]),
            Caught={"Type": "Succeed"},
        )
    )
    assert failed_with(fail_now(machine, begun(machine, world).run, "C", world)) == "C"


def test_a_catch_leads_to_the_next_task_with_fresh_retries(world: World) -> None:
    machine = load(
        machine_of(
            Task=callback_task(Retry=[{"ErrorEquals": ["A"]}], Catch=[{"ErrorEquals": ["B"], "Next": "Again"}]),
            Again=function_task(Retry=[{"ErrorEquals": ["X"]}, {"ErrorEquals": ["Y"]}]),
        )
    )
    run = fail_now(machine, waiting(machine, world), "A", world)
    run = due(machine, run, world.at(1_000)).run
    step = task_failed(machine, run, token_of(run), "B", "", world.at(2_000))
    assert invocation(step) == InvokeFunction("record", {"Error": "B", "Cause": ""}, False, "token-2")
    assert (step.run.state, step.run.retries, step.run.entered_ms) == ("Again", (0, 0), 2_000)


def test_failures_that_are_caught_in_a_circle_end_the_execution(world: World) -> None:
    task = function_task(
        Parameters={"FunctionName": "f", "Payload.$": "$.gone"}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Task"}]
    )
    assert failed_with(begun(load(machine_of(Task=task)), world).run) == "States.Runtime"


# Data


def test_a_payload_selects_from_input_and_context(world: World) -> None:
    payload: JSON = {
        "all.$": "$",
        "part": {"deep.$": "$.a.b[1]", "fixed": [1, {"x": None}]},
        "token.$": "$$.Task.Token",
        "name.$": "$$.Execution.Name",
        "state.$": "$$.State.Name",
        "entered.$": "$$.State.EnteredTime",
        "retries.$": "$$.State.RetryCount",
    }
    machine = retrying({"ErrorEquals": ["A"]}, Parameters={"FunctionName": "f", "Payload": payload}, InputPath="$.in")
    world.now_ms = 1_767_225_600_123
    data: JSON = {"a": {"b": [1, "two"]}}
    run = fail_now(machine, begun(machine, world, {"in": data}).run, "A", world)
    again = due(machine, run, world.at(1_767_225_601_123))
    assert invocation(again).payload == {
        "all": data,
        "part": {"deep": "two", "fixed": [1, {"x": None}]},
        "token": "token-1",
        "name": "e1",
        "state": "Task",
        "entered": "2026-01-01T00:00:00.123Z",
        "retries": 1,
    }


def test_a_task_without_payload_sends_an_empty_object(world: World) -> None:
    machine = load(machine_of(Task=function_task(Parameters={"FunctionName": "f"})))
    assert invocation(begun(machine, world)).payload == {}


@pytest.mark.parametrize("data", [{}, {"a": 1}, {"a": []}, {"a": {"0": 1}}, [], None, "a"])
def test_a_payload_path_without_value_fails_the_task_before_its_function_is_called(world: World, data: JSON) -> None:
    parameters: JSON = {"FunctionName": "f", "Payload": {"x.$": "$.a[0]", "token.$": "$$.Task.Token"}}
    run, actions = begun(_caught(parameters), world, data)
    assert actions == ()
    assert cast("dict[str, str]", run.output)["Error"] == "States.ParameterPathFailure"


def _caught(parameters: JSON) -> Machine:
    catch: JSON = [{"ErrorEquals": ["States.ParameterPathFailure"], "Next": "Caught"}]
    return load(
        machine_of(Task=callback_task(Parameters=parameters, Catch=catch), Caught={"Type": "Pass", "End": True})
    )


def result_of(world: World, data: JSON, **fields: JSON) -> Run:
    machine = load(machine_of(Task=callback_task(**fields)))
    return task_succeeded(machine, waiting(machine, world, data), "token-0", {"r": 1}, world.moment).run


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, {"r": 1}),
        ({"ResultPath": "$"}, {"r": 1}),
        ({"ResultPath": None}, {"in": {"k": 0}}),
        ({"ResultPath": "$.out"}, {"in": {"k": 0}, "out": {"r": 1}}),
        ({"ResultPath": "$.in"}, {"in": {"r": 1}}),
        ({"ResultPath": "$.in.new.deep"}, {"in": {"k": 0, "new": {"deep": {"r": 1}}}}),
        ({"OutputPath": "$.r"}, 1),
        ({"OutputPath": None}, {}),
        ({"ResultPath": "$.out", "OutputPath": "$.out"}, {"r": 1}),
        ({"InputPath": None, "ResultPath": None}, {"in": {"k": 0}}),
    ],
)
def test_a_result_passes_through_result_path_and_output_path(
    world: World, fields: dict[str, JSON], output: JSON
) -> None:
    data: JSON = {"in": {"k": 0}}
    assert result_of(world, data, **fields).output == output
    assert data == {"in": {"k": 0}}


def test_a_result_that_cannot_be_put_into_the_input_fails_the_task(world: World) -> None:
    run = result_of(world, {"in": 5}, ResultPath="$.in.out")
    assert failed_with(run) == "States.ResultPathMatchFailure"


def test_an_output_path_without_value_ends_the_execution(world: World) -> None:
    assert failed_with(result_of(world, {"in": 5}, OutputPath="$.gone")) == "States.Runtime"


def test_a_failure_that_cannot_be_put_into_the_input_ends_the_execution(world: World) -> None:
    machine = retrying()
    run = begun(machine, world, [1]).run
    assert failed_with(fail_now(machine, run, "A", world)) == "States.ResultPathMatchFailure"


# States that are no tasks


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, {"a": {"b": 1}}),
        ({"InputPath": "$.a"}, {"b": 1}),
        ({"InputPath": None}, {}),
        ({"Result": None}, None),
        ({"Result": [1], "ResultPath": "$.c"}, {"a": {"b": 1}, "c": [1]}),
        ({"InputPath": "$.a", "ResultPath": "$.c", "OutputPath": "$.c.b"}, 1),
    ],
)
def test_a_pass_hands_on_its_input_or_result(world: World, fields: dict[str, JSON], output: JSON) -> None:
    machine = load(machine_of(Only={"Type": "Pass", "Next": "Done", **fields}, Done={"Type": "Succeed"}))
    run = begun(machine, world, {"a": {"b": 1}}).run
    assert (run.status, run.state, run.output) == (Status.SUCCEEDED, "Done", output)


def test_a_pass_can_end_the_execution_and_lead_to_a_task(world: World) -> None:
    task = without(function_task(Next="Last"), "End")
    last: JSON = {"Type": "Pass", "End": True, "OutputPath": "$.Payload"}
    machine = load(machine_of(First={"Type": "Pass", "Next": "Task"}, Task=task, Last=last))
    run = begun(machine, world).run
    assert run.state == "Task"
    assert function_returned(machine, run, token_of(run), 7, world.moment).run.output == 7


def test_succeed_selects_its_output(world: World) -> None:
    machine = load(machine_of(Only={"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}))
    assert begun(machine, world, {"a": {"b": 1}}).run.output == 1
    assert failed_with(begun(machine, world, {}).run) == "States.Runtime"


def test_fail_has_a_fixed_or_selected_error_and_cause(world: World) -> None:
    fixed = begun(load(machine_of(Only={"Type": "Fail", "Error": "E", "Cause": "C"})), world).run
    assert (fixed.status, fixed.error, fixed.cause) == (Status.FAILED, "E", "C")
    selected = load(machine_of(Only={"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c"}))
    run = begun(selected, world, {"e": "E2", "c": "C2"}).run
    assert (run.error, run.cause) == ("E2", "C2")
    assert failed_with(begun(selected, world, {"e": "E2", "c": 5}).run) == "States.Runtime"
    assert failed_with(begun(selected, world, {"e": "E2"}).run) == "States.Runtime"


def test_fail_can_turn_what_it_selects_into_text(world: World) -> None:
    machine = load(machine_of(Only={"Type": "Fail", "Error": "E", "CausePath": "States.JsonToString($.failure)"}))
    assert begun(machine, world, {"failure": {"Error": "States.Timeout"}}).run.cause == '{"Error":"States.Timeout"}'
    assert failed_with(begun(machine, world).run) == "States.Runtime"


def test_fail_cannot_report_a_reserved_name(world: World) -> None:
    machine = load(machine_of(Only={"Type": "Fail", "ErrorPath": "$.e"}))
    assert failed_with(begun(machine, world, {"e": "States.Timeout"}).run) == "States.Runtime"


# Rows


def test_a_run_comes_back_from_its_row_the_same(world: World) -> None:
    machine = retrying({"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"]})
    under_way = waiting(machine, world, {"ü": [1, None, 2.5]})
    backoff = fail_now(machine, under_way, "B", world)
    failed = due(CALLBACK, waiting(CALLBACK, world), world.at(10**6)).run
    for run in (begun(machine, world).run, under_way, backoff, failed):
        row = to_row(run)
        assert from_row(row) == run
        assert row[COLUMNS.index("phase")] == run.phase.value
        assert all(cell is None or type(cell) in (str, int) for cell in row)
