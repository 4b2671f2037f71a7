"""The embedded engine with the real state machine: every way to end, deadlines, retries and restarts."""

import asyncio
import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from jobhook.core.errors import ExecutionEnded, Unavailable
from jobhook.core.executions.decisions import CompleteTask
from jobhook.core.executions.execution import ExecutionInput, Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.targets.answer import Answer
from jobhook.core.times import MINUTE_MS
from jobhook.ports import TaskGone
from jobhook.server.per_host_limiter import PerHostLimiter
from jobhook.server.recent_runs import RecentRuns
from jobhook.use_cases.delete_job import delete_job
from tests.fakes.backend import START_MS
from tests.fakes.ports import CountingIds, FakeClock
from tests.patience import PATIENCE_SECONDS
from tests.server.one_machine import EVERY_MINUTE, PLAIN, World

LONG = replace(PLAIN, ttl_seconds=600, timeout_seconds=1_200)


def run_of(key: ExecutionKey) -> ExecutionInput:
    return ExecutionInput(key.id, "reports", "nightly", PLAIN.schedule, key.scheduled_time_ms, 60, 60, 300)


async def task_token(world: World, key: ExecutionKey) -> str:
    token = (await world.execution(key)).task_token
    assert token is not None
    return token


async def test_a_run_waits_and_its_success_ends_it(world: World) -> None:
    key = await world.started()
    assert (await world.execution(key)).status is Status.RUNNING
    answered = await world.call_back(world.callback_of(key), "success", summary="all done")
    assert answered.status is Status.SUCCESS
    execution = await world.execution(key)
    assert (execution.status, execution.summary, execution.workflow_reported) == (Status.SUCCESS, "all done", True)
    assert not world.run_is_there(key)
    assert await world.engine.describe_end(key.id) is not None


async def test_a_failure_ends_it_with_its_reason(world: World) -> None:
    key = await world.started()
    await world.call_back(world.callback_of(key), "fail", error="no room")
    execution = await world.execution(key)
    assert (execution.status, execution.reason, execution.error) == (Status.FAILED, "job_failed", "no room")
    assert not world.run_is_there(key)


async def test_a_run_starts_only_once_while_it_runs_and_after_it_has_ended(world: World) -> None:
    key = await world.started()
    assert await world.engine.start([run_of(key), run_of(key)]) == ()
    await world.engine.idle()
    assert len(world.posts(key)) == 1
    await world.call_back(world.callback_of(key), "success")
    await world.engine.start([run_of(key)])
    await world.engine.idle()
    assert len(world.posts(key)) == 1
    assert not world.run_is_there(key)


async def test_a_silent_job_times_out_when_its_ttl_is_over_and_not_before(world: World) -> None:
    key = await world.started()
    expires_at_ms = (await world.execution(key)).expires_at_ms
    assert expires_at_ms == world.clock.time_ms + 60_000
    await world.pass_time(59.9)
    assert (await world.execution(key)).status is Status.RUNNING
    await world.pass_time(0.2)
    execution = await world.execution(key)
    assert (execution.status, execution.reason) == (Status.TIMED_OUT, "ttl_expired")
    assert not world.run_is_there(key)
    with pytest.raises(ExecutionEnded, match="timed_out"):
        await world.call_back(world.callback_of(key), "success")


async def test_heartbeats_carry_a_run_past_its_ttl_but_never_past_its_timeout(world: World) -> None:
    key = await world.started()
    callback = world.callback_of(key)
    for _ in range(5):
        await world.pass_time(50)
        answered = await world.call_back(callback, "heartbeat", progress=50)
        assert answered.status is Status.RUNNING
    await world.pass_time(49.9)
    assert (await world.execution(key)).status is Status.RUNNING
    await world.pass_time(0.2)
    execution = await world.execution(key)
    assert (execution.status, execution.reason) == (Status.TIMED_OUT, "timeout_expired")


async def test_success_after_heartbeats_past_the_ttl(world: World) -> None:
    key = await world.started()
    for _ in range(3):
        await world.pass_time(45)
        await world.call_back(world.callback_of(key), "heartbeat")
    assert (await world.call_back(world.callback_of(key), "success")).status is Status.SUCCESS


async def test_an_unavailable_service_is_tried_three_times_each_with_a_new_url_and_task(world: World) -> None:
    tokens: list[str | None] = []

    async def busy(url: str, body: bytes) -> Answer:
        key = ExecutionKey.parse(json.loads(body)["execution_id"])
        assert key is not None
        tokens.append((await world.execution(key)).task_token)
        return Answer(503, b"busy")

    world.webhooks.answers.extend([busy, busy, busy])
    key = await world.started()
    execution = await world.pass_until(key, seconds=10)
    assert (execution.status, execution.reason) == (Status.FAILED, "webhook_unavailable")
    assert [attempt.http_status for attempt in execution.attempts] == [503, 503, 503]
    assert [post["attempt"] for post in world.posts(key)] == [1, 2, 3]
    assert len({str(post["callback_url"]) for post in world.posts(key)}) == 3
    assert len(set(tokens)) == 3
    assert not world.run_is_there(key)


async def test_the_second_attempt_may_succeed_and_the_first_url_counts_too(world: World) -> None:
    world.webhooks.answers.extend([Answer(None, error="could not connect"), Answer(202)])
    key = await world.started()
    for _ in range(5):
        await world.pass_time(1)
    assert len(world.posts(key)) == 2
    await world.call_back(world.callback_of(key, attempt=0), "success")
    assert (await world.execution(key)).status is Status.SUCCESS
    assert not world.run_is_there(key)


async def test_a_refused_webhook_is_not_tried_again(world: World) -> None:
    world.webhooks.answers.append(Answer(404))
    key = await world.started()
    execution = await world.execution(key)
    assert (execution.status, execution.reason) == (Status.FAILED, "webhook_refused")
    await world.pass_time(600)
    assert len(world.posts(key)) == 1


async def test_a_callback_that_comes_before_the_webhooks_answer_counts(world: World) -> None:
    async def call_back_at_once(url: str, body: bytes) -> Answer:
        guid, token = json.loads(body)["callback_url"].split("/")[-2:]
        await world.call_back_now((guid, token), "success")
        return Answer(500)

    world.webhooks.answers.append(call_back_at_once)
    key = await world.started()
    execution = await world.execution(key)
    assert (execution.status, execution.attempts[0].http_status) == (Status.SUCCESS, 500)
    await world.pass_time(600)
    assert len(world.posts(key)) == 1
    assert not world.run_is_there(key)


async def test_a_heartbeat_between_two_attempts_keeps_the_webhook_from_being_sent_again(world: World) -> None:
    world.webhooks.answers.append(Answer(503))
    key = await world.started()
    await world.call_back(world.callback_of(key), "heartbeat")
    for _ in range(5):
        await world.pass_time(1)
    assert len(world.posts(key)) == 1
    assert (await world.call_back(world.callback_of(key), "success")).status is Status.SUCCESS
    assert not world.run_is_there(key)


async def test_an_exclusive_jobs_second_run_is_refused_until_the_first_has_ended(world: World) -> None:
    exclusive = replace(PLAIN, exclusive=True, ttl_seconds=3_600, timeout_seconds=7_200)
    first = await world.started(settings=exclusive)
    second = replace(first, scheduled_time_ms=await world.fire())
    execution = await world.execution(second)
    assert (execution.status, execution.reason) == (Status.FAILED, "exclusive_run_in_progress")
    assert world.posts(second) == []
    await world.call_back(world.callback_of(first), "fail")
    third = replace(first, scheduled_time_ms=await world.fire())
    assert (await world.execution(third)).status is Status.RUNNING


async def test_a_job_that_is_deleted_before_its_first_attempt_is_skipped(tmp_path: Path) -> None:
    world = World(tmp_path / "jobhook.db", FakeClock(START_MS), CountingIds())
    job = await world.put()
    key = ExecutionKey(job.guid, job.incarnation, START_MS)
    world.engine._due_calls.most = 0
    await world.engine.start([run_of(key)])
    await delete_job(world.backend, "reports", "nightly")
    world.engine._due_calls.most = 10
    world.begin()
    await world.engine.idle()
    execution = await world.pass_until(key, seconds=10)
    assert (execution.status, execution.reason) == (Status.SKIPPED, "job_deleted_or_disabled")
    await world.end()


async def test_a_fault_of_a_function_is_recorded_and_its_text_is_not_shown(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(url: str, body: bytes) -> Answer:
        raise LookupError("the secret of the house")

    world.webhooks.answers.extend([break_down] * 10)
    execution = await world.pass_until(await world.started(), seconds=240)
    assert (execution.status, execution.reason, execution.error) == (Status.FAILED, "internal_error", None)
    assert "LookupError" in caplog.text


async def test_no_more_functions_run_at_once_than_allowed(world: World) -> None:
    gate, running, most = asyncio.Event(), 0, 0

    async def slow(url: str, body: bytes) -> Answer:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        return Answer(200)

    world.engine._due_calls.most = 4
    world.webhooks.answers.extend([slow] * 10)
    for number in range(10):
        await world.put(f"job-{number}")
    firing = asyncio.ensure_future(world.fire())
    while running < 4:  # noqa: ASYNC110 - the event would be set by what is tested
        await asyncio.sleep(0)
    gate.set()
    await firing
    assert most == 4
    assert len(world.webhooks.posts) == 10


async def test_tell_and_heartbeat_of_unknown_or_old_tasks_say_so(world: World) -> None:
    key = await world.started()
    token = await task_token(world, key)
    for gone in ("nobody~1234", key.id + "~0000", "", "~"):
        with pytest.raises(TaskGone):
            await world.engine.heartbeat(gone)
        with pytest.raises(TaskGone):
            await world.engine.complete_task(CompleteTask(key, gone))
    await world.engine.complete_task(CompleteTask(key, token))
    with pytest.raises(TaskGone):
        await world.engine.complete_task(CompleteTask(key, token))
    with pytest.raises(TaskGone):
        await world.engine.heartbeat(token)


async def test_a_run_that_is_told_without_its_record_is_found_by_the_reconciler(world: World) -> None:
    key = await world.started()
    assert await world.engine.describe_end(key.id) is None
    await world.engine.complete_task(CompleteTask(key, await task_token(world, key)))
    ended = await world.engine.describe_end(key.id)
    assert ended is not None
    assert ended.error is None
    unknown = await world.engine.describe_end("nobody")
    assert unknown is not None
    assert unknown.error == "Unknown"


# --- restarts -------------------------------------------------------------------------------------------------------


class Restarts:
    """A file and a clock that outlive the processes."""

    def __init__(self, path: Path) -> None:
        self._path = path / "jobhook.db"
        self.clock = FakeClock(START_MS)
        self._ids = CountingIds()

    def process(self) -> World:
        return World(self._path, self.clock, self._ids)


async def dead(world: World) -> None:
    """As after `kill -9`: nothing more is written, and what ran is gone."""
    world.engine._stopping = True
    world.engine._timers.stop()
    for call in list(world.engine._calls):
        call.cancel()
    await asyncio.gather(*world.engine._calls, return_exceptions=True)
    await world.database.close()


async def test_after_a_restart_waiting_runs_take_callbacks_and_keep_their_deadlines(tmp_path: Path) -> None:
    restarts = Restarts(tmp_path)
    before = restarts.process()
    before.begin()
    answered, silent = await before.started("answered", LONG), await before.started("silent", LONG)
    callback = before.callback_of(answered)
    deadline_ms = (await before.execution(silent)).expires_at_ms
    assert deadline_ms is not None
    await dead(before)

    after = restarts.process()
    after.begin()
    await after.engine.idle()
    assert after.webhooks.posts == []
    assert (await after.call_back(callback, "success")).status is Status.SUCCESS
    restarts.clock.time_ms = deadline_ms - 1
    await after.pass_time(0)
    assert (await after.execution(silent)).status is Status.RUNNING
    await after.pass_time(0.001)
    assert (await after.execution(silent)).status is Status.TIMED_OUT
    await after.end()


async def test_deadlines_that_passed_while_no_process_ran_are_handled_at_the_start(tmp_path: Path) -> None:
    restarts = Restarts(tmp_path)
    before = restarts.process()
    before.begin()
    keys = [await before.started(f"job-{number}") for number in range(3)]
    await dead(before)
    restarts.clock.advance(86_400)

    after = restarts.process()
    after.begin()
    await after.pass_time(0)
    assert {(await after.execution(key)).status for key in keys} == {Status.TIMED_OUT}
    assert after.webhooks.posts == []
    await after.end()


async def test_a_function_that_died_with_its_process_is_retried_as_a_new_attempt(tmp_path: Path) -> None:
    restarts = Restarts(tmp_path)
    before = restarts.process()
    before.begin()
    sent = asyncio.Event()

    async def never(url: str, body: bytes) -> Answer:
        sent.set()
        await asyncio.Event().wait()
        return Answer(200)

    before.webhooks.answers.append(never)
    job = await before.put()
    firing = asyncio.ensure_future(before.fire())
    await sent.wait()
    first_callback = before.callback_of(key := ExecutionKey(job.guid, job.incarnation, restarts.clock.time_ms))
    await dead(before)
    await firing

    after = restarts.process()
    after.begin()
    await after.engine.idle()
    for _ in range(8):
        await after.pass_time(1)
    assert [post["attempt"] for post in after.posts(key)] == [2]
    execution = await after.execution(key)
    assert execution.status is Status.RUNNING
    assert [attempt.http_status for attempt in execution.attempts] == [None, 200]
    assert (await after.call_back(first_callback, "success")).status is Status.SUCCESS
    await after.end()


async def test_a_function_that_died_after_a_heartbeat_is_not_run_again(tmp_path: Path) -> None:
    restarts = Restarts(tmp_path)
    before = restarts.process()
    before.begin()
    beaten = asyncio.Event()

    async def beat_and_hang(url: str, body: bytes) -> Answer:
        guid, token = json.loads(body)["callback_url"].split("/")[-2:]
        await before.call_back_now((guid, token), "heartbeat")
        beaten.set()
        await asyncio.Event().wait()
        return Answer(200)

    before.webhooks.answers.append(beat_and_hang)
    job = await before.put()
    firing = asyncio.ensure_future(before.fire())
    await beaten.wait()
    callback = before.callback_of(key := ExecutionKey(job.guid, job.incarnation, restarts.clock.time_ms))
    await dead(before)
    await firing

    after = restarts.process()
    after.begin()
    await after.engine.idle()
    for _ in range(30):
        await after.pass_time(1)
    assert after.posts(key) == []
    assert (await after.call_back(callback, "success")).status is Status.SUCCESS
    await after.end()


async def test_a_run_whose_start_was_stored_and_whose_function_never_ran_is_run(tmp_path: Path) -> None:
    restarts = Restarts(tmp_path)
    before = restarts.process()
    before.engine._due_calls.most = 0
    job = await before.put()
    key = ExecutionKey(job.guid, job.incarnation, START_MS)
    await before.engine.start([run_of(key)])
    await dead(before)

    after = restarts.process()
    after.begin()
    await after.engine.idle()
    for _ in range(5):
        await after.pass_time(1)
    assert len(after.posts(key)) == 1
    await after.end()


async def renamed(world: World, key: ExecutionKey) -> None:
    """As after an upgrade to a version whose state machine has other states."""
    await world.database.write(lambda connection: connection.execute("UPDATE workflows SET state = 'Old'").rowcount)
    world.engine._runs = RecentRuns(world.database)  # a new process remembers no run


async def test_a_callback_counts_though_an_upgrade_took_the_runs_state_away(world: World) -> None:
    key = await world.started()
    await renamed(world, key)
    assert (await world.call_back(world.callback_of(key), "success")).status is Status.SUCCESS
    assert not world.run_is_there(key)


async def test_a_run_whose_state_an_upgrade_took_away_is_closed_when_its_time_is_over(world: World) -> None:
    key = await world.started()
    await renamed(world, key)
    await world.pass_time(61)
    ended = await world.engine.describe_end(key.id)
    assert ended is not None
    assert ended.error == "States.Runtime"
    await world.reconcile(settle_seconds=0)
    execution = await world.execution(key)
    assert (execution.status, execution.reason) == (Status.FAILED, "internal_error")


# --- a database that fails for a while ------------------------------------------------------------------------------


async def test_what_is_due_while_nothing_can_be_stored_happens_once_it_can(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    key = await world.started()
    world.database._writing.execute("PRAGMA query_only = 1")
    with pytest.raises(Unavailable):
        await world.call_back_now(world.callback_of(key), "heartbeat")
    world.clock.advance(61)
    world.engine.fire_timers()
    for _ in range(20):
        await asyncio.sleep(0)
    assert (await world.execution(key)).status is Status.RUNNING
    world.database._writing.execute("PRAGMA query_only = 0")
    await world.engine.idle()
    assert (await world.execution(key)).status is Status.TIMED_OUT
    assert "wait to be stored" in caplog.text


async def test_a_host_that_hangs_does_not_hold_up_another(world: World) -> None:
    released = asyncio.Event()

    async def by_host(url: str, _body: bytes) -> Answer:
        if "hangs" in url:
            await released.wait()
        return Answer(200)

    world.engine._due_calls = PerHostLimiter(most=4, share=3)
    world.webhooks.answers.extend([by_host] * 20)
    hanging = replace(PLAIN, invocation_target="https://hangs.example.com/hook")
    for number in range(8):
        await world.put(f"hanging-{number}", hanging)
    job = await world.put("zz-answering", PLAIN)
    row = await world.store.read_schedule(EVERY_MINUTE)
    assert row is not None
    world.clock.time_ms += MINUTE_MS
    await world.dispatch(row, world.clock.time_ms)
    key = ExecutionKey(job.guid, job.incarnation, world.clock.time_ms)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await runs(world, key):  # noqa: ASYNC110 - the event would be set by what is tested
            await asyncio.sleep(0.001)
    assert len([url for url, _ in world.webhooks.posts if "hangs" in url]) == 3
    released.set()
    await world.engine.idle()
    assert len(world.webhooks.posts) == 9


async def runs(world: World, key: ExecutionKey) -> bool:
    """Whether the service has been called, and Jobhook waits for it."""
    execution = await world.store.read_execution(key)
    return execution is not None and execution.status is Status.RUNNING
