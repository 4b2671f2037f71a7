"""What wakes the functions: rules, the start queue, and what becomes of events that fail."""

from infra.template.functions import DISPATCH, RECONCILE, START_PAGE
from infra.template.intrinsics import Json, arn, ref, resource
from infra.template.names import Names
from infra.template.queues import (
    DAY_SECONDS,
    DISPATCH_DEAD_LETTERS,
    RECONCILE_DEAD_LETTERS,
    RULE_DEAD_LETTERS,
    START_QUEUE,
)

HOUR_SECONDS = 3_600
BATCH = 5
"""Pages a batch: one is up to a hundred starts, so a batch ends well within its function's timeout."""


def events(names: Names) -> Json:
    """All asynchronous ways in."""
    return _dispatch(names) | _starts() | _reconcile(names)


def _dispatch(names: Names) -> Json:
    """The rules themselves are made at run time, so their permission is by the prefix of their names."""
    return {
        "DispatchFromRules": _permission(DISPATCH.logical_id, names.rules_arn),
        # An event that is late by hours is still right: executions carry its time. Beyond that the reconciler acts.
        "DispatchRetries": _retries(DISPATCH.logical_id, DISPATCH_DEAD_LETTERS.logical_id, 6 * HOUR_SECONDS),
    }


def _starts() -> Json:
    return {
        "StartPages": resource(
            "AWS::Lambda::EventSourceMapping",
            {
                "EventSourceArn": arn(START_QUEUE.logical_id),
                "FunctionName": ref(START_PAGE.logical_id),
                "BatchSize": BATCH,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ScalingConfig": {"MaximumConcurrency": ref("StartConcurrency")},
            },
        )
    }


def _reconcile(names: Names) -> Json:
    """Runs that ended well have told so themselves; only the others are worth an invocation."""
    ended: Json = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [names.state_machine_arn], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
    }
    return {
        "ReconcileRule": _rule(names.of("reconcile"), {"ScheduleExpression": "rate(5 minutes)"}),
        "ReconcileFromRule": _permission(RECONCILE.logical_id, arn("ReconcileRule")),
        "RunEndedRule": _rule(names.of("run-ended"), {"EventPattern": ended}),
        "ReconcileFromRunEnded": _permission(RECONCILE.logical_id, arn("RunEndedRule")),
        "ReconcileRetries": _retries(RECONCILE.logical_id, RECONCILE_DEAD_LETTERS.logical_id, HOUR_SECONDS),
    }


def _rule(name: str, when: Json) -> Json:
    target: Json = {
        "Id": "reconcile",
        "Arn": arn(RECONCILE.logical_id),
        "RetryPolicy": {"MaximumEventAgeInSeconds": DAY_SECONDS, "MaximumRetryAttempts": 185},
        "DeadLetterConfig": {"Arn": arn(RULE_DEAD_LETTERS.logical_id)},
    }
    return resource("AWS::Events::Rule", {"Name": name, "State": "ENABLED", "Targets": [target], **when})


def _permission(function: str, source: object) -> Json:
    return resource(
        "AWS::Lambda::Permission",
        {
            "FunctionName": ref(function),
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceArn": source,
        },
    )


def _retries(function: str, dead_letters: str, for_seconds: int) -> Json:
    return resource(
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": ref(function),
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 2,
            "MaximumEventAgeInSeconds": for_seconds,
            "DestinationConfig": {"OnFailure": {"Destination": arn(dead_letters)}},
        },
    )
