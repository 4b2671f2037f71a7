"""The webhook's body against the contract's table, and how answers are judged."""

from dataclasses import replace

import pytest

from jobhook.core.executions.execution import Attempt, Execution, Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import LastSuccess
from jobhook.core.targets.answer import ANSWER_KEPT_BYTES, Answer, Verdict, kept_response
from jobhook.core.targets.http import failure_text, judge
from jobhook.core.targets.webhook import webhook_body

NOMINAL_MS = 1_795_248_060_000
KEY = ExecutionKey("00000000-0000-5000-8000-000000000000", "i00000000001", NOMINAL_MS)
EXECUTION = Execution(
    key=KEY,
    service_name="reports",
    job_name="nightly",
    schedule="cron(* * * * ? *)",
    status=Status.PENDING,
    ttl_seconds=60,
    payload='{"quotes": "\\""}',
    attempts=(Attempt(1, NOMINAL_MS, "hash"), Attempt(2, NOMINAL_MS, "hash")),
)
SUCCESS = LastSuccess("earlier", NOMINAL_MS - 60_000, NOMINAL_MS - 59_000, "42", "sold 42")


def test_the_first_webhook_has_every_field_of_the_contract() -> None:
    assert webhook_body(EXECUTION, None, "https://x/callback/a/b", NOMINAL_MS + 1_234) == {
        "callback_url": "https://x/callback/a/b",
        "invocation_latency_ms": 1_234,
        "invocation_latency_pct": 2.1,
        "job_name": "nightly",
        "service_name": "reports",
        "execution_id": KEY.id,
        "attempt": 2,
        "last_successful_execution": None,
        "payload": '{"quotes": "\\""}',
        "schedule": "cron(* * * * ? *)",
        "scheduled_time": "2026-11-21T08:01:00Z",
        "scheduled_time_ms": NOMINAL_MS,
        "ttl_seconds": 60,
    }


def test_a_later_webhook_shows_the_last_success() -> None:
    assert webhook_body(EXECUTION, SUCCESS, "https://x", NOMINAL_MS)["last_successful_execution"] == {
        "name": "earlier",
        "scheduled_time": "2026-11-21T08:00:00Z",
        "scheduled_time_ms": NOMINAL_MS - 60_000,
        "service_invoked_at_ms": NOMINAL_MS - 59_000,
        "state": "42",
        "status": "success",
        "summary": "sold 42",
    }


@pytest.mark.parametrize(
    ("latency_ms", "ttl_seconds", "percent"),
    [(0, 60, 0.0), (30_000, 60, 50.0), (1, 1_296_000, 0.0), (90_000, 60, 150.0)],
)
def test_latency_is_told_as_a_share_of_the_ttl(latency_ms: int, ttl_seconds: int, percent: float) -> None:
    body = webhook_body(replace(EXECUTION, ttl_seconds=ttl_seconds), None, "https://x", NOMINAL_MS + latency_ms)
    assert body["invocation_latency_pct"] == percent


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (None, Verdict.UNAVAILABLE),
        (200, Verdict.STARTED),
        (202, Verdict.STARTED),
        (204, Verdict.STARTED),
        (299, Verdict.STARTED),
        (300, Verdict.REFUSED),
        (301, Verdict.REFUSED),
        (307, Verdict.REFUSED),
        (400, Verdict.REFUSED),
        (404, Verdict.REFUSED),
        (408, Verdict.REFUSED),
        (410, Verdict.REFUSED),
        (428, Verdict.REFUSED),
        (429, Verdict.UNAVAILABLE),
        (499, Verdict.REFUSED),
        (500, Verdict.UNAVAILABLE),
        (503, Verdict.UNAVAILABLE),
        (599, Verdict.UNAVAILABLE),
    ],
)
def test_answers_are_judged_as_the_contract_says(status: int | None, verdict: Verdict) -> None:
    answer = Answer(status)
    assert judge(answer) is verdict
    assert (failure_text(answer) is None) == (verdict is Verdict.STARTED)


def test_a_redirect_is_told_to_be_one() -> None:
    assert failure_text(Answer(302)) == "the service answered 302; redirects are not followed"


def test_no_answer_says_why() -> None:
    assert failure_text(Answer(None, error="connection refused")) == "connection refused"
    assert failure_text(Answer(None)) == "no answer"


@pytest.mark.parametrize("body", [b"ok", b"x" * 10_000, "ü".encode() * 5_000, b"\xff" * 5_000, b"\x00"])
def test_the_start_of_an_answer_is_kept_as_text(body: bytes) -> None:
    kept = kept_response(Answer(200, body))
    assert kept is not None
    assert len(kept.encode()) <= ANSWER_KEPT_BYTES


def test_nothing_is_kept_of_no_answer() -> None:
    assert kept_response(Answer(None)) is None
