"""The runs of the state machine that a stack would wait for when it is deleted.

DeleteStateMachine lets every run end first, and a run may wait for its callback for days.
"""

from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from infra.template.names import Names

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

STOPPED = "Cancelled"
"""The error of a stopped run; the reconciler takes a run that ended so for a cancelled one."""
CAUSE = "the stack was taken down"
STILL_BEING_DELETED = (
    "The state machine {machine} of a stack that was taken down is still being deleted, as its runs have not ended. "
    "'make destroy STAGE={stage}' stops them; deploy again a minute later."
)


def machine_arn(names: Names, region: str, account: str) -> str:
    """The state machine of a stage."""
    return f"arn:{_partition(region)}:states:{region}:{account}:stateMachine:{names.state_machine}"


def machine_is_being_deleted(machines: "SFNClient", names: Names, account: str) -> bool:
    """Whether the machine of an earlier stack is not gone yet: no stack can make one of the same name until then."""
    arn = machine_arn(names, machines.meta.region_name, account)
    try:
        return machines.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "StateMachineDoesNotExist":
            return False
        raise


def running(machines: "SFNClient", arn: str) -> list[str]:
    """The ARNs of all runs that have not ended; none where there is no such machine."""
    pages = machines.get_paginator("list_executions").paginate(stateMachineArn=arn, statusFilter="RUNNING")
    try:
        return [run["executionArn"] for page in pages for run in page["executions"]]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "StateMachineDoesNotExist":
            return []
        raise


def stop_all(machines: "SFNClient", arn: str) -> int:
    """Stop the runs, those too that begin meanwhile; their number."""
    stopped: set[str] = set()
    while left := [run for run in running(machines, arn) if run not in stopped]:
        for run in left:
            _stop(machines, run)
        stopped.update(left)
    return len(stopped)


def _stop(machines: "SFNClient", run: str) -> None:
    try:
        machines.stop_execution(executionArn=run, error=STOPPED, cause=CAUSE)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ExecutionDoesNotExist":
            raise


def _partition(region: str) -> str:
    return boto3.session.Session().get_partition_for_region(region)
