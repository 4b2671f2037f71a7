"""The task of the state machine: send the webhook of one attempt, and leave the task waiting for callbacks."""

from jobhook.core.errors import WebhookRefused, WebhookUnavailable
from jobhook.core.executions.attempts import AdoptTask, EndTask, FreeLockFirst, Send, Step, begin_attempt, judge_attempt
from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution, ExecutionInput, Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import JobState
from jobhook.core.jobs.overlap import Holder
from jobhook.core.targets.answer import Answer, Verdict
from jobhook.core.targets.webhook import webhook_body
from jobhook.ports import Backend, WriteConflict
from jobhook.use_cases.carry_out import carry_out_without_task
from jobhook.use_cases.retry import retry_on_conflict


async def invoke_webhook(backend: Backend, run: ExecutionInput, task_token: str) -> None:
    """Store the attempt, send it, note its answer.

    Raises the errors that the state machine's Retry and Catch name: JobGone, ExclusiveRunInProgress,
    WebhookUnavailable, WebhookRefused.
    """
    step = await retry_on_conflict(backend, lambda: _begin(backend, run, task_token))
    if isinstance(step, EndTask):
        if step.completion is not None:
            await backend.effects.carry_out(Decision(completion=step.completion))
    elif isinstance(step, Send):
        await _deliver(backend, step)


async def _begin(backend: Backend, run: ExecutionInput, task_token: str) -> Step:
    """The first step, carried out. Raises WriteConflict where it must be decided again."""
    key = run.key
    execution = await backend.store.read_execution(key)
    state = await backend.store.read_job_state(key.guid)
    holder = await _other_holder(backend, key, state)
    step = begin_attempt(run, state, execution, task_token, backend.ids.secret(), backend.clock.now_ms(), holder)
    if isinstance(step, Send):
        await backend.effects.carry_out(step.decision)
    elif isinstance(step, AdoptTask):
        await carry_out_without_task(backend, step.decision)
    elif isinstance(step, FreeLockFirst):
        await backend.effects.carry_out(step.decision)
        raise WriteConflict
    return step


async def _other_holder(backend: Backend, key: ExecutionKey, state: JobState | None) -> Holder | None:
    """Who holds the lock of the run's job, if it is another execution; the lock remains where the job was deleted."""
    if state is not None and state.job.incarnation == key.incarnation:
        holder_id = state.lock_holder
    else:
        holder_id = await backend.store.read_lock_holder(key.guid, key.incarnation)
    other = ExecutionKey.parse(holder_id) if holder_id else None
    if other is None or other == key:
        return None
    execution = await backend.store.read_execution(other)
    return Holder(other, ended=execution is None or execution.ended)


async def _deliver(backend: Backend, step: Send) -> None:
    began_ms = backend.clock.now_ms()
    callback_url = f"{backend.settings.base_url}/callback/{step.token.path}"
    document = webhook_body(step.execution, step.last_success, callback_url, began_ms)
    target = step.execution.target
    answer = await backend.senders[target.kind].send(target.render(document))
    execution = await _note(backend, step.execution, step.token.attempt, answer, began_ms)
    verdict = target.judge(answer)
    if verdict is Verdict.STARTED or execution.status is not Status.PENDING:
        return  # a callback has shown that the service has the job, whatever became of its answer
    text = target.failure_text(answer) or "no answer"
    raise WebhookRefused(text) if verdict is Verdict.REFUSED else WebhookUnavailable(text)


async def _note(backend: Backend, sent: Execution, number: int, answer: Answer, began_ms: int) -> Execution:
    """Note the answer on the record, which a callback may have changed meanwhile; the record that it was noted on."""
    known: Execution | None = sent

    async def note() -> Execution:
        nonlocal known
        execution = known or await backend.store.read_execution(sent.key) or sent
        known = None
        decision = judge_attempt(execution, number, answer, began_ms, backend.clock.now_ms())
        if decision is not None:
            await carry_out_without_task(backend, decision)
        return execution

    return await retry_on_conflict(backend, note)
