"""Which ends are told, and how the telling of one goes on until it is delivered or given up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.executions.execution import OPEN, Execution, Status
from jobhook.core.notifications.events import event_of, notification_of, recovers
from jobhook.core.notifications.policy import (
    BACKOFF_MS,
    DEFAULT_EVENTS,
    LEASE_MS,
    MAX_ATTEMPTS,
    Delivery,
    Event,
    Notification,
    NotificationPolicy,
    claim,
    delivered,
    in_order,
    refused,
)
from tests.contract.values import an_execution

NOW_MS = 1_795_248_000_000
PENDING = Notification(Event.FAILED, next_at_ms=NOW_MS)
ENDS = sorted(set(Status) - OPEN)


def test_every_final_status_is_an_event_and_recovery_is_the_only_other() -> None:
    assert {event.value for event in Event} == {status.value for status in ENDS} | {"recovered"}


@given(st.lists(st.sampled_from([event.value for event in Event])))
def test_the_order_in_which_events_are_given_makes_no_difference(names: list[str]) -> None:
    assert in_order(names) == in_order(list(reversed(names))) == in_order(in_order(names))
    assert set(in_order(names)) == set(names)


def test_a_policy_does_not_print_its_target() -> None:
    assert "secret" not in repr(NotificationPolicy("https://chat.example.com/secret"))


@pytest.mark.parametrize("status", ENDS)
def test_an_end_is_told_where_the_policy_names_it(status: Status) -> None:
    assert event_of(status, tuple(Event), recovers=False) == Event(status.value)
    others = tuple(event for event in Event if event.value != status.value)
    assert event_of(status, others, recovers=False) is None


@pytest.mark.parametrize(
    ("on", "event"),
    [
        ((Event.SUCCESS, Event.RECOVERED), Event.RECOVERED),
        ((Event.SUCCESS,), Event.SUCCESS),
        ((Event.RECOVERED,), Event.RECOVERED),
        ((Event.FAILED,), None),
        ((), None),
    ],
)
def test_a_recovery_is_told_as_such_or_else_as_a_success(on: tuple[Event, ...], event: Event | None) -> None:
    assert event_of(Status.SUCCESS, on, recovers=True) == event
    assert event_of(Status.FAILED, (Event.RECOVERED,), recovers=True) is None


def test_what_nobody_wants_told_has_no_notification() -> None:
    assert notification_of(Status.FAILED, (), recovers=False, now_ms=NOW_MS) is None
    assert notification_of(Status.SUCCESS, DEFAULT_EVENTS, recovers=False, now_ms=NOW_MS) is None
    assert notification_of(Status.FAILED, DEFAULT_EVENTS, recovers=False, now_ms=NOW_MS) == PENDING


def _ends(*statuses: Status) -> list[Execution]:
    return [an_execution(minute=9 - place, status=status) for place, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ((), False),
        ((Status.SUCCESS, Status.FAILED), False),
        ((Status.FAILED, Status.SUCCESS), True),
        ((Status.TIMED_OUT,), True),
        ((Status.MISSED,), True),
        ((Status.DEAD_LETTERED,), True),
        ((Status.RUNNING, Status.CANCELLED, Status.SKIPPED, Status.FAILED), True),
        ((Status.PENDING, Status.CANCELLED, Status.SKIPPED, Status.SUCCESS, Status.FAILED), False),
    ],
)
def test_a_success_recovers_from_the_newest_end_that_says_something_of_the_service(
    earlier: tuple[Status, ...], expected: bool
) -> None:
    assert recovers(_ends(*earlier)) is expected


def test_a_claim_keeps_others_away_for_longer_than_an_attempt_takes() -> None:
    claimed = claim(PENDING, NOW_MS)
    assert (claimed.attempts, claimed.status) == (1, Delivery.PENDING)
    assert not claimed.due(NOW_MS + LEASE_MS - 1)
    assert claimed.due(NOW_MS + LEASE_MS)


def test_what_is_delivered_is_never_due_again() -> None:
    done = delivered(claim(replace(PENDING, error="no answer"), NOW_MS), 204, NOW_MS + 5)
    assert done == Notification(Event.FAILED, Delivery.DELIVERED, 1, None, NOW_MS + 5, 204, None)
    assert not done.due(10**15)


def test_a_target_that_never_takes_it_is_tried_six_times_ever_later_and_then_given_up() -> None:
    notification, now_ms, waited = PENDING, NOW_MS, []
    while notification.status is Delivery.PENDING:
        assert notification.due(now_ms)
        notification = refused(claim(notification, now_ms), 500, "the target answered 500", now_ms + 1_000)
        if notification.next_at_ms is not None:
            waited.append(notification.next_at_ms - now_ms - 1_000)
            now_ms = notification.next_at_ms
    assert tuple(waited) == BACKOFF_MS == tuple(sorted(BACKOFF_MS))
    assert notification == Notification(
        Event.FAILED, Delivery.FAILED, MAX_ATTEMPTS, http_status=500, error="the target answered 500"
    )
    assert MAX_ATTEMPTS == 6


def test_senders_that_die_each_time_come_to_an_end_too() -> None:
    notification, now_ms = PENDING, NOW_MS
    for attempts in range(1, MAX_ATTEMPTS + 1):
        notification = claim(notification, now_ms)
        assert (notification.attempts, notification.status) == (attempts, Delivery.PENDING)
        now_ms += LEASE_MS
    given_up = claim(notification, now_ms)
    assert (given_up.status, given_up.attempts, given_up.next_at_ms) == (Delivery.FAILED, MAX_ATTEMPTS, None)
    assert given_up.error == "whether the last attempt arrived is not known"
