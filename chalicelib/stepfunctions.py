"""The `Workflows` port on Step Functions. Task tokens are secrets: they reach no log and no error's text."""

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.clients import error_code, unavailable_where_it_fails
from jobhook.core.executions.decisions import CompleteTask
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.times import SECOND_MS
from jobhook.ports import TaskGone, WorkflowEnd

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef, ListExecutionsInputTypeDef

_log = logging.getLogger(__name__)

_GONE = frozenset({"TaskDoesNotExist", "TaskTimedOut", "InvalidToken"})
_RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})
_ERRORS = {"TIMED_OUT": "States.Timeout", "ABORTED": "Cancelled"}
_FAILED: "tuple[ExecutionStatusType, ...]" = ("FAILED", "TIMED_OUT", "ABORTED")
_MOST_PAGES = 5  # of up to 1,000 runs each and status
_MAX_ERROR_LENGTH, _MAX_CAUSE_LENGTH = 256, 32_768
_UNKNOWN = "Unknown"


class StepFunctions:
    """Runs of one state machine. `at_once` requests are under way together: a page of 100 starts within a second."""

    def __init__(self, client: "SFNClient", state_machine_arn: str, at_once: int = 8) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn
        self._at_once = at_once

    async def start(self, runs: Sequence[ExecutionInput]) -> Sequence[ExecutionInput]:
        """The failure of one run does not touch another."""
        if len(runs) <= 1 or self._at_once <= 1:
            return [run for run in runs if not self._started(run)]
        with ThreadPoolExecutor(self._at_once) as pool:
            return [run for run, started in zip(runs, pool.map(self._started, runs), strict=True) if not started]

    async def heartbeat(self, task_token: str) -> None:
        with _gone_or_unavailable():
            self._client.send_task_heartbeat(taskToken=task_token)

    async def complete_task(self, end: CompleteTask) -> None:
        with _gone_or_unavailable():
            if end.error is None:
                self._client.send_task_success(taskToken=end.task_token, output="{}")
            else:
                self._client.send_task_failure(
                    taskToken=end.task_token,
                    error=end.error[:_MAX_ERROR_LENGTH],
                    cause=(end.cause or "")[:_MAX_CAUSE_LENGTH],
                )

    async def describe_end(self, execution_id: str) -> WorkflowEnd | None:
        arn = f"{self._state_machine_arn.replace(':stateMachine:', ':execution:')}:{execution_id}"
        with unavailable_where_it_fails():
            try:
                answer = self._client.describe_execution(executionArn=arn)
            except ClientError as error:
                if error_code(error) != "ExecutionDoesNotExist":
                    raise
                return WorkflowEnd(_UNKNOWN)
        return None if answer["status"] in _RUNNING else _end(answer)

    async def list_failed(self, since_ms: int) -> Sequence[str]:
        """Lists only runs that also started since then.

        They are listed by their start. One that ran for longer is found by its record, which is overdue by then.
        """
        return [name for status in _FAILED for name in self._ended_as(status, since_ms)]

    def _started(self, run: ExecutionInput) -> bool:
        """Whether the run has been started, now or before."""
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn, name=run.execution_id, input=json.dumps(run.to_json())
            )
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                _log.warning("execution %s was not started (%s)", run.execution_id, error_code(error))
                return False
        except BotoCoreError as error:
            _log.warning("execution %s was not started (%s)", run.execution_id, type(error).__name__)
            return False
        return True

    def _ended_as(self, status: "ExecutionStatusType", since_ms: int) -> list[str]:
        since = datetime.fromtimestamp(since_ms / SECOND_MS, UTC)
        names: list[str] = []
        request: ListExecutionsInputTypeDef = {
            "stateMachineArn": self._state_machine_arn,
            "statusFilter": status,
            "maxResults": 1_000,
        }
        for _ in range(_MOST_PAGES):
            with unavailable_where_it_fails():
                answer = self._client.list_executions(**request)
            recent = [run["name"] for run in answer["executions"] if run["startDate"] >= since]
            names.extend(recent)
            if "nextToken" not in answer or len(recent) < len(answer["executions"]):
                break
            request["nextToken"] = answer["nextToken"]
        return names


@contextmanager
def _gone_or_unavailable() -> Iterator[None]:
    with unavailable_where_it_fails():
        try:
            yield
        except ClientError as error:
            if error_code(error) in _GONE:
                raise TaskGone from None
            raise


def _end(answer: "DescribeExecutionOutputTypeDef") -> WorkflowEnd:
    status = answer["status"]
    run = _run_of(answer.get("input"))
    if status == "SUCCEEDED":
        return WorkflowEnd(None, run=run)
    error = _ERRORS.get(status) if status == "ABORTED" else answer.get("error") or _ERRORS.get(status)
    return WorkflowEnd(error or _UNKNOWN, answer.get("cause"), run)


def _run_of(text: str | None) -> ExecutionInput | None:
    try:
        return ExecutionInput.from_json(json.loads(text or "{}"))
    except (ValueError, KeyError, TypeError):
        return None  # somebody started it by hand
