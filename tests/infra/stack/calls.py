"""Every call of AWS that a function makes: as the IAM actions that it needs, on ARNs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from infra.template.intrinsics import Json

REGION = "eu-west-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """An IAM action on a resource."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


_SQS = {"SendMessageBatch": "SendMessage", "ChangeMessageVisibilityBatch": "ChangeMessageVisibility"}
"""The actions that permit SQS's operations on batches."""


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def needs(service: str, operation: str, request: Mapping[str, object], machine_arn: str) -> list[Need]:
    """What a request needs; `machine_arn` is the machine whose tasks are told of."""
    if service == "dynamodb":
        return _of_dynamodb(operation, request)
    if service == "stepfunctions":
        named = request.get("executionArn") or request.get("stateMachineArn") or machine_arn
        return [Need(f"states:{operation}", str(named))]
    if service == "events":
        rule = request.get("Rule") or request.get("Name")
        return [Need(f"events:{operation}", arn("events", f"rule/{rule}") if rule else "*")]
    assert service == "sqs", f"{service}:{operation} is not known here"
    return [Need(f"sqs:{_SQS[operation]}", arn("sqs", str(request["QueueUrl"]).rpartition("/")[2]))]


def _of_dynamodb(operation: str, request: Mapping[str, object]) -> list[Need]:
    if operation != "TransactWriteItems":
        return [_on_table(operation, request)]
    items = cast("Sequence[Mapping[str, Json]]", request["TransactItems"])
    return [_on_table(f"{kind}Item", part) for item in items for kind, part in item.items()]


def _on_table(operation: str, request: Mapping[str, object]) -> Need:
    index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
    return Need(f"dynamodb:{operation}", arn("dynamodb", f"table/{request['TableName']}{index}"))
