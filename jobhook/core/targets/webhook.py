"""The webhook's document: what a service is sent, whatever the kind of its target."""

from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import LastSuccess
from jobhook.core.times import SECOND_MS, to_rfc3339


def webhook_body(
    execution: Execution, last_success: LastSuccess | None, callback_url: str, now_ms: int
) -> dict[str, object]:
    """The webhook's JSON document for the execution's newest attempt; fields as in the wire contract.

    A retry also says which execution it repeats, and when that one was due.
    """
    scheduled_time_ms = execution.key.scheduled_time_ms
    latency_ms = now_ms - scheduled_time_ms
    return {
        "attempt": execution.attempts[-1].number,
        "callback_url": callback_url,
        "execution_id": execution.id,
        "invocation_latency_ms": latency_ms,
        "invocation_latency_pct": round(latency_ms / (execution.ttl_seconds * SECOND_MS) * 100, 1),
        "job_name": execution.job_name,
        "last_successful_execution": None if last_success is None else last_success_document(last_success),
        "payload": execution.payload,
        "schedule": execution.schedule,
        "scheduled_time": to_rfc3339(scheduled_time_ms),
        "scheduled_time_ms": scheduled_time_ms,
        "service_name": execution.service_name,
        "ttl_seconds": execution.ttl_seconds,
        **_retry_fields(execution),
    }


def last_success_document(success: LastSuccess) -> dict[str, object]:
    """`last_successful_execution` as the webhook shows it."""
    return {
        "name": success.execution_id,
        "scheduled_time": to_rfc3339(success.scheduled_time_ms),
        "scheduled_time_ms": success.scheduled_time_ms,
        "service_invoked_at_ms": success.service_invoked_at_ms,
        "state": success.state,
        "status": "success",
        "summary": success.summary,
    }


def _retry_fields(execution: Execution) -> dict[str, object]:
    repeated = ExecutionKey.parse(execution.retry_of or "")
    if repeated is None:
        return {}
    time_ms = repeated.scheduled_time_ms
    return {
        "retry_of": repeated.id,
        "retry_of_scheduled_time": to_rfc3339(time_ms),
        "retry_of_scheduled_time_ms": time_ms,
    }
