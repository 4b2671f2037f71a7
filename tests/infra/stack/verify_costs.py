"""What one successful execution costs, counted over the deployed stack, against the table of docs/aws.md."""

import re
from pathlib import Path

import pytest

from tests.infra.stack.capacity import Meter
from tests.infra.stack.edges import listening_service, run_ended
from tests.infra.stack.jobs import Jobs

DOCUMENT = Path(__file__).parents[3] / "docs" / "aws.md"
ROWS = {
    "state entries": "states",
    "Lambda invocations": "invocations",
    "DynamoDB write units": "write",
    "DynamoDB read units": "read",
}


def test_a_successful_execution_costs_what_the_document_says(jobs: Jobs, capsys: pytest.CaptureFixture[str]) -> None:
    jobs.put()
    meter = Meter(jobs.deployment)
    jobs.deployment.world.invocations.clear()
    jobs.deployment.world.watchers.append(meter.watch)
    jobs.fire()
    webhook = jobs.webhook()
    assert jobs.call_back(webhook, status="success", summary="done").status == 200
    meter.settle()
    jobs.deployment.world.watchers.clear()
    jobs.until_ended(str(webhook["execution_id"]))
    counted: dict[str, float] = {
        "states": len(entered(jobs, str(webhook["execution_id"]))),
        "invocations": jobs.deployment.world.invocations.total(),
        "write": meter.write.total(),
        "read": sum(meter.read.values()),
    }
    with capsys.disabled():
        print("\n\n  one successful execution of a job that is alone on its schedule")
        for label, name in ROWS.items():
            print(f"    {label:<24}{counted[name]:>4g}")
        print(f"    by function: {dict(jobs.deployment.world.invocations)}")
        print(f"    write units by function: {dict(meter.write)}; requests: {dict(meter.requests)}")
    assert counted["states"] <= 3
    assert counted["invocations"] <= 3
    assert {label: counted[name] for label, name in ROWS.items()} == {label: documented()[label] for label in ROWS}


def entered(jobs: Jobs, execution_id: str) -> list[str]:
    """The states that the run entered."""
    arn = f"{jobs.deployment.world.machine_arn.replace(':stateMachine:', ':execution:')}:{execution_id}"
    events = jobs.deployment.machines.get_execution_history(executionArn=arn)["events"]
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


def documented() -> dict[str, float]:
    """The figures of the document's tables."""
    rows = re.findall(r"^\| ([^|]+?) \| ([\d.]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return {label: float(number) for label, number in rows}


def test_a_notification_that_is_delivered_at_once_costs_what_the_document_says(
    jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening_service() as chat:
        jobs.put(notify={"target": chat.url})
        jobs.fire()
        webhook = jobs.webhook()
        assert jobs.call_back(webhook, status="fail").status == 200
        jobs.until_ended(str(webhook["execution_id"]))
        meter = Meter(jobs.deployment)
        jobs.deployment.world.watchers.append(meter.watch)
        assert run_ended(jobs.deployment, str(webhook["execution_id"]))["notified"]
        meter.settle()
        jobs.deployment.world.watchers.clear()
        counted = {
            "write units of a notification": float(meter.write.total()),
            "read units of a notification": float(sum(meter.read.values())),
        }
        with capsys.disabled():
            print(f"\n\n  a notification that is delivered at once: {counted}")
        assert counted == {label: documented()[label] for label in counted}
