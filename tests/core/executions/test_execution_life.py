"""Any sequence of attempts, answers, callbacks and failures keeps what must hold of an execution."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jobhook.core.errors import ExecutionEnded
from jobhook.core.executions.attempts import AdoptTask, EndTask, Send, begin_attempt, judge_attempt
from jobhook.core.executions.callbacks import Callback, Signal, decide_callback
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution, ExecutionInput, Status
from jobhook.core.executions.outcomes import end, outcome_of_error
from jobhook.core.executions.writes import PutJob
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import Job, JobSettings, JobState, new_job
from jobhook.core.targets.answer import Answer
from tests.fakes.applying import apply
from tests.fakes.rows import Rows, holds

NOMINAL_MS = 1_795_248_060_000
ANSWERS = st.sampled_from([Answer(200, b"ok"), Answer(204), Answer(404), Answer(503), Answer(None, error="reset")])
MACHINE_ERRORS = st.sampled_from(["States.HeartbeatTimeout", "States.Timeout", "WebhookRefused", "Lambda.Unknown"])
SETTINGS = JobSettings("https://example.com/", "cron(* * * * ? *)", ttl_seconds=60, timeout_seconds=600, exclusive=True)


class ExecutionLife(RuleBasedStateMachine):
    """Two executions of one exclusive job, each wherever its participants have brought it."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = NOMINAL_MS
        self.rows = Rows()
        self.job: Job = new_job("reports", "nightly", SETTINGS, "i00000000001", NOMINAL_MS - 1)
        apply(PutJob(self.job, None), self.rows)
        self.tasks = 0
        self.sent: list[tuple[ExecutionKey, int]] = []
        self.ended: dict[ExecutionKey, Execution] = {}
        self.last_success_ms = 0

    def _run(self, minute: int) -> ExecutionInput:
        key = ExecutionKey(self.job.guid, self.job.incarnation, NOMINAL_MS + minute * 60_000)
        return ExecutionInput(key.id, "reports", "nightly", SETTINGS.schedule, key.scheduled_time_ms, 60, 75, 615)

    def _commit(self, decision: Decision) -> bool:
        won = all(holds(write, self.rows) for write in decision.writes)
        for write in decision.writes if won else ():
            apply(write, self.rows)
        return won

    @rule(minute=st.integers(0, 1))
    def a_task_begins(self, minute: int) -> None:
        run = self._run(minute)
        self.tasks += 1
        state = JobState(self.job, None, self.rows.last_successes.get((self.job.guid, self.job.incarnation)))
        secret = f"{self.tasks:043d}"
        before = self.rows.executions.get(run.key)
        step = begin_attempt(run, state, before, f"task-{self.tasks}", secret, self.now_ms)
        assert isinstance(step, EndTask) == (before is not None and before.ended)
        assert isinstance(step, AdoptTask) == (before is not None and before.status is Status.RUNNING)
        if isinstance(step, Send) and self._commit(step.decision):
            assert secret not in repr(step)
            self.sent.append((run.key, step.token.attempt))
        elif isinstance(step, AdoptTask):
            assert self._commit(step.decision)
            assert self.rows.executions[run.key].task_token == f"task-{self.tasks}"

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), answer=ANSWERS)
    def an_answer_is_read(self, data: st.DataObject, answer: Answer) -> None:
        key, number = data.draw(st.sampled_from(self.sent))
        decision = judge_attempt(self.rows.executions[key], number, answer, self.now_ms, self.now_ms)
        assert decision is None or self._commit(decision)

    @precondition(lambda self: self.rows.executions)
    @rule(data=st.data(), signal=st.sampled_from(Signal), state=st.none() | st.just("42"))
    def a_callback_comes(self, data: st.DataObject, signal: Signal, state: str | None) -> None:
        execution = data.draw(st.sampled_from(sorted(self.rows.executions.values(), key=lambda known: known.id)))
        try:
            decision = decide_callback(execution, Callback(signal, state), self.now_ms)
        except ExecutionEnded:
            assert execution.ended or execution.expired(self.now_ms)
            return
        assert self._commit(decision)
        assert (decision.completion is None) == (signal is Signal.HEARTBEAT or execution.workflow_reported)

    @precondition(lambda self: self.rows.executions)
    @rule(data=st.data(), error=MACHINE_ERRORS)
    def the_machine_ends_it(self, data: st.DataObject, error: str) -> None:
        execution = data.draw(st.sampled_from(sorted(self.rows.executions.values(), key=lambda known: known.id)))
        if not execution.ended:
            assert self._commit(end(execution, outcome_of_error(error, None, execution), self.now_ms, reported=True))

    @precondition(lambda self: self.rows.executions)
    @rule(data=st.data())
    def a_writer_that_read_earlier_loses(self, data: st.DataObject) -> None:
        execution = data.draw(st.sampled_from(sorted(self.rows.executions.values(), key=lambda known: known.id)))
        stale = replace(execution, revision=execution.revision - 1)
        if not stale.ended:
            assert not self._commit(
                end(stale, outcome_of_error("States.Timeout", None, stale), self.now_ms, reported=True)
            )

    @rule(seconds=st.integers(0, 90))
    def time_passes(self, seconds: int) -> None:
        self.now_ms += seconds * 1_000

    @invariant()
    def an_outcome_is_final(self) -> None:
        for key, execution in self.rows.executions.items():
            known = self.ended.get(key)
            if known is not None:
                assert (execution.status, execution.ended_at_ms, execution.state, execution.reason) == (
                    known.status,
                    known.ended_at_ms,
                    known.state,
                    known.reason,
                )
            elif execution.ended:
                self.ended[key] = execution

    @invariant()
    def the_lock_is_held_exactly_by_the_one_that_says_so(self) -> None:
        holders = [execution.key for execution in self.rows.executions.values() if execution.holds_lock]
        assert holders == [key for key, _ in self.rows.locks.values()]
        assert all(not self.rows.executions[key].ended for key in holders)

    @invariant()
    def the_last_success_is_the_newest_success(self) -> None:
        successes = [
            execution.key.scheduled_time_ms
            for execution in self.rows.executions.values()
            if execution.status is Status.SUCCESS
        ]
        kept = [success.scheduled_time_ms for success in self.rows.last_successes.values()]
        assert kept == ([max(successes)] if successes else [])
        assert not kept or kept[0] >= self.last_success_ms
        self.last_success_ms = kept[0] if kept else 0

    @invariant()
    def the_record_is_whole(self) -> None:
        for execution in self.rows.executions.values():
            assert [attempt.number for attempt in execution.attempts] == list(range(1, len(execution.attempts) + 1))
            assert (execution.ended_at_ms is not None) == execution.ended
            assert (execution.expires_at_ms is None) == execution.ended
            assert execution.expires_at_ms is None or execution.expires_at_ms <= (execution.timeout_at_ms or 0)


ExecutionLife.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestExecutionLife = ExecutionLife.TestCase
