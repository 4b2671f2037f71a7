import json
from typing import cast

from tests.infra.reading import items, part, properties, resources


def metrics() -> list[list[str]]:
    body = json.loads(cast(str, part(properties("Dashboard"), "DashboardBody")["Fn::Sub"]))
    return [metric for widget in items(body, "widgets") for metric in widget["properties"]["metrics"]]  # type: ignore[index]  # a document


def test_the_dashboard_shows_every_function_and_every_queue_by_its_name() -> None:
    shown = {(dimension, value) for _, _, dimension, value in metrics()}
    named = {
        ("FunctionName", part(one, "Properties")["FunctionName"])
        for one in resources().values()
        if "FunctionName" in part(one, "Properties") and "LoggingConfig" in part(one, "Properties")
    }
    queues = {("QueueName", part(one, "Properties")["QueueName"]) for one in resources("AWS::SQS::Queue").values()}
    assert len(named) == 6
    assert named | queues <= shown
