"""Records how a run ended that the state machine ended: timed out, refused, or failed."""

import json

from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.executions.outcomes import end, outcome_of_error, record_unstarted
from jobhook.ports import Backend
from jobhook.use_cases.retry import retry_on_conflict

MAX_ERROR_LENGTH = 1_024


async def record_failure(backend: Backend, run: ExecutionInput, error: str | None, cause: str | None) -> None:
    """Store the outcome, on the one condition that the execution has not ended; again it changes nothing."""
    text = cause_text(cause)

    async def record() -> None:
        now_ms = backend.clock.now_ms()
        execution = await backend.store.read_execution(run.key)
        if execution is None:
            job = await backend.store.read_job(run.key.guid)
            present = job if job is not None and job.incarnation == run.key.incarnation else None
            outcome = outcome_of_error(error, text, run)
            await backend.effects.carry_out(record_unstarted(run, present, outcome, now_ms))
        elif not execution.ended:
            outcome = outcome_of_error(error, text, execution)
            await backend.effects.carry_out(end(execution, outcome, now_ms, reported=True))

    await retry_on_conflict(backend, record)


def cause_text(cause: str | None) -> str | None:
    """What a Cause says; of Lambda's JSON document only `errorMessage`, for the stack trace is nobody's business."""
    if not cause:
        return None
    try:
        document = json.loads(cause)
    except (ValueError, RecursionError):
        return cause[:MAX_ERROR_LENGTH]
    message = document.get("errorMessage") if isinstance(document, dict) else None
    return message[:MAX_ERROR_LENGTH] if isinstance(message, str) else None
