"""What operators see: a log line and metrics for what is durable, and nothing that was sent."""

import json
from dataclasses import replace
from typing import cast

import botocore.session
import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_events import EventBridgeClient

from chalicelib.invocation import request_id
from chalicelib.telemetry import Signals
from chalicelib.watched_rules import WatchedRules
from chalicelib.watched_store import WatchedStore
from jobhook.core.executions.execution import Execution, Status
from jobhook.core.executions.writes import FireDone, Moment, PutExecution, PutFire
from jobhook.core.notifications.policy import Delivery, Event, Notification
from jobhook.ports import WriteConflict
from tests.chalicelib.moto_tables import REGION, TABLES
from tests.contract.values import T0, a_fire, a_row, an_execution
from tests.fakes.ports import FakeClock

Line = dict[str, object]
TOOK_MS = 1_500


class Output:
    """The lines on standard output since they were last looked at."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.logs: list[Line] = []
        self.metrics: list[Line] = []

    def read(self) -> "Output":
        lines: list[Line] = [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]
        self.logs = [line for line in lines if "message" in line]
        self.metrics = [line for line in lines if "_aws" in line]
        return self

    def values(self) -> Line:
        """Every metric with its value."""
        return {name: line[name] for line in self.metrics for name in measured(line)}


def measured(line: Line) -> list[str]:
    """The names of a line's metrics, after a look at what they are filed under."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]  # type: ignore[index]  # a document
    (dimensions,) = directive["Dimensions"]
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert directive["Namespace"] == "Jobhook"
    assert line["Stage"] == "prod"
    assert dimensions == (["Stage", "Status"] if names == ["ExecutionsEnded"] else ["Stage"])
    return names


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    return Output(capsys)


@pytest.fixture
def store(client: DynamoDBClient) -> WatchedStore:
    return WatchedStore(client, TABLES, 90, Signals("Jobhook", "prod", FakeClock(T0 + TOOK_MS)))


def secretive(execution: Execution) -> Execution:
    return replace(
        execution,
        payload="canary",
        state="canary",
        summary="canary",
        error="canary",
        correlation_id="canary",
        task_token="canary",
        invocation_target="https://canary.example.com",
    )


async def test_the_line_of_an_execution_names_it_and_says_nothing_that_was_sent(
    store: WatchedStore, capsys: pytest.CaptureFixture[str]
) -> None:
    execution = secretive(an_execution(status=Status.RUNNING))
    for moment in Moment:
        store._signals.execution(moment, execution)
    printed = capsys.readouterr().out
    assert "canary" not in printed
    lines = [json.loads(line) for line in printed.splitlines()]
    logs = [line for line in lines if "message" in line]
    assert [line["message"] for line in logs] == [f"execution {moment}" for moment in Moment]
    for line in logs:
        assert line["level"] == "INFO"
        names = (line["service_name"], line["job_name"], line["execution_id"])
        assert names == (execution.service_name, execution.job_name, execution.id)


async def test_a_line_names_the_request_under_way_and_only_that(store: WatchedStore, output: Output) -> None:
    first, second = an_execution(minute=1), an_execution(minute=2)
    token = request_id.set("request-1")
    await store.commit((PutExecution(first, None, Moment.BEGAN),))
    request_id.reset(token)
    await store.commit((PutExecution(second, None, Moment.BEGAN),))
    assert [line.get("request_id") for line in output.read().logs] == ["request-1", None]


async def test_how_late_an_execution_began_is_measured(store: WatchedStore, output: Output) -> None:
    await store.commit((PutExecution(replace(an_execution(), invocation_latency_ms=312), None, Moment.BEGAN),))
    assert output.read().values() == {"InvocationLatency": [312.0]}


async def test_a_heartbeat_counts(store: WatchedStore, output: Output) -> None:
    await store.commit((PutExecution(an_execution(), None, Moment.HEARTBEAT),))
    assert output.read().values() == {"Heartbeats": [1.0]}


@pytest.mark.parametrize("status", [Status.SUCCESS, Status.TIMED_OUT, Status.SKIPPED])
async def test_an_end_counts_by_its_status(store: WatchedStore, output: Output, status: Status) -> None:
    await store.commit((PutExecution(an_execution(status=status), None, Moment.ENDED),))
    assert output.read().values() == {"ExecutionsEnded": [1.0]}
    assert output.metrics[0]["Status"] == str(status)


async def test_a_refused_exclusive_run_counts_as_such_too(store: WatchedStore, output: Output) -> None:
    refused = replace(an_execution(status=Status.FAILED), reason="exclusive_run_in_progress")
    await store.commit((PutExecution(refused, None, Moment.ENDED),))
    assert output.read().values() == {"ExecutionsEnded": [1.0], "ExclusiveRunsRefused": [1.0]}
    assert output.logs[0]["reason"] == "exclusive_run_in_progress"


@pytest.mark.parametrize(
    ("status", "metric"), [(Delivery.DELIVERED, "NotificationsDelivered"), (Delivery.FAILED, "NotificationsFailed")]
)
async def test_a_last_word_on_a_notification_counts_and_says_why(
    store: WatchedStore, output: Output, status: Delivery, metric: str
) -> None:
    notification = Notification(Event.FAILED, status, 6, http_status=404, error="the target answered 404")
    reported = replace(an_execution(status=Status.FAILED), notification=notification)
    await store.commit((PutExecution(reported, None, Moment.NOTIFIED),))
    assert output.read().values() == {metric: [1.0]}
    said = (output.logs[0]["notification"], output.logs[0]["notification_attempts"], output.logs[0]["event"])
    assert said == (str(status), 6, "failed")


async def test_what_lost_its_condition_or_was_there_already_counts_nothing(store: WatchedStore, output: Output) -> None:
    ended = an_execution(status=Status.MISSED)
    await store.put_absent([ended])
    assert output.read().values() == {"ExecutionsEnded": [1.0]}
    await store.put_absent([ended])
    with pytest.raises(WriteConflict):
        await store.commit((PutExecution(ended, None, Moment.ENDED),))
    assert output.read().values() == {}


async def test_a_dispatch_says_how_many_it_started_and_how_long_that_took(store: WatchedStore, output: Output) -> None:
    fire = replace(a_fire(), scheduled_time_ms=T0)
    await store.commit((PutFire(fire),))
    await store.commit((FireDone(fire.expression, T0, 7),))
    assert output.read().values() == {"DispatchSize": [7.0], "DispatchTime": [float(TOOK_MS)]}
    assert (output.logs[0]["schedule"], output.logs[0]["started"]) == (fire.expression, 7)


async def test_only_the_listing_of_rules_measures_how_many_there_are(store: WatchedStore, output: Output) -> None:
    await store.list_schedules()
    assert output.read().values() == {}
    client = cast(EventBridgeClient, botocore.session.get_session().create_client("events", region_name=REGION))
    signals = Signals("Jobhook", "prod", FakeClock(T0))
    rules = WatchedRules(client, "jobhook-test-", f"arn:aws:lambda:{REGION}:123456789012:function:f", None, signals)
    await rules.put(a_row())
    await rules.list_rules()
    assert output.read().values() == {"SchedulesUsed": [1.0]}
