"""What people ask of executions: when a run by hand is due, what may be retried, and what cancelling does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.errors import ExecutionEnded, InvalidDocument, JobNotFound, NotRetryable
from jobhook.core.executions.execution import OPEN, Execution, Status, Trigger
from jobhook.core.executions.manual_runs import (
    RunRequest,
    begin_requested,
    decide_cancel,
    free_time,
    request_retry,
    request_run,
)
from jobhook.core.executions.writes import CountEnded, FreeLock, PutChange, PutExecution
from jobhook.core.jobs.audit import cancelled, requested
from jobhook.core.jobs.overlap import Overlap
from tests.contract.values import MINUTE, RICH, T0, a_job, an_execution

ENDED = [status for status in Status if status not in OPEN]


@given(now_ms=st.integers(0, 2**41), taken=st.integers(0, 3_000))
def test_no_run_by_hand_is_due_when_an_occurrence_could_be(now_ms: int, taken: int) -> None:
    time_ms = free_time(now_ms, taken)
    assert time_ms % 1_000 != 0
    assert time_ms >= now_ms
    assert free_time(now_ms, taken + 1) > time_ms


@pytest.mark.parametrize(
    ("exclusive", "overlap", "takes_lock"),
    [(False, None, False), (False, Overlap.ALLOW, False), (True, None, True), (True, Overlap.REFUSE, True)],
)
def test_a_run_takes_the_lock_that_its_job_would(exclusive: bool, overlap: Overlap | None, takes_lock: bool) -> None:
    job = a_job(settings=replace(RICH, exclusive=exclusive))
    assert request_run(job, RunRequest(overlap=overlap), T0).holds_lock is takes_lock


def test_a_run_that_may_overlap_leaves_the_lock_alone() -> None:
    assert request_run(a_job(settings=RICH), RunRequest(overlap=Overlap.ALLOW), T0).holds_lock is False


def test_only_an_exclusive_jobs_run_can_be_refused() -> None:
    with pytest.raises(InvalidDocument, match="not exclusive"):
        request_run(a_job(), RunRequest(overlap=Overlap.REFUSE), T0)


@pytest.mark.parametrize(
    ("request_", "payload"),
    [
        (RunRequest(), RICH.payload),
        (RunRequest("other", replaces_payload=True), "other"),
        (RunRequest(None, replaces_payload=True), None),
    ],
)
def test_a_payload_replaces_the_jobs_only_where_one_is_given(request_: RunRequest, payload: str | None) -> None:
    assert request_run(a_job(settings=RICH), request_, T0).payload == payload


def test_what_may_go_on_counts_from_the_first_attempt() -> None:
    asked = request_run(a_job(), RunRequest(), T0)
    begun = begin_requested(asked, T0 + 10 * MINUTE)
    assert begun.timeout_at_ms == T0 + 15 * MINUTE
    assert (begun.started_at_ms, begun.invocation_latency_ms) == (T0 + 10 * MINUTE, 10 * MINUTE)


def test_a_retry_and_what_it_repeats_know_each_other() -> None:
    failed = replace(an_execution(status=Status.FAILED), payload="of then")
    retry, decision = request_retry(failed, a_job(settings=RICH), T0 + 1, "ann")
    assert (retry.trigger, retry.retry_of, retry.payload) == (Trigger.RETRY, failed.id, "of then")
    assert retry.invocation_target == RICH.invocation_target
    linked = replace(failed, retried_by=retry.id, revision=failed.revision + 1)
    change = PutChange(requested(a_job(settings=RICH), retry, "ann"))
    assert decision.writes == (PutExecution(retry, None), PutExecution(linked, failed.revision), change)


def test_what_never_began_is_retried_with_the_jobs_payload() -> None:
    missed = replace(an_execution(status=Status.MISSED), attempts=())
    assert request_retry(missed, a_job(settings=RICH), T0 + 1)[0].payload == RICH.payload


@pytest.mark.parametrize("status", [*sorted(OPEN), Status.SUCCESS])
def test_what_runs_or_has_succeeded_is_not_retried(status: Status) -> None:
    with pytest.raises(NotRetryable):
        request_retry(an_execution(status=status), a_job(), T0 + 1)


def test_nothing_is_retried_twice() -> None:
    with pytest.raises(NotRetryable, match="already, by execution x"):
        request_retry(replace(an_execution(status=Status.FAILED), retried_by="x"), a_job(), T0 + 1)


@pytest.mark.parametrize("incarnation", [None, "two"])
def test_what_a_deleted_job_did_is_not_retried(incarnation: str | None) -> None:
    job = None if incarnation is None else a_job(incarnation=incarnation)
    with pytest.raises(JobNotFound):
        request_retry(an_execution(status=Status.FAILED), job, T0 + 1)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_execution_is_cancelled_and_its_task_told(status: Status) -> None:
    execution = replace(an_execution(status=status), holds_lock=True)
    decision = decide_cancel(execution, T0 + 5, "ann")
    put, counted, free, change = decision.writes
    assert counted == CountEnded(execution.key, "reports", Status.CANCELLED)
    assert change == PutChange(cancelled(execution, "ann", T0 + 5))
    assert isinstance(put, PutExecution)
    assert (put.execution.status, put.execution.reason) == (Status.CANCELLED, "cancelled")
    assert free == FreeLock(execution.key)
    assert decision.completion is not None
    assert decision.completion.error == "Cancelled"


def test_cancelling_again_tells_again_until_the_state_machine_knows() -> None:
    cancelled = an_execution(status=Status.CANCELLED)
    assert decide_cancel(cancelled, T0).writes == ()
    assert decide_cancel(cancelled, T0).completion is not None
    assert decide_cancel(replace(cancelled, workflow_reported=True), T0).completion is None


@pytest.mark.parametrize("status", [status for status in ENDED if status is not Status.CANCELLED])
def test_what_ended_otherwise_is_not_cancelled(status: Status) -> None:
    execution: Execution = an_execution(status=status)
    with pytest.raises(ExecutionEnded, match="cannot be cancelled"):
        decide_cancel(execution, T0)
