"""Alarms: each says that something is not done, or soon will not be."""

from infra.template.alarm_forms import MINUTE_SECONDS, alarm, on_one, on_one_of, on_share
from infra.template.functions import DISPATCH, FUNCTIONS, RECONCILE
from infra.template.intrinsics import Json, get_att, ref
from infra.template.names import METRICS_NAMESPACE, Names
from infra.template.queues import DEAD_LETTERS, START_QUEUE, Queue
from infra.template.tables import TABLES


def alarms(names: Names) -> Json:
    """All alarms; where an alarm topic is given, it hears of them."""
    dead_letters = {f"{queue.logical_id}Alarm": _dead_letters(names, queue) for queue in DEAD_LETTERS}
    return (
        dead_letters
        | _of_dispatch(names)
        | _of_reconciler(names)
        | _of_notifications(names)
        | _of_api(names)
        | _throttled(names)
        | _quotas(names)
    )


def _of_dispatch(names: Names) -> Json:
    return {
        "DispatchFailedAlarm": on_one(
            names,
            "dispatch-failed",
            "A dispatch failed. Lambda tries it twice more; then it is a dead letter.",
            _function_metric(DISPATCH.logical_id, "Errors"),
        ),
        "RecursiveInvocationsAlarm": on_one_of(
            names,
            "recursive-invocations-dropped",
            "Lambda took a chain of invocations for a loop and dropped one, so starts or notifications are missing.",
            [_function_metric(function.logical_id, "RecursiveInvocationsDropped") for function in FUNCTIONS],
        ),
        "StartsLateAlarm": on_one(
            names,
            "starts-late",
            "Pages of a dispatch wait for more than 10 minutes: StartExecution is throttled, or the starter fails.",
            _queue_metric(START_QUEUE, "ApproximateAgeOfOldestMessage")
            | {"Statistic": "Maximum", "Threshold": 10 * MINUTE_SECONDS},
        ),
    }


def _of_reconciler(names: Names) -> Json:
    runs: Json = {
        "Statistic": "Sum",
        "Period": 15 * MINUTE_SECONDS,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
    }
    return {
        "ReconcilerAlarm": alarm(
            names,
            "reconciler-not-running",
            "The reconciler has not run for 15 minutes, so nothing closes what other paths left open.",
            _function_metric(RECONCILE.logical_id, "Invocations") | runs,
        ),
        "ReconcilerFailedAlarm": on_one(
            names,
            "reconciler-failed",
            "The reconciler failed as a whole.",
            _function_metric(RECONCILE.logical_id, "Errors"),
        ),
    }


def _of_notifications(names: Names) -> Json:
    given_up = _metric(METRICS_NAMESPACE, "NotificationsFailed", Stage=names.stage)
    return {
        "NotificationsFailedAlarm": on_one(
            names,
            "notifications-failed",
            "A job's target could not be told of an end, and it was given up; the execution's `notification` says why.",
            given_up,
        )
    }


def _of_api(names: Names) -> Json:
    failed = _metric("AWS/ApiGateway", "5XXError", ApiName=names.stack)
    return {"ApiFailedAlarm": on_one(names, "api-failed", "The API has answered 5xx.", failed)}


def _throttled(names: Names) -> Json:
    throttle_events = ("ReadThrottleEvents", "WriteThrottleEvents")
    return {
        "MachineThrottledAlarm": on_one(
            names,
            "machine-throttled",
            "Step Functions throttles state transitions.",
            _metric("AWS/States", "ExecutionThrottled", StateMachineArn=ref("StateMachine")),
        ),
        "ThrottlesAlarm": on_one_of(
            names,
            "functions-throttled",
            "A function was throttled: its own concurrency or the account's is used up.",
            [_function_metric(function.logical_id, "Throttles") for function in FUNCTIONS],
        ),
        "TablesThrottledAlarm": on_one_of(
            names,
            "tables-throttled",
            "DynamoDB throttled a table: a partition is too hot, or the table's own limit is met.",
            [
                _metric("AWS/DynamoDB", name, TableName=ref(table))
                for table in TABLES.values()
                for name in throttle_events
            ],
        ),
    }


def _quotas(names: Names) -> Json:
    """Before they are met: what AWS allows by default, or as much more as its parameter says."""
    started = _metric("AWS/States", "ExecutionsStarted", StateMachineArn=ref("StateMachine"))
    return {
        "RulesNearlyUsedAlarm": on_share(
            names,
            "rules-nearly-used",
            "Four fifths of the quota of EventBridge rules are used. Raise it and the parameter RuleQuota.",
            _metric(METRICS_NAMESPACE, "SchedulesUsed", Stage=names.stage),
            ("Maximum", 5 * MINUTE_SECONDS, "RuleQuota"),
        ),
        "StartsNearlyUsedAlarm": on_share(
            names,
            "starts-nearly-used",
            "Four fifths of the rate of StartExecution were used for five minutes. Raise it and StartQuota.",
            started,
            ("Sum", 5 * MINUTE_SECONDS, "StartQuota"),
            each_second=True,
        ),
        "ConcurrencyNearlyUsedAlarm": on_share(
            names,
            "concurrency-nearly-used",
            "Four fifths of the account's concurrent Lambda executions are used. Raise it and ConcurrencyQuota.",
            _metric("AWS/Lambda", "ConcurrentExecutions"),
            ("Maximum", MINUTE_SECONDS, "ConcurrencyQuota"),
        ),
    }


def _dead_letters(names: Names, queue: Queue) -> Json:
    return on_one(
        names,
        queue.role,
        f"This queue holds {queue.holds}: {names.of(queue.role)}. docs/aws.md says how to send them again.",
        _queue_metric(queue, "ApproximateNumberOfMessagesVisible") | {"Statistic": "Maximum"},
    )


def _function_metric(function: str, name: str) -> Json:
    return _metric("AWS/Lambda", name, FunctionName=ref(function))


def _queue_metric(queue: Queue, name: str) -> Json:
    return _metric("AWS/SQS", name, QueueName=get_att(queue.logical_id, "QueueName"))


def _metric(namespace: str, name: str, **dimensions: object) -> Json:
    named = [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": named}
