"""What a target is told, word for word."""

from dataclasses import replace

import pytest

from jobhook.core.executions.execution import Status
from jobhook.core.notifications.message import notification_body, sentence
from jobhook.core.notifications.policy import Event, Format
from tests.contract.values import MINUTE, T0, an_execution

FAILED = replace(an_execution(status=Status.FAILED), reason="job_failed", error="no <room> & no time", summary="half")


def test_a_document_says_which_execution_ended_how_and_when() -> None:
    assert notification_body(FAILED, Event.FAILED, Format.JSON) == {
        "id": f"{FAILED.id}:failed",
        "event": "failed",
        "text": "reports/nightly failed, due 2026-11-21T08:00:00Z (job_failed: no <room> & no time)",
        "service_name": "reports",
        "job_name": "nightly",
        "execution_id": FAILED.id,
        "status": "failed",
        "reason": "job_failed",
        "error": "no <room> & no time",
        "summary": "half",
        "scheduled_time": "2026-11-21T08:00:00Z",
        "scheduled_time_ms": T0,
        "ended_at": "2026-11-21T08:01:00Z",
        "ended_at_ms": T0 + MINUTE,
        "attempts": 1,
    }


def test_slack_is_told_the_sentence_alone_with_what_it_would_read_as_markup_escaped() -> None:
    assert notification_body(FAILED, Event.FAILED, Format.SLACK) == {
        "text": "reports/nightly failed, due 2026-11-21T08:00:00Z (job_failed: no &lt;room&gt; &amp; no time)"
    }
    ringing = replace(FAILED, error="<!channel>")
    assert "<" not in str(notification_body(ringing, Event.FAILED, Format.SLACK))


@pytest.mark.parametrize("event", list(Event))
def test_every_event_has_its_words(event: Event) -> None:
    bare = replace(FAILED, reason=None, error=None)
    said = sentence(bare, event)
    assert said.startswith("reports/nightly ")
    assert said.endswith(", due 2026-11-21T08:00:00Z")


def test_a_recovery_is_told_apart_from_a_success() -> None:
    assert sentence(FAILED, Event.RECOVERED) != sentence(FAILED, Event.SUCCESS)


def test_a_long_error_is_cut_in_the_sentence_and_whole_in_the_document() -> None:
    long = replace(FAILED, error="é" * 4_000)
    body = notification_body(long, Event.FAILED, Format.JSON)
    assert len(str(body["text"])) < 700
    assert body["error"] == long.error
