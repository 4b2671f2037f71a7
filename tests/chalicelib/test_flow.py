"""The whole flow on moto: PUT, rule, dispatch, execution, webhook, callbacks, history, DELETE."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from chalicelib import events
from chalicelib.sync_runner import run_to_end
from jobhook.core.errors import ExecutionEnded, WebhookRefused
from jobhook.core.executions.execution import Execution, Status
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.jobs.job import Job, JobSettings
from jobhook.core.paging import ExecutionFilter
from jobhook.core.times import SECOND_MS, floor_to_minute
from jobhook.use_cases.cancel_execution import cancel_execution
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.pause_job import pause_job, resume_job
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.read_executions import list_job_executions
from jobhook.use_cases.reconcile import reconcile, reconcile_execution
from jobhook.use_cases.retry_execution import retry_execution
from jobhook.use_cases.run_job import run_job
from tests.chalicelib.moto_stack import PREFIX, MotoStack, moto_stack

EVERY_MINUTE = "cron(* * * * ? *)"
MINUTE = 60 * SECOND_MS


@pytest.fixture
def stack() -> Iterator[MotoStack]:
    with moto_stack() as running:
        yield running


def put(stack: MotoStack, name: str = "nightly", **changes: object) -> Job:
    plain = JobSettings(stack.service.url, EVERY_MINUTE, ttl_seconds=60, timeout_seconds=300, payload='{"n": 1}')
    settings = replace(plain, **changes)  # type: ignore[arg-type]  # each test names fields of JobSettings
    return run_to_end(put_job(stack.backend, "reports", name, settings)).job


def next_minute(stack: MotoStack) -> int:
    """A due time of what is put now, of which it is clear that the job takes part."""
    return floor_to_minute(stack.backend.clock.now_ms()) + 2 * MINUTE


def invoked(stack: MotoStack, times: int) -> None:
    """Wait until so many functions have been called and have returned."""
    stack.until(lambda: stack.invoked >= times)


def history(stack: MotoStack, name: str = "nightly") -> list[Execution]:
    page = run_to_end(list_job_executions(stack.backend, "reports", name, ExecutionFilter(), None, 50))
    return list(page.items)


def ended(stack: MotoStack, time_ms: int, name: str = "nightly") -> Execution:
    """The record, after the state machine has ended the run too."""
    record = stack.execution("reports", name, time_ms)
    if record is None:
        stack.until(lambda: stack.execution("reports", name, time_ms) is not None)
        record = stack.execution("reports", name, time_ms)
    assert record is not None
    execution_id = record.id
    stack.until(lambda: stack.ended(execution_id))
    record = stack.execution("reports", name, time_ms)
    assert record is not None
    return record


def test_a_job_is_put_runs_beats_succeeds_and_is_deleted(stack: MotoStack) -> None:
    job = put(stack)
    (rule,) = stack.rules()
    assert rule.startswith(PREFIX)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 1)
    (webhook,) = stack.service.webhooks
    assert webhook["scheduled_time_ms"] == due
    assert webhook["payload"] == '{"n": 1}'
    assert webhook["last_successful_execution"] is None
    assert str(webhook["callback_url"]).startswith(f"https://jobs.example.com/api/callback/{job.guid}/")

    beating = stack.call_back(webhook, status="heartbeat", progress=50)
    assert (beating.status, beating.progress) == (Status.RUNNING, 50)
    succeeded = stack.call_back(webhook, status="success", state="42", summary="done")
    assert succeeded.status is Status.SUCCESS
    record = ended(stack, due)
    assert (record.state, record.summary, record.workflow_reported) == ("42", "done", True)
    assert [(attempt.number, attempt.http_status, attempt.response) for attempt in record.attempts] == [(1, 202, "ok")]
    assert [one.id for one in history(stack)] == [record.id]
    end = run_to_end(stack.backend.workflows.describe_end(record.id))
    assert end is not None
    assert end.error is None

    stack.fire(due + MINUTE)
    invoked(stack, 2)
    last = stack.service.webhooks[1]["last_successful_execution"]
    assert isinstance(last, dict)
    assert (last["name"], last["state"], last["summary"]) == (record.id, "42", "done")

    run_to_end(delete_job(stack.backend, "reports", "nightly"))
    assert stack.rules() == []
    assert run_to_end(stack.backend.store.list_schedules()) == []


def test_a_doubled_event_starts_nothing_twice(stack: MotoStack) -> None:
    put(stack)
    due = next_minute(stack)
    for _ in range(3):
        stack.fire(due)
    invoked(stack, 1)
    stack.call_back(stack.service.webhooks[0], status="success")
    stack.fire(due)
    ended(stack, due)
    assert len(stack.service.webhooks) == 1


def test_many_jobs_of_a_schedule_start_page_by_page(stack: MotoStack) -> None:
    names = {f"job-{number}" for number in range(7)}
    for name in sorted(names):
        put(stack, name)
    assert len(stack.rules()) == 1
    stack.fire(next_minute(stack))
    invoked(stack, 7)
    assert {webhook["job_name"] for webhook in stack.service.webhooks} == names
    for webhook in stack.service.webhooks:
        stack.call_back(webhook, status="success")


def test_a_failure_is_recorded_with_what_the_service_said(stack: MotoStack) -> None:
    put(stack)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 1)
    stack.call_back(stack.service.webhooks[0], status="fail", error="disk full")
    record = ended(stack, due)
    assert (record.status, record.reason, record.error) == (Status.FAILED, "job_failed", "disk full")
    end = run_to_end(stack.backend.workflows.describe_end(record.id))
    assert end is not None
    assert (end.error, "JobFailed" in (end.cause or "")) == ("ExecutionFailed", True)
    with pytest.raises(ExecutionEnded):
        stack.call_back(stack.service.webhooks[0], status="success")


def test_a_service_that_never_calls_back_is_timed_out(stack: MotoStack) -> None:
    """The error is States.Timeout, as recordings of AWS show for a lapsed heartbeat; the record's clocks say why."""
    put(stack, ttl_seconds=1, timeout_seconds=5)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 2)
    record = ended(stack, due)
    assert record.status is Status.TIMED_OUT
    assert record.reason == "ttl_expired"
    with pytest.raises(ExecutionEnded):
        stack.call_back(stack.service.webhooks[0], status="success")


def test_a_second_run_of_an_exclusive_job_is_refused_and_recorded(stack: MotoStack) -> None:
    put(stack, exclusive=True)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 1)
    stack.fire(due + MINUTE)
    refused = ended(stack, due + MINUTE)
    assert (refused.status, refused.reason) == (Status.FAILED, "exclusive_run_in_progress")
    assert len(stack.service.webhooks) == 1

    stack.call_back(stack.service.webhooks[0], status="success")
    ended(stack, due)
    before = stack.invoked
    stack.fire(due + 2 * MINUTE)
    invoked(stack, before + 1)
    assert len(stack.service.webhooks) == 2


def test_a_service_that_refuses_is_not_asked_again(stack: MotoStack) -> None:
    stack.service.statuses = [404]
    put(stack)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 2)
    record = ended(stack, due)
    assert (record.status, record.reason) == (Status.FAILED, "webhook_refused")
    assert len(record.attempts) == 1


def test_a_service_that_is_busy_is_asked_three_times(stack: MotoStack) -> None:
    stack.service.statuses = [503, 500, 429]
    put(stack)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 4)
    record = ended(stack, due)
    assert (record.status, record.reason) == (Status.FAILED, "webhook_unavailable")
    assert [attempt.http_status for attempt in record.attempts] == [503, 500, 429]
    assert [webhook["attempt"] for webhook in stack.service.webhooks] == [1, 2, 3]


def test_a_service_that_recovers_runs(stack: MotoStack) -> None:
    stack.service.statuses = [503, 200]
    put(stack)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 2)
    stack.call_back(stack.service.webhooks[1], status="success")
    record = ended(stack, due)
    assert record.status is Status.SUCCESS
    assert [attempt.http_status for attempt in record.attempts] == [503, 200]


def test_a_run_that_nobody_recorded_is_closed_by_the_reconciler(stack: MotoStack) -> None:
    """Nothing was ever written; the state machine is all that knows."""

    def unreachable(event: object) -> None:
        raise WebhookRefused("no")

    stack.functions = {"invoke": unreachable, "record-failure": lambda event: None}
    job = put(stack)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 2)
    (execution_id,) = [
        run["name"]
        for run in stack.machines.list_executions(
            stateMachineArn=stack.machines.list_state_machines()["stateMachines"][0]["stateMachineArn"]
        )["executions"]
    ]
    stack.until(lambda: stack.ended(execution_id))
    assert list(run_to_end(stack.backend.workflows.list_failed(0))) == [execution_id]
    assert run_to_end(reconcile_execution(stack.backend, execution_id)) is True
    record = stack.execution("reports", "nightly", due)
    assert record is not None
    assert (record.status, record.reason) == (Status.FAILED, "webhook_refused")
    assert job.guid == record.key.guid


def test_the_reconciler_finds_nothing_to_mend_where_all_is_well(stack: MotoStack) -> None:
    put(stack)
    due = next_minute(stack)
    stack.fire(due)
    invoked(stack, 1)
    stack.call_back(stack.service.webhooks[0], status="success")
    ended(stack, due)
    report = run_to_end(reconcile(stack.backend))
    assert report.unfinished == {}
    assert set(report.mended.values()) == {0}


def test_a_run_by_hand_is_cancelled_and_retried(stack: MotoStack) -> None:
    put(stack, exclusive=True, enabled=False)
    asked = run_to_end(run_job(stack.backend, "reports", "nightly", RunRequest("today", replaces_payload=True)))
    invoked(stack, 1)
    stack.until(lambda: stack.waits(asked.id))
    assert run_to_end(cancel_execution(stack.backend, asked.id)).status is Status.CANCELLED
    with pytest.raises(ExecutionEnded, match="cancelled"):
        stack.call_back(stack.service.webhooks[0], status="heartbeat")
    stack.until(lambda: stack.ended(asked.id))
    end = run_to_end(stack.backend.workflows.describe_end(asked.id))
    assert end is not None
    assert '"Cancelled"' in (end.cause or "")

    before = stack.invoked
    retry = run_to_end(retry_execution(stack.backend, asked.id))
    invoked(stack, before + 1)
    webhook = stack.service.webhooks[1]
    assert (webhook["execution_id"], webhook["payload"], webhook["retry_of"]) == (retry.id, "today", asked.id)
    stack.call_back(webhook, status="success")
    stack.until(lambda: stack.ended(retry.id))
    newest, oldest = history(stack)
    assert (newest.retry_of, oldest.retried_by) == (asked.id, retry.id)
    assert (newest.status, oldest.status) == (Status.SUCCESS, Status.CANCELLED)


def test_a_paused_job_is_skipped_and_the_ledger_says_why(stack: MotoStack) -> None:
    put(stack)
    run_to_end(pause_job(stack.backend, "reports", "nightly", "holiday", None))
    due = next_minute(stack)
    stack.fire(due)
    (record,) = history(stack)
    assert (record.status, record.reason, record.key.scheduled_time_ms) == (Status.SKIPPED, "job_paused", due)
    run_to_end(resume_job(stack.backend, "reports", "nightly"))
    stack.fire(due + MINUTE)
    invoked(stack, 1)
    stack.call_back(stack.service.webhooks[0], status="success")
    ended(stack, due + MINUTE)


@pytest.mark.parametrize("status", ["success", "fail"])
def test_a_service_may_call_back_before_the_function_has_returned(stack: MotoStack, status: str) -> None:
    def invoke(event: Mapping[str, object]) -> None:
        events.invoke(stack.backend, event)
        for said in ("heartbeat", status):
            stack.call_back_at_once(stack.service.webhooks[0], status=said)

    put(stack)
    stack.functions["invoke"] = invoke
    due = next_minute(stack)
    stack.fire(due)
    assert ended(stack, due).status is {"success": Status.SUCCESS, "fail": Status.FAILED}[status]
