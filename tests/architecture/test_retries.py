"""What the state machine and the rules must agree on."""

import json
from dataclasses import fields

from jobhook.core import errors
from jobhook.core.executions import outcomes
from jobhook.core.executions.execution import MAX_ATTEMPTS, ExecutionInput
from tests.architecture.modules import ROOT

MACHINE = json.loads((ROOT / "statemachines" / "execution.asl.json").read_text())
INVOKE = MACHINE["States"]["Invoke"]


def test_the_machine_makes_as_many_attempts_as_the_rules_count_with() -> None:
    (retry,) = [retry for retry in INVOKE["Retry"] if "WebhookUnavailable" in retry["ErrorEquals"]]
    assert retry["MaxAttempts"] + 1 == MAX_ATTEMPTS


def test_the_machine_catches_every_error_of_a_task_by_its_class_name() -> None:
    caught = {name for catch in INVOKE["Catch"] for name in catch["ErrorEquals"]}
    assert {kind.__name__ for kind in errors.TaskError.__subclasses__()} <= caught
    assert outcomes.JOB_FAILED in caught


def test_the_heartbeat_is_caught_before_the_timeout_and_all_else_last() -> None:
    names = [name for catch in INVOKE["Catch"] for name in catch["ErrorEquals"]]
    assert names.index("States.HeartbeatTimeout") < names.index("States.Timeout") < names.index("States.ALL")
    assert names[-1] == "States.ALL"


def test_every_path_that_the_machine_reads_is_in_its_input() -> None:
    read = {INVOKE["HeartbeatSecondsPath"], INVOKE["TimeoutSecondsPath"]}
    assert read == {"$.heartbeat_seconds", "$.timeout_seconds"}
    assert {path.removeprefix("$.") for path in read} <= {field.name for field in fields(ExecutionInput)}


def rule_for(error: str) -> dict[str, object]:
    """The rule of the Retry that takes in an error: the first that names it, or the last."""
    found: dict[str, object] = next(
        rule for rule in INVOKE["Retry"] if error in rule["ErrorEquals"] or "States.ALL" in rule["ErrorEquals"]
    )
    return found


def test_what_is_decided_is_not_retried_and_all_else_is() -> None:
    decided = {kind.__name__ for kind in errors.TaskError.__subclasses__()} - {errors.WebhookUnavailable.__name__}
    decided |= {outcomes.JOB_FAILED, outcomes.CANCELLED, "States.Timeout", "States.HeartbeatTimeout"}
    never = [set(rule["ErrorEquals"]) for rule in INVOKE["Retry"] if rule.get("MaxAttempts") == 0]
    assert never == [decided]
    may_pass = (errors.Unavailable.__name__, errors.Conflict.__name__, "Runtime.ExitError", "KeyError")
    assert all(rule_for(error) is INVOKE["Retry"][-1] for error in may_pass)
    assert INVOKE["Retry"][-1]["ErrorEquals"] == ["States.ALL"]


def test_a_throttled_function_has_a_rule_of_its_own_with_more_attempts() -> None:
    assert rule_for("Lambda.TooManyRequestsException")["MaxAttempts"] >= 100  # type: ignore[operator]  # a document
    assert "States.ALL" not in rule_for("Lambda.TooManyRequestsException")["ErrorEquals"]  # type: ignore[operator]
