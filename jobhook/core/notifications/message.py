"""What a target is told of an execution's end: a document, or the one text that a chat takes."""

from jobhook.core.executions.execution import Execution
from jobhook.core.notifications.policy import Event, Format
from jobhook.core.times import to_rfc3339

_SHOWN_ERROR = 500  # characters of an error in the sentence; the document has the whole

_HAPPENED = {
    Event.SUCCESS: "succeeded",
    Event.FAILED: "failed",
    Event.TIMED_OUT: "timed out",
    Event.CANCELLED: "was cancelled",
    Event.SKIPPED: "was skipped",
    Event.MISSED: "was missed",
    Event.DEAD_LETTERED: "was dead-lettered",
    Event.RECOVERED: "succeeded again",
}
# As Slack's documents have it: these three alone, or a text could ring for everybody in a channel.
_SLACK = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def notification_id(execution: Execution, event: Event) -> str:
    """The same for every attempt, so that a target which is told twice can know it."""
    return f"{execution.id}:{event}"


def notification_body(execution: Execution, event: Event, form: Format) -> dict[str, object]:
    """The message's JSON document."""
    text = sentence(execution, event)
    if form is Format.SLACK:
        return {"text": "".join(_SLACK.get(character, character) for character in text)}
    ended_at_ms = execution.ended_at_ms
    return {
        "id": notification_id(execution, event),
        "event": event.value,
        "text": text,
        "service_name": execution.service_name,
        "job_name": execution.job_name,
        "execution_id": execution.id,
        "status": execution.status.value,
        "reason": execution.reason,
        "error": execution.error,
        "summary": execution.summary,
        "scheduled_time": to_rfc3339(execution.key.scheduled_time_ms),
        "scheduled_time_ms": execution.key.scheduled_time_ms,
        "ended_at": None if ended_at_ms is None else to_rfc3339(ended_at_ms),
        "ended_at_ms": ended_at_ms,
        "attempts": len(execution.attempts),
    }


def sentence(execution: Execution, event: Event) -> str:
    """What happened, for a person: which job, what, when it was due, why."""
    due = to_rfc3339(execution.key.scheduled_time_ms)
    happened = f"{execution.service_name}/{execution.job_name} {_HAPPENED[event]}, due {due}"
    why = [part for part in (execution.reason, _short(execution.error)) if part]
    return f"{happened} ({': '.join(why)})" if why else happened


def _short(error: str | None) -> str | None:
    if error is None or len(error) <= _SHOWN_ERROR:
        return error
    return f"{error[:_SHOWN_ERROR]}..."
