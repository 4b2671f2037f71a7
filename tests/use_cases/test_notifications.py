"""Telling targets of the ends of executions, whoever dies, doubles or changes what in between."""

import json
from dataclasses import replace

import pytest

from jobhook.core.errors import ExecutionEnded
from jobhook.core.executions.execution import Execution, ExecutionInput, Status
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.executions.writes import Moment
from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.policy import BACKOFF_MS, LEASE_MS, Delivery, Event, Format, Notification
from jobhook.core.notifications.policy import NotificationPolicy as Policy
from jobhook.core.targets.answer import Answer
from jobhook.core.times import SECOND_MS
from jobhook.ports import WorkflowEnd
from jobhook.use_cases.cancel_execution import cancel_execution
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.delete_job import delete_job
from jobhook.use_cases.pause_job import pause_job
from jobhook.use_cases.put_job import put_job
from jobhook.use_cases.reconcile import Step, follow_run, reconcile
from jobhook.use_cases.retry_execution import retry_execution
from jobhook.use_cases.run_job import run_job
from jobhook.use_cases.send_notifications import AT_ONCE, Sent, send_due_notifications, send_notification
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend
from tests.fakes.tripwire import Crash

CHAT = "https://chat.example.com/hooks/s3cret"
SILENCE = Answer(None, error="no whole answer within 10 s")
NOTIFYING = replace(flow.PLAIN, notify=Policy(CHAT))
OF_ALL = replace(flow.PLAIN, notify=Policy(CHAT, tuple(Event)))


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


def reported(backend: MemoryBackend, url: str = CHAT) -> list[dict[str, object]]:
    """What a target has been sent."""
    return [json.loads(body) for to, body in backend.webhooks.posts if to == url]


def notification(backend: MemoryBackend, run: ExecutionInput | ExecutionKey) -> Notification:
    found = flow.record(backend, run).notification
    assert found is not None
    return found


async def failed(backend: MemoryBackend, settings: object = NOTIFYING) -> ExecutionInput:
    """A run that has failed, of which nobody was told yet."""
    assert isinstance(settings, type(flow.PLAIN))
    run = await flow.started(backend, settings)
    await flow.call_back(backend, status="fail", error="no room")
    return run


async def answers(backend: MemoryBackend, run: ExecutionInput, *answers: Answer) -> None:
    """The target gives these answers, each attempt as soon as it is due."""
    for answer in answers:
        at_ms = notification(backend, run).next_at_ms
        assert at_ms is not None
        backend.clock.time_ms = max(backend.clock.time_ms, at_ms)
        backend.webhooks.answers.append(answer)
        assert await send_notification(backend, run.key) is not None


async def test_the_intent_is_stored_with_the_end_and_sent_once(backend: MemoryBackend) -> None:
    run = await failed(backend)
    assert notification(backend, run) == Notification(Event.FAILED, next_at_ms=backend.clock.now_ms())
    assert await send_notification(backend, run.key) == Sent("chat.example.com", answered=True)
    (message,) = reported(backend)
    assert message["id"] == f"{run.execution_id}:failed"
    assert (message["status"], message["reason"], message["error"]) == ("failed", "job_failed", "no room")
    done = notification(backend, run)
    assert (done.status, done.attempts, done.http_status) == (Delivery.DELIVERED, 1, 200)
    assert await send_notification(backend, run.key) is None
    assert len(reported(backend)) == 1


async def test_a_job_without_a_policy_costs_no_read_and_no_write_more() -> None:
    plain, notifying = MemoryBackend(), MemoryBackend()
    await failed(plain, flow.PLAIN)
    await failed(notifying)
    assert plain.tripwire.passed == notifying.tripwire.passed


@pytest.mark.parametrize("error", ["States.HeartbeatTimeout", "WebhookRefused"])
async def test_an_end_by_the_state_machine_is_told_too(backend: MemoryBackend, error: str) -> None:
    run = await flow.started(backend, NOTIFYING)
    await flow.fail(backend, run, error)
    assert notification(backend, run).status is Delivery.PENDING


async def test_an_exclusive_run_that_is_refused_is_told(backend: MemoryBackend) -> None:
    await flow.started(backend, flow.exclusive(NOTIFYING))
    (second,) = await flow.fire(backend)
    assert await flow.attempt(backend, second) is not None
    await flow.fail(backend, second, "ExclusiveRunInProgress")
    assert notification(backend, second).event is Event.FAILED


async def test_what_was_missed_or_skipped_is_told(backend: MemoryBackend) -> None:
    job = await flow.put(backend, settings=OF_ALL)
    row = backend.memory.rows.schedules[flow.EVERY_MINUTE]
    backend.clock.advance(185)
    await catch_up(backend, row, backend.clock.now_ms())
    await pause_job(backend, "reports", "nightly", "a move", None)
    await flow.fire(backend)
    events = {
        execution.status: execution.notification and execution.notification.event
        for key, execution in backend.memory.rows.executions.items()
        if key.guid == job.guid
    }
    assert events == {Status.MISSED: Event.MISSED, Status.SKIPPED: Event.SKIPPED}


async def test_runs_and_retries_by_hand_are_told_and_what_a_retry_links_keeps_its_own(backend: MemoryBackend) -> None:
    run = await failed(backend)
    retry = await retry_execution(backend, run.execution_id)
    assert notification(backend, run).status is Delivery.PENDING
    await cancel_execution(backend, retry.id)
    assert flow.record(backend, retry.key).notification is None  # a cancellation is not in this job's policy
    await put_job(backend, "reports", "nightly", OF_ALL)
    asked = await run_job(backend, "reports", "nightly", RunRequest())
    await cancel_execution(backend, asked.id)
    assert notification(backend, asked.key).event is Event.CANCELLED


async def success(backend: MemoryBackend) -> Execution:
    (run,) = await flow.fire(backend)
    assert await flow.attempt(backend, run) is None
    return await flow.call_back(backend, status="success")


async def test_the_first_success_after_a_failure_is_a_recovery_and_the_next_is_none(backend: MemoryBackend) -> None:
    await failed(backend)
    recovered = await success(backend)
    assert recovered.notification == Notification(Event.RECOVERED, next_at_ms=backend.clock.now_ms())
    assert (await success(backend)).notification is None


async def test_a_first_success_recovers_from_nothing(backend: MemoryBackend) -> None:
    await flow.put(backend, settings=NOTIFYING)
    assert (await success(backend)).notification is None


async def test_a_recovery_is_seen_past_what_says_nothing_of_the_service(backend: MemoryBackend) -> None:
    await failed(backend)
    await pause_job(backend, "reports", "nightly", "a move", backend.clock.now_ms() + 61 * SECOND_MS)
    await flow.fire(backend)
    recovered = await success(backend)
    assert recovered.notification is not None
    assert recovered.notification.event is Event.RECOVERED


async def test_an_end_that_is_repeated_is_told_once(backend: MemoryBackend) -> None:
    run = await failed(backend)
    assert await send_notification(backend, run.key) is not None
    await flow.call_back(backend, 0, status="fail", error="no room")
    with pytest.raises(ExecutionEnded):
        await flow.call_back(backend, 0, status="success")
    assert await send_notification(backend, run.key) is None
    assert len(reported(backend)) == 1


async def test_a_target_that_is_down_is_tried_ever_later_and_given_up_with_the_reason(backend: MemoryBackend) -> None:
    run = await failed(backend)
    began_ms = backend.clock.now_ms()
    await answers(backend, run, Answer(500), SILENCE, Answer(404), Answer(302), Answer(429))
    assert notification(backend, run).status is Delivery.PENDING
    assert backend.clock.now_ms() - began_ms == sum(BACKOFF_MS[:4])
    await answers(backend, run, Answer(410))
    given_up = notification(backend, run)
    assert (given_up.status, given_up.attempts, given_up.next_at_ms) == (Delivery.FAILED, 6, None)
    assert (given_up.http_status, given_up.error) == (410, "the target answered 410")
    assert {message["id"] for message in reported(backend)} == {f"{run.execution_id}:failed"}
    assert len(reported(backend)) == 6


async def test_nothing_is_sent_before_its_time(backend: MemoryBackend) -> None:
    run = await failed(backend)
    await answers(backend, run, Answer(503))
    backend.clock.time_ms += BACKOFF_MS[0] - 1
    assert await send_notification(backend, run.key) is None
    await answers(backend, run, Answer(204))
    assert notification(backend, run).status is Delivery.DELIVERED


async def test_a_redirect_is_not_followed_and_said(backend: MemoryBackend) -> None:
    run = await failed(backend)
    await answers(backend, run, Answer(301))
    assert notification(backend, run).error == "the target answered 301; redirects are not followed"


async def test_two_senders_at_once_send_once(backend: MemoryBackend) -> None:
    run = await failed(backend)

    async def another(url: str, body: bytes) -> Answer:
        assert await send_notification(backend, run.key) is None
        return Answer(200)

    backend.webhooks.answers.append(another)
    assert await send_notification(backend, run.key) is not None
    assert len(reported(backend)) == 1


async def test_a_claim_that_another_has_won_is_not_sent(backend: MemoryBackend) -> None:
    run = await failed(backend)

    async def rival() -> None:
        await send_notification(backend, run.key)

    backend.tripwire.set(1, rival)  # just before this one's claim
    assert await send_notification(backend, run.key) is None
    assert len(reported(backend)) == 1


@pytest.mark.parametrize("moment", range(1, 7))
async def test_a_sender_that_dies_anywhere_is_followed_by_another(backend: MemoryBackend, moment: int) -> None:
    run = await failed(backend)
    backend.tripwire.set(moment)
    with pytest.raises(Crash):
        await send_notification(backend, run.key)
    if notification(backend, run).status is Delivery.PENDING:
        backend.clock.time_ms += LEASE_MS
        assert await send_notification(backend, run.key) is not None
    assert notification(backend, run).status is Delivery.DELIVERED
    assert 1 <= len(reported(backend)) <= 2  # at least once
    assert {message["id"] for message in reported(backend)} == {f"{run.execution_id}:failed"}


async def test_a_late_yes_counts_even_where_another_attempt_was_claimed_meanwhile(backend: MemoryBackend) -> None:
    run = await failed(backend)

    async def slow(url: str, body: bytes) -> Answer:
        backend.clock.time_ms += LEASE_MS
        backend.webhooks.answers.append(Answer(500))
        await send_notification(backend, run.key)
        return Answer(200)

    backend.webhooks.answers.append(slow)
    await send_notification(backend, run.key)
    assert notification(backend, run).status is Delivery.DELIVERED


async def test_a_late_no_does_not_undo_what_another_has_claimed(backend: MemoryBackend) -> None:
    run = await failed(backend)

    async def slow(url: str, body: bytes) -> Answer:
        backend.clock.time_ms += LEASE_MS
        await send_notification(backend, run.key)
        return SILENCE

    backend.webhooks.answers.append(slow)
    await send_notification(backend, run.key)
    assert notification(backend, run).status is Delivery.DELIVERED


async def test_a_corrected_target_and_format_are_used_and_the_event_stays(backend: MemoryBackend) -> None:
    run = await failed(backend)
    await answers(backend, run, Answer(404))
    corrected = Policy("https://pager.example.com/x", (Event.SUCCESS,), Format.SLACK)
    await put_job(backend, "reports", "nightly", replace(NOTIFYING, notify=corrected))
    await answers(backend, run, Answer(200))
    ((message),) = reported(backend, corrected.target)
    assert list(message) == ["text"]
    assert " failed, " in str(message["text"])
    assert len(reported(backend)) == 1


async def test_what_the_record_was_begun_with_decides_of_which_ends_is_told(backend: MemoryBackend) -> None:
    await flow.started(backend, NOTIFYING)
    await put_job(backend, "reports", "nightly", replace(NOTIFYING, notify=Policy(CHAT, (Event.MISSED,))))
    ended = await flow.call_back(backend, status="fail")
    assert ended.notification is not None


@pytest.mark.parametrize("anew", [False, True])
async def test_a_deleted_job_tells_nobody_and_the_record_says_so(backend: MemoryBackend, anew: bool) -> None:
    run = await failed(backend)
    await delete_job(backend, "reports", "nightly")
    if anew:
        await flow.put(backend, settings=NOTIFYING)
    assert await send_notification(backend, run.key) is None
    given_up = notification(backend, run)
    assert (given_up.status, given_up.error) == (Delivery.FAILED, "the job was deleted before its target was told")
    assert not reported(backend)


async def test_a_policy_that_was_taken_away_tells_nobody_and_the_record_says_so(backend: MemoryBackend) -> None:
    run = await failed(backend)
    await put_job(backend, "reports", "nightly", flow.PLAIN)
    assert await send_notification(backend, run.key) is None
    assert notification(backend, run).error == "the job's notifications were taken away before its target was told"


async def test_an_execution_without_one_or_that_is_gone_is_passed_over(backend: MemoryBackend) -> None:
    run = await failed(backend, flow.PLAIN)
    assert await send_notification(backend, run.key) is None
    assert await send_notification(backend, replace(run.key, scheduled_time_ms=1)) is None


async def _several(backend: MemoryBackend, targets: list[str]) -> None:
    for number, target in enumerate(targets):
        await flow.put(backend, f"j{number}", replace(flow.PLAIN, notify=Policy(target)))
    for run in await flow.fire(backend):
        await flow.fail(backend, run, "JobGone")
        record = flow.record(backend, run)
        pending = Notification(Event.FAILED, next_at_ms=backend.clock.now_ms())
        backend.memory.rows.executions[run.key] = replace(record, notification=pending)


async def test_a_sweep_sends_what_is_due_and_nothing_else(backend: MemoryBackend) -> None:
    await _several(backend, [CHAT, CHAT, "https://pager.example.com"])
    assert await send_due_notifications(backend, 0) == 3
    assert await send_due_notifications(backend, 0) == 0
    assert len(reported(backend)) == 2


async def test_a_sweep_waits_for_a_silent_host_once(backend: MemoryBackend) -> None:
    await _several(backend, [CHAT] * 5 + ["https://pager.example.com"])

    async def answer(url: str, body: bytes) -> Answer:
        if url != CHAT:
            return Answer(200)
        backend.clock.advance(10)
        return SILENCE

    backend.webhooks.answers.extend([answer] * 6)
    assert await send_due_notifications(backend, 0) == 6
    assert (len(reported(backend)), len(reported(backend, "https://pager.example.com"))) == (1, 1)
    states = [one.notification for one in backend.memory.rows.executions.values() if one.notification]
    unsent = [one for one in states if (one.error or "").startswith("not sent")]
    assert [one.attempts for one in unsent] == [1] * 4
    assert all(one.next_at_ms is not None for one in unsent)


async def test_a_sweep_ends_in_bounded_time_whatever_the_targets_do(backend: MemoryBackend) -> None:
    await _several(backend, [f"https://h{number}.example.com/" for number in range(12)])

    async def hang(url: str, body: bytes) -> Answer:
        backend.clock.advance(10)
        return SILENCE

    backend.webhooks.answers.extend([hang] * 12)
    began_ms = backend.clock.now_ms()
    assert await send_due_notifications(backend, 0) == 6
    assert backend.clock.now_ms() - began_ms == 60 * SECOND_MS
    assert AT_ONCE == 100


async def test_the_reconciler_sends_last_and_its_other_steps_do_not_wait(backend: MemoryBackend) -> None:
    run = await failed(backend)
    report = await reconcile(backend, more=(Step("send_due_notifications", send_due_notifications),))
    assert report.mended["send_due_notifications"] == 1
    assert list(report.mended)[-1] == "send_due_notifications"
    assert notification(backend, run).status is Delivery.DELIVERED
    assert "send_due_notifications" not in (await reconcile(backend)).mended


async def test_the_end_of_a_run_is_told_as_soon_as_step_functions_reports_it(backend: MemoryBackend) -> None:
    run = await failed(backend)
    followed = await follow_run(backend, run.execution_id)
    assert (followed.mended, followed.notified) == (False, True)
    again = await follow_run(backend, run.execution_id)
    assert (again.mended, again.notified) == (False, False)
    assert len(reported(backend)) == 1


async def test_a_run_without_a_record_is_closed_and_told_in_one_go(backend: MemoryBackend) -> None:
    run = await flow.started(backend, NOTIFYING)
    await workflow_times_out(backend, run)
    followed = await follow_run(backend, run.execution_id)
    assert (followed.mended, followed.notified) == (True, True)
    assert (await follow_run(backend, "no id")).mended is False
    assert reported(backend)[0]["event"] == "timed_out"


async def workflow_times_out(backend: MemoryBackend, run: ExecutionInput) -> None:
    backend.workflows.lose(run.execution_id)
    backend.workflows.ends[run.execution_id] = WorkflowEnd("States.Timeout", run=run)


async def test_who_watches_is_told_of_the_last_word_alone(backend: MemoryBackend) -> None:
    run = await failed(backend)
    seen: list[Moment | None] = []
    commit = backend.memory.commit

    async def watched(writes: object) -> None:
        assert isinstance(writes, tuple)
        seen.extend(write.moment for write in writes)
        await commit(writes)

    backend.memory.commit = watched  # type: ignore[method-assign]  # what a watched store adds
    await answers(backend, run, Answer(500), Answer(200))
    assert seen == [None, None, None, Moment.NOTIFIED]
