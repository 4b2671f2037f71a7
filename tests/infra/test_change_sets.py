"""A deployment's ways to end, against what CloudFormation answers: each says what happened and what to do next."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import botocore.session
import pytest
from botocore.stub import ANY, Stubber
from mypy_boto3_cloudformation import CloudFormationClient

from infra.deploy.change_sets import Package
from infra.deploy.deploy import INTERRUPTED, change_stack
from infra.template.names import Names
from infra.template.settings import Settings

STACK = "jobhook-prod"
CHANGE_SET = "jobhook-prod-1"
URL = "https://bucket.s3.amazonaws.com/template.json"
PACKAGE = Package(URL, frozenset({"ApiRate", "ApiBurst"}))
AT = datetime(2026, 11, 21, tzinfo=UTC)
ONE = {"StackName": STACK, "ChangeSetName": CHANGE_SET}
CREATED = {
    "Status": "CREATE_COMPLETE",
    "Changes": [{"ResourceChange": {"Action": "Modify", "LogicalResourceId": "Api"}}],
}


class Answers:
    """What CloudFormation is going to be asked, in order, and what it answers."""

    def __init__(self, stub: Stubber) -> None:
        self._stub = stub

    def stack(self, status: str | None, **more: object) -> None:
        if status is None:
            self._stub.add_client_error("describe_stacks", "ValidationError", f"Stack {STACK} does not exist", 400)
            return
        found = {"StackName": STACK, "CreationTime": AT, "StackStatus": status, **more}
        self._stub.add_response("describe_stacks", {"Stacks": [found]}, {"StackName": STACK})

    def proposed(self, kind: str, parameters: object = ANY) -> None:
        asked = {**ONE, "ChangeSetType": kind, "TemplateURL": URL, "Parameters": parameters}
        asked |= {"Capabilities": ANY, "ImportExistingResources": True}
        self._stub.add_response("create_change_set", {}, asked)

    def made(self) -> None:
        for _ in range(2):  # the waiter asks, and so does who shows it
            self._stub.add_response("describe_change_set", CREATED, ONE)

    def refused(self, reason: str) -> None:
        for _ in range(2):
            self._stub.add_response("describe_change_set", {"Status": "FAILED", "StatusReason": reason}, ONE)
        self.dropped()

    def dropped(self) -> None:
        self._stub.add_response("delete_change_set", {}, ONE)

    def carried_out(self) -> None:
        self._stub.add_response("execute_change_set", {}, {**ONE, "ClientRequestToken": CHANGE_SET})

    def events(self, *events: tuple[str, str, str], token: str = CHANGE_SET) -> None:
        """Newest first: name, status, reason; then one of an operation before."""
        listed = [(*event, token) for event in events] + [("Old", "UPDATE_FAILED", "an old failure", "before")]
        answer = [
            {"StackId": STACK, "EventId": "e", "StackName": STACK, "Timestamp": AT, "LogicalResourceId": name}
            | {"ResourceStatus": status, "ResourceStatusReason": reason, "ClientRequestToken": by, "ResourceType": "T"}
            for name, status, reason, by in listed
        ]
        self._stub.add_response("describe_stack_events", {"StackEvents": answer}, {"StackName": STACK})


@pytest.fixture
def client() -> CloudFormationClient:
    session = botocore.session.get_session()
    session.set_credentials("none", "none")
    return cast(CloudFormationClient, session.create_client("cloudformation", region_name="eu-west-1"))


@pytest.fixture
def aws(client: CloudFormationClient) -> Iterator[Answers]:
    with Stubber(client) as stub:
        yield Answers(stub)
        stub.assert_no_pending_responses()


def settings(*, sure: bool = True, **parameters: str) -> Settings:
    return Settings(Names("prod"), None, parameters, sure, delete_tables=False)


def test_a_new_stack_is_created_and_its_outputs_are_printed(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.stack(None)
    aws.proposed("CREATE", [{"ParameterKey": "ApiRate", "ParameterValue": "5"}])
    aws.made()
    aws.carried_out()
    aws.stack("CREATE_COMPLETE")
    aws.stack("CREATE_COMPLETE", Outputs=[{"OutputKey": "ApiAddress", "OutputValue": "https://api"}])
    assert change_stack(client, settings(ApiRate="5"), PACKAGE, 1) == 0
    printed = capsys.readouterr().out
    assert "Modify  Api" in printed
    assert "ApiAddress            https://api" in printed


def test_an_update_keeps_the_parameters_that_are_not_given_and_without_changes_does_nothing(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [{"ParameterKey": name, "ParameterValue": "1"} for name in ("ApiRate", "ApiBurst")]
    aws.stack("UPDATE_COMPLETE", Parameters=kept)
    given = {"ParameterKey": "ApiRate", "ParameterValue": "5"}
    aws.proposed("UPDATE", [given, {"ParameterKey": "ApiBurst", "UsePreviousValue": True}])
    aws.refused("The submitted information didn't contain changes.")
    assert change_stack(client, settings(ApiRate="5"), PACKAGE, 1) == 0
    assert capsys.readouterr().out == "Nothing has changed.\n"


def test_a_parameter_that_the_template_does_not_have_keeps_no_value_and_is_named(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudFormation refuses a previous value for it, and an earlier version could not be deployed again."""
    kept = [{"ParameterKey": name, "ParameterValue": "1"} for name in ("ApiRate", "OfANewerVersion")]
    aws.stack("UPDATE_COMPLETE", Parameters=kept)
    aws.proposed("UPDATE", [{"ParameterKey": "ApiRate", "UsePreviousValue": True}])
    aws.refused("The submitted information didn't contain changes.")
    assert change_stack(client, settings(), PACKAGE, 1) == 0
    assert "whose values go: OfANewerVersion." in capsys.readouterr().out


def test_a_template_that_is_refused_leaves_no_change_set_and_says_why(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.stack("REVIEW_IN_PROGRESS")
    aws.proposed("CREATE")
    aws.refused("Parameter 'ApiRate' must be a number not greater than 10000")
    assert change_stack(client, settings(), PACKAGE, 1) == 1
    assert "nothing was changed: Parameter 'ApiRate' must be" in capsys.readouterr().out


def test_an_update_that_is_rolled_back_says_what_failed_of_its_own_accord(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.stack("UPDATE_COMPLETE")
    aws.proposed("UPDATE")
    aws.made()
    aws.carried_out()
    aws.stack("UPDATE_ROLLBACK_COMPLETE")
    aws.stack("UPDATE_ROLLBACK_COMPLETE")
    aws.events(
        (STACK, "UPDATE_ROLLBACK_COMPLETE", ""),
        ("Dispatch", "UPDATE_FAILED", "Resource update cancelled"),
        ("Invoke", "UPDATE_FAILED", "MemorySize must be at most 3008"),
    )
    assert change_stack(client, settings(), PACKAGE, 1) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "The deployment of jobhook-prod failed; the stack is in state UPDATE_ROLLBACK_COMPLETE.",
        "  Invoke (T): MemorySize must be at most 3008",
        "It runs as it did before. Mend what the lines above name, and deploy again.",
    ]


def test_a_creation_that_is_rolled_back_says_what_failed_and_how_to_begin_anew(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.stack(None)
    aws.proposed("CREATE")
    aws.made()
    aws.carried_out()
    aws.stack("ROLLBACK_COMPLETE")
    aws.stack("ROLLBACK_COMPLETE")
    aws.events(("RestAPI", "CREATE_FAILED", "CloudWatch Logs role ARN must be set in account settings"))
    assert change_stack(client, settings(), PACKAGE, 1) == 1
    printed = capsys.readouterr().out
    assert "RestAPI (T): CloudWatch Logs role ARN" in printed
    assert "make destroy STAGE=prod" in printed


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("ROLLBACK_COMPLETE", "make destroy STAGE=prod"),
        ("DELETE_FAILED", "make destroy STAGE=prod"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name jobhook-prod"),
        ("UPDATE_IN_PROGRESS", "being changed by somebody else"),
    ],
)
def test_a_stack_that_cannot_be_deployed_to_is_left_alone_with_a_word_on_what_to_do(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str], status: str, words: str
) -> None:
    aws.stack(status)
    assert change_stack(client, settings(), PACKAGE, 1) == 1
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["n", KeyboardInterrupt, EOFError])
def test_who_does_not_agree_changes_nothing(
    client: CloudFormationClient, aws: Answers, monkeypatch: pytest.MonkeyPatch, answer: str | type[BaseException]
) -> None:
    def said(_: str) -> str:
        if isinstance(answer, str):
            return answer
        raise answer

    monkeypatch.setattr("builtins.input", said)
    aws.stack("CREATE_COMPLETE")
    aws.proposed("UPDATE")
    aws.made()
    aws.dropped()
    assert change_stack(client, settings(sure=False), PACKAGE, 1) == 1


def test_who_stops_waiting_is_told_that_the_deployment_goes_on(
    client: CloudFormationClient, aws: Answers, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.stack("CREATE_COMPLETE")
    aws.proposed("UPDATE")
    aws.made()
    aws.carried_out()
    monkeypatch.setattr("infra.deploy.deploy._wait", interrupted)
    assert change_stack(client, settings(), PACKAGE, 1) == INTERRUPTED
    assert "cancel-update-stack --stack-name jobhook-prod" in capsys.readouterr().out


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
