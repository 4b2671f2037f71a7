"""Runs on Step Functions: what counts as started, as gone and as ended; and no task token in any text."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from mypy_boto3_stepfunctions import SFNClient

from chalicelib.clients import CONFIG
from chalicelib.stepfunctions import StepFunctions
from chalicelib.sync_runner import run_to_end
from jobhook.core.errors import Unavailable
from jobhook.core.executions.decisions import CompleteTask
from jobhook.core.executions.execution import ExecutionInput
from jobhook.ports import TaskGone, WorkflowEnd
from tests.chalicelib.moto_tables import REGION
from tests.contract.values import NIGHTLY, T0, a_key

MACHINE = f"arn:aws:states:{REGION}:123456789012:stateMachine:execution"
RUN = f"arn:aws:states:{REGION}:123456789012:execution:execution:{a_key().id}"
TOKEN = "canary-token-that-nobody-may-see"
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def a_run(minute: int = 0) -> ExecutionInput:
    return ExecutionInput(a_key(minute=minute).id, "reports", "nightly", NIGHTLY, T0 + minute * 60_000, 60, 75, 315)


@pytest.fixture
def client() -> SFNClient:
    made = botocore.session.get_session().create_client(
        "stepfunctions",
        region_name=REGION,
        config=CONFIG,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    return cast(SFNClient, made)


@pytest.fixture
def aws(client: SFNClient) -> Iterator[Stubber]:
    """Answers in the order given, and insists that each is asked for with the parameters given."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def workflows(client: SFNClient) -> StepFunctions:
    return StepFunctions(client, MACHINE, at_once=1)


def test_a_run_is_named_by_its_execution_and_given_its_input(aws: Stubber, workflows: StepFunctions) -> None:
    run = a_run()
    asked = {"stateMachineArn": MACHINE, "name": run.execution_id, "input": json.dumps(run.to_json())}
    aws.add_response("start_execution", {"executionArn": RUN, "startDate": NOW}, asked)
    assert run_to_end(workflows.start([run])) == []


def test_what_was_started_before_is_started_and_what_was_not_is_given_back(
    aws: Stubber, workflows: StepFunctions, caplog: pytest.LogCaptureFixture
) -> None:
    runs = [a_run(minute) for minute in range(4)]
    aws.add_client_error("start_execution", "ExecutionAlreadyExists")
    aws.add_client_error("start_execution", "ThrottlingException")
    aws.add_response("start_execution", {"executionArn": RUN, "startDate": NOW})
    aws.add_client_error("start_execution", "AccessDeniedException")
    with caplog.at_level(logging.WARNING):
        assert run_to_end(workflows.start(runs)) == [runs[1], runs[3]]
    assert runs[1].execution_id in caplog.text
    assert "ThrottlingException" in caplog.text


def test_runs_that_start_at_once_are_given_back_in_order(client: SFNClient) -> None:
    runs = [a_run(minute) for minute in range(20)]
    refused = {run.execution_id for run in runs[::3]}

    def answer(params: dict[str, bytes], **_: object) -> None:
        if json.loads(params["body"])["name"] in refused:
            raise ClientError({"Error": {"Code": "ExecutionLimitExceeded"}}, "StartExecution")
        raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")

    client.meta.events.register("before-call.sfn.StartExecution", answer)
    assert run_to_end(StepFunctions(client, MACHINE, at_once=4).start(runs)) == runs[::3]


def test_success_and_failure_end_the_task(aws: Stubber, workflows: StepFunctions) -> None:
    aws.add_response("send_task_success", {}, {"taskToken": TOKEN, "output": "{}"})
    aws.add_response("send_task_failure", {}, {"taskToken": TOKEN, "error": "JobFailed", "cause": "job_failed"})
    aws.add_response("send_task_heartbeat", {}, {"taskToken": TOKEN})
    run_to_end(workflows.complete_task(CompleteTask(a_key(), TOKEN)))
    run_to_end(workflows.complete_task(CompleteTask(a_key(), TOKEN, "JobFailed", "job_failed")))
    run_to_end(workflows.heartbeat(TOKEN))


Use = Callable[[StepFunctions], None]
USES: dict[str, Use] = {
    "send_task_heartbeat": lambda workflows: run_to_end(workflows.heartbeat(TOKEN)),
    "send_task_success": lambda workflows: run_to_end(workflows.complete_task(CompleteTask(a_key(), TOKEN))),
    "send_task_failure": lambda workflows: run_to_end(
        workflows.complete_task(CompleteTask(a_key(), TOKEN, "JobFailed"))
    ),
}


@pytest.mark.parametrize("operation", USES)
@pytest.mark.parametrize("code", ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"])
def test_a_task_that_waits_no_more_is_gone(aws: Stubber, workflows: StepFunctions, operation: str, code: str) -> None:
    aws.add_client_error(operation, code, f"Invalid token {TOKEN}")
    with pytest.raises(TaskGone) as gone:
        USES[operation](workflows)
    assert TOKEN not in repr(gone.value)
    assert gone.value.__suppress_context__


@pytest.mark.parametrize("operation", USES)
def test_no_failure_shows_the_token(aws: Stubber, workflows: StepFunctions, operation: str) -> None:
    aws.add_client_error(operation, "AccessDeniedException", f"no, not with {TOKEN}")
    with pytest.raises(Unavailable) as failure:
        USES[operation](workflows)
    assert TOKEN not in failure.value.message
    assert failure.value.__suppress_context__


def described(**fields: object) -> dict[str, object]:
    return {"executionArn": RUN, "stateMachineArn": MACHINE, "startDate": NOW, **fields}


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"status": "RUNNING"}, None),
        ({"status": "PENDING_REDRIVE"}, None),
        ({"status": "SUCCEEDED"}, WorkflowEnd(None)),
        ({"status": "SUCCEEDED", "input": json.dumps(a_run().to_json())}, WorkflowEnd(None, None, a_run())),
        ({"status": "FAILED", "error": "E", "cause": "C", "input": "by hand"}, WorkflowEnd("E", "C")),
        ({"status": "FAILED"}, WorkflowEnd("Unknown")),
        ({"status": "TIMED_OUT"}, WorkflowEnd("States.Timeout")),
        ({"status": "ABORTED", "error": "E", "input": "{}"}, WorkflowEnd("Cancelled")),
    ],
)
def test_how_a_run_ended(
    aws: Stubber, workflows: StepFunctions, fields: dict[str, object], end: WorkflowEnd | None
) -> None:
    aws.add_response("describe_execution", described(**fields), {"executionArn": RUN})
    assert run_to_end(workflows.describe_end(a_key().id)) == end


def test_a_run_that_is_not_known_ended_unknown(aws: Stubber, workflows: StepFunctions) -> None:
    aws.add_client_error("describe_execution", "ExecutionDoesNotExist")
    assert run_to_end(workflows.describe_end(a_key().id)) == WorkflowEnd("Unknown")
    aws.add_client_error("describe_execution", "AccessDeniedException")
    with pytest.raises(Unavailable):
        run_to_end(workflows.describe_end(a_key().id))


def page(status: str, *names: tuple[str, int], more: str | None = None) -> dict[str, object]:
    runs = [
        {
            "executionArn": RUN,
            "stateMachineArn": MACHINE,
            "name": name,
            "status": status,
            "startDate": NOW - timedelta(minutes=minutes),
        }
        for name, minutes in names
    ]
    return {"executions": runs, **({"nextToken": more} if more else {})}


def test_failed_runs_are_read_newest_first_until_they_are_too_old(aws: Stubber, workflows: StepFunctions) -> None:
    def asked(status: str, **more: str) -> dict[str, object]:
        return {"stateMachineArn": MACHINE, "statusFilter": status, "maxResults": 1000, **more}

    aws.add_response("list_executions", page("FAILED", ("a", 1), ("b", 5), more="2"), asked("FAILED"))
    aws.add_response("list_executions", page("FAILED", ("c", 9), ("old", 11), more="3"), asked("FAILED", nextToken="2"))
    aws.add_response("list_executions", page("TIMED_OUT"), asked("TIMED_OUT"))
    aws.add_response("list_executions", page("ABORTED", ("d", 2)), asked("ABORTED"))
    assert run_to_end(workflows.list_failed(NOW_MS - 10 * 60_000)) == ["a", "b", "c", "d"]
