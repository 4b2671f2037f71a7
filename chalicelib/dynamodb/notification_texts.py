"""Notifications and their policies as texts of an item."""

from typing import cast

from chalicelib.dynamodb.documents import Document, from_text, to_text, whole, whole_or_none, word, word_or_none
from jobhook.core.notifications.policy import Delivery, Event, Format, Notification, NotificationPolicy


def events_of(text: str | None) -> tuple[Event, ...]:
    """The events whose names are joined by commas; none where there is no text."""
    return () if text is None else tuple(Event(name) for name in text.split(","))


def policy_parts(policy: NotificationPolicy | None) -> Document | None:
    """A policy as a part of a job's text."""
    return None if policy is None else {"target": policy.target, "on": policy.on, "format": policy.format}


def policy_of(listing: Document) -> NotificationPolicy | None:
    """The policy of a job's text."""
    parts = cast("Document | None", listing.get("notify"))
    if parts is None:
        return None
    on = tuple(Event(name) for name in cast("list[str]", parts["on"]))
    return NotificationPolicy(word(parts, "target"), on, Format(word(parts, "format")))


def notification_text(notification: Notification) -> str:
    """A notification as one text, which no index holds."""
    return to_text(
        {
            "event": notification.event,
            "status": notification.status,
            "attempts": notification.attempts,
            "next_at_ms": notification.next_at_ms,
            "delivered_at_ms": notification.delivered_at_ms,
            "http_status": notification.http_status,
            "error": notification.error,
        }
    )


def notification_of(text: str | None) -> Notification | None:
    """The notification of such a text."""
    if text is None:
        return None
    parts = from_text(text)
    return Notification(
        event=Event(word(parts, "event")),
        status=Delivery(word(parts, "status")),
        attempts=whole(parts, "attempts"),
        next_at_ms=whole_or_none(parts, "next_at_ms"),
        delivered_at_ms=whole_or_none(parts, "delivered_at_ms"),
        http_status=whole_or_none(parts, "http_status"),
        error=word_or_none(parts, "error"),
    )
