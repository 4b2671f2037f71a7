"""Alarms: each says that something is not done, or soon will not be."""

from infra.functions import DISPATCH, FUNCTIONS, RECONCILE
from infra.intrinsics import NO_VALUE, Json, get_att, ref, resource, where
from infra.names import Names
from infra.queues import DEAD_LETTERS, START_QUEUE, Queue
from infra.tables import TABLES

MINUTE_SECONDS = 60


def alarms(names: Names) -> Json:
    """All alarms; where an alarm topic is given, it hears of them."""
    made = {f"{queue.logical_id}Alarm": _dead_letters(names, queue) for queue in DEAD_LETTERS}
    return {
        **made,
        "DispatchFailedAlarm": _on_one(
            names,
            "dispatch-failed",
            "A dispatch failed. Lambda tries it twice more; then it is a dead letter.",
            _function_metric(DISPATCH.logical_id, "Errors"),
        ),
        "ReconcilerAlarm": _alarm(
            names,
            "reconciler-not-running",
            "The reconciler has not run for 15 minutes, so nothing closes what other paths left open.",
            _function_metric(RECONCILE.logical_id, "Invocations")
            | {
                "Statistic": "Sum",
                "Period": 15 * MINUTE_SECONDS,
                "Threshold": 1,
                "ComparisonOperator": "LessThanThreshold",
                "TreatMissingData": "breaching",
            },
        ),
        "ReconcilerFailedAlarm": _on_one(
            names,
            "reconciler-failed",
            "The reconciler failed as a whole.",
            _function_metric(RECONCILE.logical_id, "Errors"),
        ),
        "StartsLateAlarm": _on_one(
            names,
            "starts-late",
            "Pages of a dispatch wait for more than 10 minutes: StartExecution is throttled, or the starter fails.",
            _queue_metric(START_QUEUE, "ApproximateAgeOfOldestMessage")
            | {"Statistic": "Maximum", "Threshold": 10 * MINUTE_SECONDS},
        ),
        "MachineThrottledAlarm": _on_one(
            names,
            "machine-throttled",
            "Step Functions throttles state transitions.",
            _metric("AWS/States", "ExecutionThrottled", "StateMachineArn", ref("StateMachine")),
        ),
        "ApiFailedAlarm": _on_one(
            names,
            "api-failed",
            "The API has answered 5xx.",
            _metric("AWS/ApiGateway", "5XXError", "ApiName", names.stack),
        ),
        "ThrottlesAlarm": _sum_alarm(
            names,
            "functions-throttled",
            "A function was throttled: the account's concurrency is used up.",
            [_function_metric(function.logical_id, "Throttles") for function in FUNCTIONS],
        ),
        "TablesThrottledAlarm": _sum_alarm(
            names,
            "tables-throttled",
            "DynamoDB throttled a table: a partition is too hot, or the table's own limit is met.",
            [
                _metric("AWS/DynamoDB", name, "TableName", ref(table))
                for table in TABLES.values()
                for name in ("ReadThrottleEvents", "WriteThrottleEvents")
            ],
        ),
    }


def _dead_letters(names: Names, queue: Queue) -> Json:
    return _on_one(
        names,
        queue.role,
        f"This queue holds {queue.holds}: {names.of(queue.role)}. docs/aws.md says how to send them again.",
        _queue_metric(queue, "ApproximateNumberOfMessagesVisible") | {"Statistic": "Maximum"},
    )


def _on_one(names: Names, role: str, says: str, what: Json) -> Json:
    """Alarm from one on, looked at every minute; no data is good news."""
    calm: Json = {
        "Statistic": "Sum",
        "Period": MINUTE_SECONDS,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    return _alarm(names, role, says, calm | what)


def _sum_alarm(names: Names, role: str, says: str, metrics: list[Json]) -> Json:
    queries: list[Json] = [
        {
            "Id": f"m{number}",
            "ReturnData": False,
            "MetricStat": {
                "Metric": metric,
                "Period": MINUTE_SECONDS,
                "Stat": "Sum",
            },
        }
        for number, metric in enumerate(metrics)
    ]
    queries.append({"Id": "total", "Expression": "SUM(METRICS())", "Label": role, "ReturnData": True})
    what: Json = {
        "Metrics": queries,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    return _alarm(names, role, says, what)


def _alarm(names: Names, role: str, says: str, what: Json) -> Json:
    return resource(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": names.of(role),
            "AlarmDescription": says,
            "AlarmActions": where("HasAlarmTopic", [ref("AlarmTopicArn")], NO_VALUE),
            "OKActions": where("HasAlarmTopic", [ref("AlarmTopicArn")], NO_VALUE),
            "EvaluationPeriods": 1,
            **what,
        },
    )


def _function_metric(function: str, name: str) -> Json:
    return _metric("AWS/Lambda", name, "FunctionName", ref(function))


def _queue_metric(queue: Queue, name: str) -> Json:
    return _metric("AWS/SQS", name, "QueueName", get_att(queue.logical_id, "QueueName"))


def _metric(namespace: str, name: str, dimension: str, value: object) -> Json:
    return {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}
