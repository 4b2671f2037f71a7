"""Which event, of those that a job's policy names, the end of an execution is."""

from collections.abc import Sequence

from jobhook.core.executions.execution import Execution, Status
from jobhook.core.notifications.policy import Event, Notification

COMPARED = frozenset({Status.SUCCESS, Status.FAILED, Status.TIMED_OUT, Status.MISSED, Status.DEAD_LETTERED})
"""Ends by which the next success is judged; one that was skipped or cancelled says nothing of the service."""
LOOKED_BACK = 50
"""So many earlier executions are looked at for the one by which a success is judged."""


def event_of(status: Status, on: Sequence[Event], recovers: bool) -> Event | None:
    """The one event of an end that is told; None where the policy does not ask for it."""
    if status is Status.SUCCESS and recovers and Event.RECOVERED in on:
        return Event.RECOVERED
    return next((event for event in on if event.value == status.value), None)


def notification_of(status: Status, on: Sequence[Event], recovers: bool, now_ms: int) -> Notification | None:
    """What the record of an execution that ends now holds of it; None where nobody is told."""
    event = event_of(status, on, recovers) if on else None
    return None if event is None else Notification(event, next_at_ms=now_ms)


def may_recover(execution: Execution) -> bool:
    """Whether its success may be told as a recovery, so that one has to look what came before it."""
    return not execution.ended and Event.RECOVERED in execution.notify_on


def recovers(earlier: Sequence[Execution]) -> bool:
    """Whether a success is a recovery; `earlier` are the executions before it in scheduled time, newest first."""
    ends = (execution.status for execution in earlier if execution.status in COMPARED)
    return next(ends, Status.SUCCESS) is not Status.SUCCESS
