"""The state of a stack: what stands in the way of a deployment, and why one failed; each with what to do next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra.template.names import Names

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_NEVER_STOOD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
_MOST_REASONS = 5
_CONSEQUENCE = "cancelled"
"""AWS's word for what failed only because something else had."""


def found_stack(stacks: "CloudFormationClient", stack: str) -> "StackTypeDef | None":
    """The stack; one whose first change set was never carried out is none yet."""
    try:
        (found,) = stacks.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if found["StackStatus"] == "REVIEW_IN_PROGRESS" else found


def obstacle(status: str, names: Names) -> str | None:
    """Why a stack in that state cannot be deployed to, and what to do; None where it can."""
    if status in _NEVER_STOOD:
        return (
            f"{names.stack} is in state {status}, from which CloudFormation updates nothing. "
            f"Take it down (make destroy STAGE={names.stage}) and deploy again: its tables stay and are taken over."
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        return (
            f"{names.stack} could not be rolled back. Mend what its events name, then give "
            f"'aws cloudformation continue-update-rollback --stack-name {names.stack}', and deploy again."
        )
    if status.endswith("_IN_PROGRESS"):
        return f"{names.stack} is being changed by somebody else ({status}). Deploy again when that is done."
    return None


def reasons(stacks: "CloudFormationClient", stack: str, token: str) -> list[str]:
    """What failed of its own accord in the operation of that token, the first failure first."""
    found = list(_failures(stacks, stack, token))
    return found[::-1][:_MOST_REASONS]


def _failures(stacks: "CloudFormationClient", stack: str, token: str) -> Iterator[str]:
    """Newest first, as events are listed."""
    pages = stacks.get_paginator("describe_stack_events").paginate(StackName=stack)
    for event in (event for page in pages for event in page["StackEvents"]):
        if event.get("ClientRequestToken") != token:
            return
        reason = event.get("ResourceStatusReason", "")
        if event.get("ResourceStatus", "").endswith("_FAILED") and _CONSEQUENCE not in reason.lower():
            yield f"{event.get('LogicalResourceId', '')} ({event.get('ResourceType', '')}): {reason}"
