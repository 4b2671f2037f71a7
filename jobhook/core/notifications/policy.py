"""Notifications: of which ends of its executions a job tells a URL, and how far the telling of one end has come.

The intent is a value on the execution's record, stored by the commit that ends it. Each attempt is claimed before it is
sent: a sender that dies is followed by another, and two do not send at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from jobhook.core.identities import ExecutionKey
from jobhook.core.times import HOUR_MS, MINUTE_MS, SECOND_MS


class Event(StrEnum):
    """What may be told: each final status of an execution, and a success after something else."""

    SUCCESS = "success"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"
    DEAD_LETTERED = "dead_lettered"
    RECOVERED = "recovered"


class Format(StrEnum):
    """How a message is written: Jobhook's own document, or what Slack's incoming webhooks take."""

    JSON = "json"
    SLACK = "slack"


DEFAULT_EVENTS = (Event.FAILED, Event.TIMED_OUT, Event.MISSED, Event.DEAD_LETTERED, Event.RECOVERED)


def in_order(events: Iterable[str]) -> tuple[Event, ...]:
    """The events in one order whatever order they were given in, each once."""
    wanted = frozenset(events)
    return tuple(event for event in Event if event in wanted)


@dataclass(frozen=True, slots=True)
class NotificationPolicy:
    """Whom a job tells of the ends of its executions: a URL, which may hold a secret, of which `on`, and how."""

    target: str
    on: tuple[Event, ...] = DEFAULT_EVENTS
    format: Format = Format.JSON

    def __repr__(self) -> str:
        return f"NotificationPolicy(on={[str(event) for event in self.on]}, format={str(self.format)!r})"


class Delivery(StrEnum):
    """How a notification stands; all but `pending` are final."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


BACKOFF_MS = (10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS)
"""How long after each failed attempt the next one is due; there is none after the one that follows the last."""
MAX_ATTEMPTS = len(BACKOFF_MS) + 1
LEASE_MS = 30 * SECOND_MS
"""How long a claim keeps others from sending: longer than an attempt takes, whatever the target does."""


@dataclass(frozen=True, slots=True)
class Notification:
    """That an execution's end is to be told, and what became of it.

    `attempts` counts those that were claimed. While it is pending, another attempt may be made from `next_at_ms` on.
    `http_status` and `error` are of the newest attempt that came to an end.
    """

    event: Event
    status: Delivery = Delivery.PENDING
    attempts: int = 0
    next_at_ms: int | None = None
    delivered_at_ms: int | None = None
    http_status: int | None = None
    error: str | None = None

    def due(self, now_ms: int) -> bool:
        """Whether an attempt may be made now."""
        return self.next_at_ms is not None and self.next_at_ms <= now_ms


@dataclass(frozen=True, slots=True)
class DueNotification:
    """The execution of which somebody is to be told, and from when on."""

    key: ExecutionKey
    at_ms: int


def claim(pending: Notification, now_ms: int) -> Notification:
    """The notification with one more attempt, which nobody else makes for a while.

    A last attempt that was claimed and never came to an end is not made again: it has failed.
    """
    if pending.attempts >= MAX_ATTEMPTS:
        return failed(pending, pending.http_status, pending.error or "whether the last attempt arrived is not known")
    return replace(pending, attempts=pending.attempts + 1, next_at_ms=now_ms + LEASE_MS)


def delivered(claimed: Notification, http_status: int | None, now_ms: int) -> Notification:
    """The target has taken it."""
    return replace(
        claimed,
        status=Delivery.DELIVERED,
        next_at_ms=None,
        delivered_at_ms=now_ms,
        http_status=http_status,
        error=None,
    )


def refused(claimed: Notification, http_status: int | None, error: str, now_ms: int) -> Notification:
    """The target has not taken it: there is another attempt, ever later, until it has failed."""
    if claimed.attempts >= MAX_ATTEMPTS:
        return failed(claimed, http_status, error)
    next_at_ms = now_ms + BACKOFF_MS[claimed.attempts - 1]
    return replace(claimed, next_at_ms=next_at_ms, http_status=http_status, error=error)


def failed(pending: Notification, http_status: int | None, error: str) -> Notification:
    """It is given up."""
    return replace(pending, status=Delivery.FAILED, next_at_ms=None, http_status=http_status, error=error)
