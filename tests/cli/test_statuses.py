"""What a person is told of an execution whose webhook is sent again."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from jobhook import Execution
from jobhook.cli.executions.commands import print_executions
from jobhook.cli.executions.live_table import Changes
from jobhook.cli.executions.statuses import MOST_ATTEMPTS, status_text

MACHINE = Path(__file__).resolve().parents[2] / "statemachines" / "execution.asl.json"
UNANSWERED = None


def execution(status: str, *errors: str | None) -> Execution:
    attempts = [{"n": number, "error": error} for number, error in enumerate(errors, 1)]
    texts: dict[str, Any] = dict.fromkeys(("reason", "error", "summary", "duration_ms", "progress"))
    named = {"id": "1", "service_name": "reports", "job_name": "nightly", "scheduled_time_ms": 0}
    return cast(Execution, {**texts, **named, "status": status, "attempts": attempts})


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (execution("pending"), "pending"),
        (execution("pending", UNANSWERED), "pending"),
        (execution("pending", "HTTP 503"), "retrying (attempt 2 of 3)"),
        (execution("pending", "HTTP 503", UNANSWERED), "retrying (attempt 2 of 3)"),
        (execution("pending", "HTTP 503", "no answer"), "retrying (attempt 3 of 3)"),
        (execution("pending", "HTTP 503", "no answer", UNANSWERED), "retrying (attempt 3 of 3)"),
        (execution("pending", "HTTP 503", "no answer", "HTTP 503"), "pending"),
        (execution("running", "HTTP 503", UNANSWERED), "running"),
        (execution("failed", "HTTP 503"), "failed"),
    ],
)
def test_a_pending_execution_whose_webhook_has_failed_is_being_retried(found: Execution, text: str) -> None:
    assert status_text(found) == text


def test_a_webhook_is_sent_as_often_as_the_state_machine_says() -> None:
    machine = json.loads(MACHINE.read_text())
    retries = [retry for state in machine["States"].values() for retry in state.get("Retry", ())]
    (webhooks,) = (retry["MaxAttempts"] for retry in retries if "WebhookUnavailable" in retry["ErrorEquals"])
    assert webhooks + 1 == MOST_ATTEMPTS


def test_listings_and_a_watch_show_it_and_json_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    retried = execution("pending", "HTTP 503")
    print_executions([retried])
    Changes(as_json=False).show([retried])
    assert capsys.readouterr().out.count("retrying (attempt 2 of 3)") == 2
    Changes(as_json=True).show([retried])
    assert json.loads(capsys.readouterr().out)["status"] == "pending"
