"""The attempts of an execution: whether to send the webhook once more, and what an answer to it means."""

from dataclasses import dataclass, replace

from jobhook.core.errors import ExclusiveRunInProgress, JobGone, JobPaused
from jobhook.core.executions.decisions import CompleteTask, Decision
from jobhook.core.executions.execution import Attempt, Execution, ExecutionInput, Status
from jobhook.core.executions.manual_runs import begin_requested
from jobhook.core.executions.new_execution import open_execution
from jobhook.core.executions.outcomes import completion_of
from jobhook.core.executions.tokens import CallbackToken
from jobhook.core.executions.writes import FreeLock, Moment, PutExecution, TakeLock, Write
from jobhook.core.jobs.job import Job, JobState, LastSuccess
from jobhook.core.jobs.overlap import Holder, Overlapping, decide_overlap, overlap_rule
from jobhook.core.targets.answer import ANSWER_WITHIN_SECONDS, Answer, Verdict, kept_response
from jobhook.core.targets.target import Target
from jobhook.core.times import SECOND_MS


@dataclass(frozen=True, slots=True)
class Send:
    """Store the attempt, then send the webhook of `execution` with the URL of `token`."""

    decision: Decision
    execution: Execution
    last_success: LastSuccess | None
    token: CallbackToken


@dataclass(frozen=True, slots=True)
class AdoptTask:
    """The service has the job already: wait on the new task, without another webhook."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class FreeLockFirst:
    """An execution that has ended still holds the job's lock: free it, then begin again with what is stored then."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class EndTask:
    """The execution has ended already: end the new task the same way, without another webhook."""

    completion: CompleteTask | None


Step = Send | AdoptTask | FreeLockFirst | EndTask


def begin_attempt(
    run: ExecutionInput,
    state: JobState | None,
    execution: Execution | None,
    task_token: str,
    secret: str,
    now_ms: int,
    holder: Holder | None = None,
) -> Step:
    """What a task of the state machine does first, given what is stored; `holder` is who else holds the job's lock.

    Raises JobGone where the job was deleted (and perhaps created again) or disabled before the first attempt, and
    JobPaused where it was paused before the due time; an execution that has begun, or that a person asked for, does not
    depend on its job any more. Raises ExclusiveRunInProgress where another run holds the lock that this one takes.
    """
    if execution is None:
        return _send(_first(run, _present(run, state), now_ms), state, None, task_token, secret, now_ms, holder)
    if execution.ended:
        return EndTask(completion_of(replace(execution, task_token=task_token)))
    if execution.status is Status.RUNNING:
        adopted = replace(execution, task_token=task_token, revision=execution.revision + 1)
        return AdoptTask(Decision((PutExecution(adopted, execution.revision),), heartbeat=task_token))
    begun = execution if execution.attempts else begin_requested(execution, now_ms)
    return _send(begun, state, execution.revision, task_token, secret, now_ms, holder)


def judge_attempt(execution: Execution, number: int, answer: Answer, began_ms: int, now_ms: int) -> Decision | None:
    """Note the answer to attempt `number` on the record as it stands now; a start extends the ttl and beats.

    A callback may have come before the answer was read, and may even have ended the execution: then only the attempt
    itself is noted. None where nothing is left to note.
    """
    attempts = tuple(
        _noted(attempt, execution.target, answer, began_ms, now_ms) if attempt.number == number else attempt
        for attempt in execution.attempts
    )
    if attempts == execution.attempts:
        return None
    revision = execution.revision + 1
    if execution.ended or execution.target.judge(answer) is not Verdict.STARTED:
        noted = replace(execution, attempts=attempts, revision=revision)
        return Decision((PutExecution(noted, execution.revision),))
    running = replace(
        execution,
        attempts=attempts,
        status=Status.RUNNING,
        expires_at_ms=execution.expires_from(now_ms),
        revision=revision,
    )
    return Decision((PutExecution(running, execution.revision),), heartbeat=execution.task_token)


def _present(run: ExecutionInput, state: JobState | None) -> Job:
    if state is None or state.job.incarnation != run.key.incarnation:
        raise JobGone("the job was deleted before its webhook was sent")
    if not state.job.settings.enabled:
        raise JobGone("the job was disabled before its webhook was sent")
    pause = state.job.pause_at(run.scheduled_time_ms)
    if pause is not None:
        raise JobPaused(pause.text)
    return state.job


def _first(run: ExecutionInput, job: Job, now_ms: int) -> Execution:
    return replace(
        open_execution(run.key, run, run.schedule, job.settings),
        started_at_ms=now_ms,
        timeout_at_ms=now_ms + job.settings.timeout_seconds * SECOND_MS,
        invocation_latency_ms=now_ms - run.scheduled_time_ms,
    )


def _send(
    execution: Execution,
    state: JobState | None,
    if_revision: int | None,
    task_token: str,
    secret: str,
    now_ms: int,
    holder: Holder | None,
) -> Send | FreeLockFirst:
    takes_lock = execution.holds_lock and not execution.attempts
    if holder is not None:
        match decide_overlap(overlap_rule(takes_lock), holder):
            case Overlapping.FREE_LOCK:
                return FreeLockFirst(Decision((FreeLock(holder.key),)))
            case Overlapping.REFUSE:
                raise ExclusiveRunInProgress(f"execution {holder.key.id} of this exclusive job has not ended")
    number = len(execution.attempts) + 1
    token = CallbackToken(execution.key, number, secret)
    begun = replace(
        execution,
        expires_at_ms=execution.expires_from(now_ms + ANSWER_WITHIN_SECONDS * SECOND_MS),
        service_invoked_at_ms=now_ms,
        attempts=(*execution.attempts, Attempt(number, now_ms, token.hash)),
        task_token=task_token,
        revision=1 if if_revision is None else if_revision + 1,
    )
    moment = None if execution.attempts else Moment.BEGAN
    writes: list[Write] = [PutExecution(begun, if_revision, moment)]
    if takes_lock:
        writes.append(TakeLock(begun.key, now_ms))
    return Send(Decision(tuple(writes)), begun, state.last_success if state else None, token)


def _noted(attempt: Attempt, target: Target, answer: Answer, began_ms: int, now_ms: int) -> Attempt:
    return Attempt(
        attempt.number,
        attempt.at_ms,
        attempt.token_hash,
        http_status=answer.http_status,
        error=target.failure_text(answer),
        duration_ms=now_ms - began_ms,
        response=kept_response(answer),
        refused=target.judge(answer) is Verdict.REFUSED,
    )
