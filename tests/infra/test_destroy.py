"""A stage is taken down although executions wait: they are listed, confirmed and stopped first."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from mypy_boto3_stepfunctions import SFNClient

from infra.deploy.destroy import Account, destroy
from infra.deploy.runs import machine_is_being_deleted
from infra.template.names import Names
from infra.template.settings import Settings

ID = "123456789012"
ARN = f"arn:aws:states:eu-west-1:{ID}:execution:jobhook-prod-execution:"


@dataclass
class FakeAws:
    """The services that a stage is taken down with; what was asked of them is in `asked`, in order."""

    waiting: list[str] = field(default_factory=list)
    arriving: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    meta: object = field(default_factory=lambda: SimpleNamespace(region_name="eu-west-1"))

    def get_paginator(self, operation: str) -> "FakeAws":
        self._listed = operation
        return self

    def paginate(self, **request: object) -> list[dict[str, object]]:
        if self._listed == "list_rules":
            return [{"Rules": [{"Name": "jobhook-prod-rule-a"}]}]
        assert request["statusFilter"] == "RUNNING"
        return [{"executions": [{"executionArn": ARN + name} for name in self.waiting]}]

    def stop_execution(self, **request: str) -> None:
        name = request["executionArn"].removeprefix(ARN)
        self.asked.append(f"stop {name} {request['error']}")
        self.waiting.remove(name)
        self.waiting.extend(self.arriving)
        self.arriving = []

    def disable_rule(self, **_: object) -> None:
        self.asked.append("sleep")

    def enable_rule(self, **_: object) -> None:
        self.asked.append("wake")

    def describe_rule(self, **_: object) -> dict[str, str]:
        return {"State": "DISABLED"}

    def delete_stack(self, **_: object) -> None:
        assert self.waiting == [], "DeleteStateMachine would wait for these"
        self.asked.append("delete")

    def get_waiter(self, _: str) -> "FakeAws":
        return self

    def wait(self, **_: object) -> None:
        self.asked.append("gone")


def taken_down(aws: FakeAws, *, sure: bool = True) -> int:
    settings = Settings(Names("prod"), None, {}, sure, delete_tables=False)
    one: Any = aws
    return destroy(settings, Account(stacks=one, machines=one, events=one, dynamodb=one, id=ID))


def test_fifty_waiting_executions_are_listed_and_stopped_before_the_stack_goes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    aws = FakeAws([f"e{number}" for number in range(50)], arriving=["late"])
    assert taken_down(aws) == 0
    stopped = [asked for asked in aws.asked if asked.startswith("stop")]
    assert stopped == [f"stop e{number} Cancelled" for number in range(50)] + ["stop late Cancelled"]
    assert [asked for asked in aws.asked if asked not in stopped] == ["sleep", "delete", "gone", "sleep"]
    printed = capsys.readouterr().out
    assert "50 executions wait for a callback" in printed
    assert "e9\n  and 40 more" in printed
    assert "51 executions are stopped." in printed


def test_who_does_not_want_them_stopped_keeps_the_stack_with_its_rules_awake(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["y", "n"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    aws = FakeAws(["e1"])
    assert taken_down(aws, sure=False) == 1
    assert aws.asked == ["sleep", "wake"]
    assert "jobhook-prod stays. 1 rules" in capsys.readouterr().out


def test_a_stack_without_waiting_executions_goes_without_a_further_question(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["y"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    aws = FakeAws()
    assert taken_down(aws, sure=False) == 0
    assert aws.asked == ["sleep", "delete", "gone", "sleep"]


@pytest.mark.parametrize(("status", "blocks"), [("DELETING", True), ("ACTIVE", False), (None, False)])
def test_a_machine_that_is_still_being_deleted_is_found_before_a_new_stack_needs_its_name(
    status: str | None, blocks: bool
) -> None:
    session = botocore.session.get_session()
    session.set_credentials("none", "none")
    machines = cast(SFNClient, session.create_client("stepfunctions", region_name="eu-west-1"))
    with Stubber(machines) as stub:
        if status is None:
            stub.add_client_error("describe_state_machine", "StateMachineDoesNotExist")
        else:
            found = {"stateMachineArn": "a", "name": "n", "status": status, "definition": "{}", "roleArn": "r"}
            found |= {"type": "STANDARD", "creationDate": "2026-11-21T00:00:00Z"}
            stub.add_response("describe_state_machine", found)
        assert machine_is_being_deleted(machines, Names("prod"), ID) is blocks


def test_other_failures_are_not_taken_for_an_answer() -> None:
    session = botocore.session.get_session()
    session.set_credentials("none", "none")
    machines = cast(SFNClient, session.create_client("stepfunctions", region_name="eu-west-1"))
    with Stubber(machines) as stub:
        stub.add_client_error("describe_state_machine", "AccessDeniedException")
        with pytest.raises(ClientError):
            machine_is_being_deleted(machines, Names("prod"), ID)
