import json
from typing import cast

from tests.infra.reading import items, part, properties, resources


def metrics() -> list[list[str]]:
    body = json.loads(cast(str, part(properties("Dashboard"), "DashboardBody")["Fn::Sub"]))
    return [metric for widget in items(body, "widgets") for metric in widget["properties"]["metrics"]]  # type: ignore[index]  # a document


def test_the_dashboard_shows_every_function_and_every_queue_by_its_name() -> None:
    shown = {(metric[2], metric[3]) for metric in metrics()}
    named = {
        ("FunctionName", part(one, "Properties")["FunctionName"])
        for one in resources().values()
        if "FunctionName" in part(one, "Properties") and "LoggingConfig" in part(one, "Properties")
    }
    queues = {("QueueName", part(one, "Properties")["QueueName"]) for one in resources("AWS::SQS::Queue").values()}
    assert len(named) == 6
    assert named | queues <= shown


def test_the_dashboard_shows_jobhooks_own_metrics_in_the_namespace_and_stage_that_functions_are_told() -> None:
    environment = part(properties("Invoke"), "Environment", "Variables")
    ours = [metric for metric in metrics() if metric[0] == environment["JOBHOOK_METRICS_NAMESPACE"]]
    assert {(metric[2], metric[3]) for metric in ours} == {("Stage", environment["JOBHOOK_STAGE"])}
    assert {metric[1] for metric in ours} == {
        "ExecutionsEnded",
        "InvocationLatency",
        "Heartbeats",
        "ExclusiveRunsRefused",
        "DispatchSize",
        "DispatchTime",
        "NotificationsDelivered",
        "NotificationsFailed",
        "SchedulesUsed",
    }
    assert {metric[5] for metric in ours if len(metric) > 4} >= {"success", "failed", "timed_out", "missed"}
