"""What an attempt's answer means for the attempts and callbacks after it."""

from dataclasses import replace

import pytest

from jobhook.core.executions.attempts import judge_attempt
from jobhook.core.executions.callbacks import Callback, Signal, decide_callback
from jobhook.core.executions.execution import MAX_ATTEMPTS, Attempt, Execution, Status
from jobhook.core.executions.writes import PutExecution
from jobhook.core.targets.answer import Answer, Failure, Verdict, not_allowed
from jobhook.core.targets.http import judge
from tests.contract.values import T0, an_execution

ANSWERS = [
    Answer(200),
    Answer(302),
    Answer(404),
    Answer(429),
    Answer(503),
    Answer(None),
    Answer(None, error="the host name does not resolve", failure=Failure.NOT_RESOLVED),
    Answer(None, error="not a valid URL", failure=Failure.NOT_ALLOWED),
    not_allowed("private"),
]


def after(answer: Answer, number: int = 1) -> Execution:
    """A pending execution to whose attempt `number` that answer came."""
    attempts = tuple(Attempt(one, T0, "hash") for one in range(1, number + 1))
    sent = replace(an_execution(), status=Status.PENDING, attempts=attempts, task_token="task")
    decision = judge_attempt(sent, number, answer, T0, T0 + 5)
    assert decision is not None
    (write,) = decision.writes
    assert isinstance(write, PutExecution)
    return write.execution


@pytest.mark.parametrize("answer", ANSWERS)
def test_another_attempt_follows_exactly_the_answers_that_a_retry_may_help(answer: Answer) -> None:
    assert after(answer).between_attempts is (judge(answer) is Verdict.UNAVAILABLE)


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_attempt_follows_the_last_one(answer: Answer) -> None:
    assert not after(answer, MAX_ATTEMPTS).between_attempts


def test_a_heartbeat_after_a_forbidden_target_reaches_the_task() -> None:
    decision = decide_callback(after(not_allowed("private"), 2), Callback(Signal.HEARTBEAT), T0 + 10)
    assert decision.heartbeat == "task"
