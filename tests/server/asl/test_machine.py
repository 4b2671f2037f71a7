"""What is loaded, and what is refused, by which name."""

import pytest

from jobhook.server.asl.errors import InvalidMachine, MachineError, UnsupportedMachine
from jobhook.server.asl.machine import load
from jobhook.server.asl.states import Retrier, Task
from jobhook.server.asl.values import JSON
from tests.server.asl.machines import callback_task, function_task, machine_of, without

FAIL: JSON = {"Type": "Fail"}
PASS: JSON = {"Type": "Pass", "End": True}


def parameters(**payload: JSON) -> JSON:
    return {"FunctionName": "send", "Payload": {"token.$": "$$.Task.Token", **payload}}


def retry(**fields: JSON) -> dict[str, JSON]:
    return callback_task(Retry=[{"ErrorEquals": ["A"], **fields}])


def refusal(definition: dict[str, JSON], kind: type[MachineError], **substitutions: str) -> MachineError:
    with pytest.raises(kind) as refused:
        load(definition, substitutions)
    return refused.value


UNSUPPORTED: list[tuple[dict[str, JSON], str]] = [
    ({"Type": "Map", "End": True}, "Type"),
    ({"Type": "Parallel", "End": True}, "Type"),
    ({"Type": "Choice", "Choices": []}, "Type"),
    ({"Type": "Wait", "Seconds": 1, "End": True}, "Type"),
    (callback_task(ResultSelector={}), "ResultSelector"),
    (callback_task(QueryLanguage="JSONata"), "QueryLanguage"),
    (callback_task(Assign={}), "Assign"),
    (callback_task(Resource="arn:aws:states:::sqs:sendMessage"), "Resource"),
    (callback_task(Resource="arn:aws:lambda:eu-west-1:123456789012:function:f"), "Resource"),
    (callback_task(Parameters=parameters(**{"id.$": "States.UUID()"})), "Parameters.Payload"),
    (callback_task(Parameters=parameters(**{"id.$": "$$.Map.Item.Index"})), "Parameters.Payload"),
    (callback_task(Parameters=parameters(**{"id.$": "$..a"})), "Parameters.Payload"),
    (callback_task(Parameters=parameters(**{"id.$": 7})), "Parameters.Payload"),
    (callback_task(Parameters=parameters(id=1, **{"id.$": "$"})), "Parameters.Payload"),
    (callback_task(Parameters=parameters(ids=[{"id.$": "$"}])), "Parameters.Payload"),
    (
        callback_task(Parameters={"FunctionName": "f", "Payload.$": "$$.Task.Token", "InvocationType": "Event"}),
        "Parameters.InvocationType",
    ),
    (callback_task(InputPath="$.a[*]"), "InputPath"),
    (callback_task(ResultPath="$.a[0]"), "ResultPath"),
    (without(callback_task(), "TimeoutSeconds") | {"TimeoutSecondsPath": "$['a']"}, "TimeoutSecondsPath"),
    (function_task(HeartbeatSeconds=5), "HeartbeatSeconds"),
    (retry(Sometimes=True), "Retry[0].Sometimes"),
    (callback_task(Retry=[{"ErrorEquals": ["States.Tmeout"]}]), "Retry[0].ErrorEquals"),
    (callback_task(Catch=[{"ErrorEquals": ["A"], "Next": "Only", "Output": 1}]), "Catch[0].Output"),
    ({"Type": "Pass", "End": True, "Parameters": {}}, "Parameters"),
    ({"Type": "Succeed", "ResultPath": "$"}, "ResultPath"),
    ({"Type": "Fail", "CausePath": "States.UUID()"}, "CausePath"),
    ({"Type": "Fail", "CausePath": "States.JsonToString($, $)"}, "CausePath"),
]


@pytest.mark.parametrize(("state", "field"), UNSUPPORTED)
def test_what_the_engine_does_not_have_is_refused_by_state_and_field(state: dict[str, JSON], field: str) -> None:
    error = refusal(machine_of(Only=state), UnsupportedMachine)
    assert (error.state, error.field) == ("Only", field)
    assert "Only" in str(error)
    assert field in str(error)


INVALID: list[tuple[dict[str, JSON], str]] = [
    ({}, "Type"),
    (callback_task(Type=3), "Type"),
    (without(callback_task(), "Resource"), "Resource"),
    (without(callback_task(), "Parameters"), "Parameters"),
    (callback_task(Parameters="f"), "Parameters"),
    (callback_task(Parameters={"FunctionName.$": "$.f", "Payload.$": "$"}), "Parameters.FunctionName"),
    (callback_task(Parameters={"FunctionName": "f", "Payload.$": "$"}), "Parameters.Payload"),
    (callback_task(Parameters={"FunctionName": "f"}), "Parameters.Payload"),
    (function_task(Parameters=parameters()), "Parameters.Payload"),
    (without(callback_task(), "End"), "Next"),
    (callback_task(Next="Only"), "Next"),
    (callback_task(End=False), "End"),
    (without(callback_task(), "TimeoutSeconds"), "TimeoutSeconds"),
    (callback_task(TimeoutSeconds=0), "TimeoutSeconds"),
    (callback_task(TimeoutSeconds=True), "TimeoutSeconds"),
    (callback_task(TimeoutSeconds="5"), "TimeoutSeconds"),
    (callback_task(TimeoutSecondsPath="$.t"), "TimeoutSecondsPath"),
    (callback_task(TimeoutSeconds=10), "HeartbeatSeconds"),
    (callback_task(Retry={}), "Retry"),
    (callback_task(Retry=["A"]), "Retry[0]"),
    (callback_task(Retry=[{}]), "Retry[0].ErrorEquals"),
    (callback_task(Retry=[{"ErrorEquals": []}]), "Retry[0].ErrorEquals"),
    (callback_task(Retry=[{"ErrorEquals": [1]}]), "Retry[0].ErrorEquals"),
    (callback_task(Retry=[{"ErrorEquals": ["States.ALL", "A"]}]), "Retry[0].ErrorEquals"),
    (callback_task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["A"]}]), "Retry[0].ErrorEquals"),
    (retry(IntervalSeconds=0), "Retry[0].IntervalSeconds"),
    (retry(MaxAttempts=-1), "Retry[0].MaxAttempts"),
    (retry(MaxAttempts=1.5), "Retry[0].MaxAttempts"),
    (retry(BackoffRate=0.5), "Retry[0].BackoffRate"),
    (retry(BackoffRate=True), "Retry[0].BackoffRate"),
    (retry(MaxDelaySeconds=31_622_400), "Retry[0].MaxDelaySeconds"),
    (retry(JitterStrategy="HALF"), "Retry[0].JitterStrategy"),
    (callback_task(Catch=[{"ErrorEquals": ["A"]}]), "Catch[0].Next"),
    (callback_task(Catch=[{"ErrorEquals": ["A"], "Next": "Nowhere"}]), "Catch[0].Next"),
    (
        callback_task(Catch=[{"ErrorEquals": ["States.ALL", "A"], "Next": "Only"}]),
        "Catch[0].ErrorEquals",
    ),
    ({"Type": "Pass", "Next": "Nowhere"}, "Next"),
    ({"Type": "Pass", "Next": "Only"}, "Next"),
    ({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}, "ErrorPath"),
    ({"Type": "Fail", "Error": 5}, "Error"),
    ({"Type": "Fail", "Error": "States.Timeout"}, "Error"),
]


@pytest.mark.parametrize(("state", "field"), INVALID)
def test_what_breaks_a_rule_of_the_language_is_refused_by_state_and_field(state: dict[str, JSON], field: str) -> None:
    error = refusal(machine_of(Only=state), InvalidMachine)
    assert (error.state, error.field) == ("Only", field)


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"QueryLanguage": "JSONata"}, UnsupportedMachine, "QueryLanguage"),
        ({"TimeoutSeconds": 5}, UnsupportedMachine, "TimeoutSeconds"),
        ({"Version": "2.0"}, InvalidMachine, "Version"),
        ({"StartAt": "Nowhere"}, InvalidMachine, "StartAt"),
        ({"States": []}, InvalidMachine, "States"),
    ],
)
def test_the_top_of_a_definition_is_checked(change: dict[str, JSON], kind: type[MachineError], field: str) -> None:
    error = refusal(machine_of(Only=PASS) | change, kind)
    assert (error.state, error.field) == (None, field)


def test_a_state_that_nothing_leads_to_is_refused() -> None:
    error = refusal(machine_of(First=PASS, Island=FAIL), InvalidMachine)
    assert error.state == "Island"


def test_a_loop_of_passes_behind_a_task_is_refused() -> None:
    loop: dict[str, JSON] = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    task = without(function_task(Next="A"), "End")
    assert refusal(machine_of(Task=task, **loop), InvalidMachine).field == "Next"


def test_a_state_must_be_an_object_with_a_short_name() -> None:
    assert refusal(machine_of(Only="Pass"), InvalidMachine).state == "Only"
    assert refusal(machine_of(**{"x" * 81: PASS}), InvalidMachine).field == "States"


def test_placeholders_are_replaced_wherever_they_stand() -> None:
    task = callback_task(Parameters={"FunctionName": "arn:${Name}:1", "Payload.$": "$$.Task.Token"})
    state = load(machine_of(Only=task), {"Name": "send", "Unused": "x"}).states["Only"]
    assert isinstance(state, Task)
    assert state.function == "arn:send:1"


def test_a_placeholder_that_nothing_is_given_for_is_refused_by_name() -> None:
    task = callback_task(Parameters={"FunctionName": "${Name}", "Payload.$": "$$.Task.Token"})
    assert "${Name}" in str(refusal(machine_of(Only=task), InvalidMachine, Other="x"))


def test_retriers_have_the_defaults_of_the_language() -> None:
    state = load(machine_of(Only=retry())).states["Only"]
    assert isinstance(state, Task)
    assert state.retriers == (Retrier(("A",), 1, 3, 2.0, 31_622_400, full_jitter=False),)


def test_a_task_may_be_without_any_timeout() -> None:
    state = load(machine_of(Only=without(function_task(), "TimeoutSeconds"))).states["Only"]
    assert isinstance(state, Task)
    assert state.timeout.of({}) == 99_999_999
