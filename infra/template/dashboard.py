"""A dashboard of what AWS measures, and of what Jobhook itself does: what fired, what ran, what failed, what waits."""

import json

from infra.template.functions import FUNCTIONS
from infra.template.intrinsics import Json, resource
from infra.template.names import METRICS_NAMESPACE, Names
from infra.template.queues import DEAD_LETTERS, START_QUEUE
from jobhook.core.executions.execution import OPEN, Status

_WIDTH, _HEIGHT = 8, 6
_ACROSS = 3
Metric = list[object]


def dashboard(names: Names) -> Json:
    """One dashboard; its names are fixed, so that its text refers to nothing but the region and the machine."""
    functions = [names.of(function.name.replace("_", "-")) for function in FUNCTIONS]
    machine = "${StateMachine}"
    charts: list[tuple[str, str, list[Metric]]] = [
        ("Executions", "Sum", [["AWS/States", name, "StateMachineArn", machine] for name in _EXECUTIONS]),
        ("Execution time", "p90", [["AWS/States", "ExecutionTime", "StateMachineArn", machine]]),
        (
            "API",
            "Sum",
            [["AWS/ApiGateway", name, "ApiName", names.stack] for name in _REQUESTS],
        ),
        ("Functions: errors", "Sum", [["AWS/Lambda", "Errors", "FunctionName", name] for name in functions]),
        ("Functions: throttles", "Sum", [["AWS/Lambda", "Throttles", "FunctionName", name] for name in functions]),
        ("Functions: time", "p90", [["AWS/Lambda", "Duration", "FunctionName", name] for name in functions]),
        ("Dead letters", "Maximum", [_queue(names.of(queue.role), _VISIBLE) for queue in DEAD_LETTERS]),
        ("Pages to start", "Maximum", [_queue(names.of(START_QUEUE.role), name) for name in (_VISIBLE, _AGE)]),
        ("Rules called", "Sum", [["AWS/Lambda", "Invocations", "FunctionName", names.of("dispatch")]]),
        ("Executions ended, by status", "Sum", [_ours(names, "ExecutionsEnded", "Status", end) for end in _ENDS]),
        ("Invocation latency (ms)", "p90", [_ours(names, "InvocationLatency")]),
        ("Heartbeats, exclusive runs refused", "Sum", [_ours(names, name) for name in _COUNTS]),
        ("Dispatch size", "Maximum", [_ours(names, "DispatchSize")]),
        ("Dispatch time (ms)", "Maximum", [_ours(names, "DispatchTime")]),
        ("Notifications", "Sum", [_ours(names, name) for name in _NOTIFICATIONS]),
        ("Schedules used of the rule quota", "Maximum", [_ours(names, "SchedulesUsed")]),
    ]
    widgets = [_widget(number, *chart) for number, chart in enumerate(charts)]
    return {
        "Dashboard": resource(
            "AWS::CloudWatch::Dashboard",
            {"DashboardName": names.stack, "DashboardBody": {"Fn::Sub": json.dumps({"widgets": widgets})}},
        )
    }


_EXECUTIONS = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
_REQUESTS = ("Count", "4XXError", "5XXError")
_VISIBLE = "ApproximateNumberOfMessagesVisible"
_AGE = "ApproximateAgeOfOldestMessage"
_ENDS = tuple(str(status) for status in Status if status not in OPEN)
_NOTIFICATIONS = ("NotificationsDelivered", "NotificationsFailed")
_COUNTS = ("Heartbeats", "ExclusiveRunsRefused")


def _queue(name: str, metric: str) -> Metric:
    return ["AWS/SQS", metric, "QueueName", name]


def _ours(names: Names, metric: str, *dimension: str) -> Metric:
    return [METRICS_NAMESPACE, metric, "Stage", names.stage, *dimension]


def _widget(number: int, title: str, statistic: str, metrics: list[Metric]) -> Json:
    row, column = divmod(number, _ACROSS)
    return {
        "type": "metric",
        "x": column * _WIDTH,
        "y": row * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {
            "title": title,
            "metrics": metrics,
            "stat": statistic,
            "period": 300,
            "region": "${AWS::Region}",
            "view": "timeSeries",
        },
    }
