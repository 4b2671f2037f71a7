"""The Lambda functions' bodies, with events as AWS sends them."""

import json
from dataclasses import asdict, replace

import pytest

from chalicelib import events
from chalicelib.sync_runner import run_to_end
from jobhook.adapters.start_messages import to_message
from jobhook.core.errors import WebhookRefused, WebhookUnavailable
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Status
from jobhook.core.executions.writes import PutFire
from jobhook.core.notifications.policy import NotificationPolicy
from jobhook.core.schedules.rows import Fire, FireState
from jobhook.core.targets.answer import Answer
from jobhook.ports import WorkflowEnd
from jobhook.use_cases.dispatch_schedule import occurrence
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend


def _rule_event(
    backend: MemoryBackend, time: str = "2026-11-21T08:01:00Z", path: str = "rule/jobhook-prod-"
) -> events.Event:
    suffix = backend.memory.rows.schedules[flow.EVERY_MINUTE].rule_suffix
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": time,
        "region": "eu-west-1",
        "resources": [f"arn:aws:events:eu-west-1:123456789012:{path}{suffix}"],
        "detail": {},
    }


@pytest.mark.parametrize("path", ["rule/", "rule/jobhook-prod-", "rule/other-bus/jobhook-prod-"])
def test_dispatch_starts_what_the_rule_stands_for_at_the_events_time(backend: MemoryBackend, path: str) -> None:
    job = run_to_end(flow.put(backend))
    backend.clock.advance(300)
    events.dispatch(backend, _rule_event(backend, "2026-11-21T08:02:31Z", path))
    assert backend.workflows.starts == [f"{job.guid}_{job.incarnation}_1795248120000"]


def test_dispatch_of_a_rule_that_no_schedule_has_starts_nothing(backend: MemoryBackend) -> None:
    run_to_end(flow.put(backend))
    event = dict(_rule_event(backend))
    event["resources"] = ["arn:aws:events:eu-west-1:123456789012:rule/jobhook-prod-0123-4567"]
    events.dispatch(backend, event)
    assert not backend.workflows.starts


def test_start_pages_returns_only_what_failed(backend: MemoryBackend) -> None:
    job = run_to_end(flow.put(backend))
    backend.clock.advance(60)
    refused = f"{job.guid}_{job.incarnation}_1795248060000"
    backend.workflows.refused.add(refused)
    events.dispatch(backend, _rule_event(backend))
    (page,) = backend.start_queue.pages
    records = [
        {"messageId": "1", "body": to_message(replace(page, name="gone"))},
        {"messageId": "2", "body": to_message(page)},
        {"messageId": "3", "body": "nonsense"},
    ]
    answer = events.start_pages(backend, {"Records": records})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "3"}]}
    backend.workflows.refused.clear()
    assert events.start_pages(backend, {"Records": records[:2]}) == {"batchItemFailures": []}
    assert backend.workflows.starts == [refused]


def test_the_messages_of_a_version_without_page_rows_are_understood(backend: MemoryBackend) -> None:
    job = run_to_end(flow.put(backend))
    fire = Fire(flow.EVERY_MINUTE, 1_795_248_060_000, FireState.OPEN, 0, 1_795_248_060_000)
    run_to_end(backend.effects.carry_out(Decision((PutFire(fire),))))
    run = occurrence(job.scheduled(fire.expression), fire.expression, fire.scheduled_time_ms, backend.settings)
    old = {"expression": fire.expression, "scheduled_time_ms": fire.scheduled_time_ms, "after": ["x"], "started": 3}
    for body in ({**old, "runs": [run.to_json()]}, {**old, "runs": []}):
        records = [{"messageId": "1", "body": json.dumps(body)}]
        assert events.start_pages(backend, {"Records": records}) == {"batchItemFailures": []}
    assert backend.workflows.starts == [run.execution_id]
    assert backend.memory.rows.fires[fire.expression, fire.scheduled_time_ms].state is FireState.DONE


def test_invoke_sends_the_webhook_and_waits(backend: MemoryBackend) -> None:
    run_to_end(flow.put(backend))
    (run,) = run_to_end(flow.fire(backend))
    token = backend.workflows.new_task(run.execution_id)
    events.invoke(backend, {"execution": {**run.to_json(), "failure": {"added": "later"}}, "task_token": token})
    assert flow.record(backend, run).status is Status.RUNNING


@pytest.mark.parametrize(("http_status", "error"), [(503, WebhookUnavailable), (404, WebhookRefused)])
def test_errors_of_a_task_leave_by_their_own_class(
    backend: MemoryBackend, http_status: int, error: type[Exception]
) -> None:
    run_to_end(flow.put(backend))
    (run,) = run_to_end(flow.fire(backend))
    backend.webhooks.answers.append(Answer(http_status))
    with pytest.raises(error) as raised:
        events.invoke(backend, {"execution": run.to_json(), "task_token": backend.workflows.new_task(run.execution_id)})
    assert type(raised.value) is error


def test_record_failure_reads_the_machines_error(backend: MemoryBackend) -> None:
    run = run_to_end(flow.started(backend))
    cause = json.dumps({"errorMessage": "the service answered 404", "errorType": "WebhookRefused", "stackTrace": ["x"]})
    events.record_failure(backend, {"execution": asdict(run), "failure": {"Error": "WebhookRefused", "Cause": cause}})
    execution = flow.record(backend, run)
    assert (execution.status, execution.reason, execution.error) == (
        Status.FAILED,
        "webhook_refused",
        "the service answered 404",
    )


def test_record_failure_does_without_a_cause(backend: MemoryBackend) -> None:
    run = run_to_end(flow.started(backend))
    events.record_failure(backend, {"execution": asdict(run), "failure": {"Error": "States.HeartbeatTimeout"}})
    assert flow.record(backend, run).status is Status.TIMED_OUT


def test_the_end_of_a_run_is_reconciled(backend: MemoryBackend) -> None:
    run = run_to_end(flow.started(backend))
    backend.workflows.lose(run.execution_id)
    backend.workflows.ends[run.execution_id] = WorkflowEnd("Cancelled", "stopped by hand", run)
    event = {
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"name": run.execution_id, "status": "ABORTED"},
    }
    assert events.reconcile(backend, event) == {"mended": True, "notified": False}
    assert flow.record(backend, run).status is Status.CANCELLED
    assert events.reconcile(backend, event) == {"mended": False, "notified": False}


def test_the_end_of_a_run_is_told_and_the_sweep_tells_what_nobody_reported(backend: MemoryBackend) -> None:
    settings = replace(flow.PLAIN, notify=NotificationPolicy("https://chat.example.com/x"))
    first, second = (run_to_end(flow.started(backend, settings, name)) for name in ("first", "second"))
    for run in (first, second):
        run_to_end(flow.fail(backend, run, "States.Timeout"))
    event = {"detail-type": "Step Functions Execution Status Change", "detail": {"name": first.execution_id}}
    assert events.reconcile(backend, event) == {"mended": False, "notified": True}
    answer = events.reconcile(backend, {"detail-type": "Scheduled Event", "detail": {}})
    mended = answer["mended"]
    assert isinstance(mended, dict)
    assert mended["send_due_notifications"] == 1
    reported = [json.loads(body)["execution_id"] for url, body in backend.webhooks.posts if "chat" in url]
    assert reported == [first.execution_id, second.execution_id]


def test_the_reconcilers_own_schedule_runs_every_step(backend: MemoryBackend) -> None:
    answer = events.reconcile(backend, {"detail-type": "Scheduled Event", "detail": {}})
    assert answer["unfinished"] == {}
    assert json.dumps(answer)
