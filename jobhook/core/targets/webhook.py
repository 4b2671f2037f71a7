"""The webhook: what the service is sent, and how its answer is judged."""

from dataclasses import dataclass
from enum import Enum

from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import LastSuccess
from jobhook.core.times import SECOND_MS, to_rfc3339

ANSWER_WITHIN_SECONDS = 10
ANSWER_READ_BYTES = 64 * 1024
ANSWER_KEPT_BYTES = 4 * 1024


class Failure(Enum):
    """How far a webhook came that was not answered: each is a step that was not taken."""

    NOT_ALLOWED = "not allowed"
    NOT_RESOLVED = "not resolved"
    NOT_CONNECTED = "not connected"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status and the start of the body, or (`http_status` None) why nothing did.

    `error` names a kind of failure in a few words and holds nothing of what was sent.
    """

    http_status: int | None
    body: bytes = b""
    error: str | None = None
    failure: Failure | None = None


def not_allowed(kind: str) -> Answer:
    """The answer in place of a webhook whose host has an address of that kind, which may not be reached.

    The address itself is not told: who may put jobs could otherwise look up names of a network that is not theirs.
    """
    article = "an" if kind[0] in "aeiou" else "a"
    error = f"target not allowed: resolves to {article} {kind} address"
    return Answer(None, error=error, failure=Failure.NOT_ALLOWED)


class Verdict(Enum):
    """How an answer is judged: the job has started, trying again may help, or it cannot."""

    STARTED = "started"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"


def judge(answer: Answer) -> Verdict:
    """Any 2xx is a start; no answer, 429 and 5xx are tried again; anything else, 3xx included, is final.

    So is a target that may not be reached: nothing was sent, and trying again would not change whether it may.
    """
    if answer.failure is Failure.NOT_ALLOWED:
        return Verdict.REFUSED
    status = answer.http_status
    if status is None or status == 429 or status >= 500:
        return Verdict.UNAVAILABLE
    return Verdict.STARTED if 200 <= status < 300 else Verdict.REFUSED


def failure_text(answer: Answer) -> str | None:
    """Why an attempt failed, in words; None where it did not."""
    verdict = judge(answer)
    if verdict is Verdict.STARTED:
        return None
    if answer.http_status is None:
        return answer.error or "no answer"
    advice = "; redirects are not followed" if 300 <= answer.http_status < 400 else ""
    return f"the service answered {answer.http_status}{advice}"


def kept_response(answer: Answer) -> str | None:
    """The start of the answer's body as text, as it is kept with the attempt."""
    if answer.http_status is None:
        return None
    text = answer.body[:ANSWER_KEPT_BYTES].decode("utf-8", errors="replace")
    return text.encode()[:ANSWER_KEPT_BYTES].decode("utf-8", errors="ignore")  # a replaced byte takes three


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
