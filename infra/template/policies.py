"""What each function may do: exactly the operations that it uses, on exactly the resources.

`CALLS` is what Jobhook's own code asks of AWS: `make verify-aws` records every call of the whole flow and compares it
with these, both ways. `_serving` is what Lambda itself does in a function's name, and `VPC_ACCESS` what it does there
where the function is in a VPC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.template.functions import (
    API,
    DISPATCH,
    IN_VPC,
    INVOKE,
    RECONCILE,
    RECORD_FAILURE,
    START_PAGE,
    Function,
    log_group,
)
from infra.template.intrinsics import NO_VALUE, Json, arn, sub, where
from infra.template.names import Names
from infra.template.queues import DISPATCH_DEAD_LETTERS, RECONCILE_DEAD_LETTERS, START_QUEUE
from infra.template.tables import TABLES


@dataclass(frozen=True, slots=True)
class Grant:
    """These operations of a service on this resource; `on` is a word of `_resources`."""

    service: str
    operations: tuple[str, ...]
    on: str


def _dynamodb(on: str, *operations: str) -> Grant:
    return Grant("dynamodb", operations, on)


_START = (
    _dynamodb("jobs/by_schedule", "Query"),
    Grant("states", ("StartExecution",), "machine"),
    Grant("sqs", ("SendMessage",), "starts"),
)
_FIRES = _dynamodb("schedules", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")  # fires and their pages
_SKIPPED = _dynamodb("executions", "PutItem")  # the records of occurrences that a pause skips
_PUT_RULES = Grant("events", ("PutRule", "PutTargets"), "rules")
_REMOVE_RULES = Grant("events", ("RemoveTargets", "DeleteRule"), "rules")

CALLS: Mapping[Function, Sequence[Grant]] = {
    API: (
        _dynamodb("jobs", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
        _dynamodb("jobs/by_name", "Query"),
        _dynamodb("jobs/by_schedule", "Query"),
        _dynamodb("jobs/by_lock", "Query"),
        _dynamodb("jobs/by_change", "Query"),
        _dynamodb("executions", "GetItem", "PutItem", "UpdateItem", "Query"),
        _dynamodb("executions/by_expiry", "Query"),
        _dynamodb("executions/by_all", "Query"),
        _dynamodb("executions/by_service", "Query"),
        _dynamodb("executions/by_status", "Query"),
        _dynamodb("schedules", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
        _dynamodb("schedules/by_open", "Query"),
        _PUT_RULES,
        _REMOVE_RULES,
        Grant("states", ("StartExecution", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"), "machine"),
    ),
    DISPATCH: (_FIRES, _SKIPPED, *_START),
    START_PAGE: (_FIRES, _SKIPPED, *_START, Grant("sqs", ("ChangeMessageVisibility",), "starts")),
    INVOKE: (
        _dynamodb("jobs", "GetItem", "Query", "PutItem", "DeleteItem"),
        _dynamodb("executions", "GetItem", "PutItem", "UpdateItem"),
        Grant("states", ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"), "machine"),
    ),
    RECORD_FAILURE: (
        _dynamodb("jobs", "GetItem", "DeleteItem"),
        _dynamodb("executions", "GetItem", "PutItem"),
        _dynamodb("schedules", "UpdateItem"),  # the counters
    ),
    RECONCILE: (
        _dynamodb("jobs", "GetItem", "DeleteItem"),
        _dynamodb("jobs/by_lock", "Query"),
        _dynamodb("executions", "GetItem", "PutItem", "UpdateItem"),
        _dynamodb("executions/by_expiry", "Query"),
        _dynamodb("executions/by_untold", "Query"),
        _dynamodb("executions/by_notify", "Query"),
        _dynamodb("schedules", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
        _dynamodb("schedules/by_open", "Query"),
        *_START,
        Grant("states", ("ListExecutions", "SendTaskSuccess", "SendTaskFailure"), "machine"),
        Grant("states", ("DescribeExecution",), "runs"),
        _PUT_RULES,  # those that somebody has deleted
        _REMOVE_RULES,
        Grant("events", ("ListTargetsByRule",), "rules"),
        Grant("events", ("ListRules",), "everything"),  # AWS knows no resource for it
    ),
}

VPC_ACCESS = (
    "CreateNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "DeleteNetworkInterface",
    "AssignPrivateIpAddresses",
    "UnassignPrivateIpAddresses",
)
"""Of EC2, on everything, as AWS's own policy `AWSLambdaVPCAccessExecutionRole` has them."""

_ON_FAILURE = {DISPATCH: DISPATCH_DEAD_LETTERS, RECONCILE: RECONCILE_DEAD_LETTERS}


def function_policy(names: Names, function: Function) -> Json:
    """The policy of a function's role."""
    resources = _resources(names)
    calls = [
        _statement([f"{grant.service}:{operation}" for operation in grant.operations], resources[grant.on])
        for grant in CALLS[function]
    ]
    return _document([*calls, *_serving(function)])


def machine_policy() -> Json:
    """The policy of the state machine's role: its two functions, its log, its traces."""
    deliver = (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
    trace = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
    return _document(
        [
            _statement(["lambda:InvokeFunction"], arn(INVOKE.logical_id)),
            _statement(["lambda:InvokeFunction"], arn(RECORD_FAILURE.logical_id)),
            _statement([f"logs:{operation}" for operation in deliver], "*"),  # AWS knows no resource for these
            _statement([f"xray:{operation}" for operation in trace], "*"),
        ]
    )


def _resources(names: Names) -> dict[str, object]:
    made: dict[str, object] = {
        "machine": names.state_machine_arn,
        "runs": names.executions_arn,
        "rules": names.rules_arn,
        "starts": arn(START_QUEUE.logical_id),
        "everything": "*",
    }
    used = {grant.on for grants in CALLS.values() for grant in grants}
    for role, logical_id in TABLES.items():
        made[role] = arn(logical_id)
        indexes = (on.partition("/")[2] for on in used if on.startswith(f"{role}/"))
        made |= {f"{role}/{index}": sub(f"${{{logical_id}.Arn}}/index/{index}") for index in indexes}
    return made


def _serving(function: Function) -> list[Json]:
    """What Lambda does with the function's role: its log, its traces, its queue, its dead letters."""
    statements = [
        _statement(["logs:CreateLogStream", "logs:PutLogEvents"], arn(log_group(function))),
        _statement(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),  # AWS knows no resource for these
    ]
    if function is START_PAGE:
        polls = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        statements.append(_statement(polls, arn(START_QUEUE.logical_id)))
    if function in _ON_FAILURE:
        statements.append(_statement(["sqs:SendMessage"], arn(_ON_FAILURE[function].logical_id)))
    if function.sends:
        access = _statement([f"ec2:{operation}" for operation in VPC_ACCESS], "*")
        statements.append(where(IN_VPC, access, NO_VALUE))
    return statements


def _statement(actions: Sequence[str], resource: object) -> Json:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def _document(statements: Sequence[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}
