"""Bodies that nobody thought of: whatever comes in is a value or one of our errors."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobhook.api.bodies.callback import parse_callback
from jobhook.api.bodies.job import JobBody, job_settings, parse_job
from jobhook.core.errors import ImpossibleSchedule, InvalidDocument, JobhookError
from jobhook.core.executions.callbacks import Signal
from jobhook.core.targets.http import target_problem

NOW_MS = 1_795_248_000_000
GOOD: dict[str, Any] = {"invocation_target": "https://example.com/", "schedule": "rate(1 minute)", "ttl_seconds": 60}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
JOB_FIELDS = st.sampled_from([*JobBody.model_fields, "async", "other", ""])
CALLBACK_FIELDS = st.sampled_from(["status", "state", "summary", "correlation_id", "error", "progress", "other"])


def _answered(error: JobhookError) -> None:
    assert error.code
    assert error.message
    if isinstance(error, InvalidDocument):
        assert error.problems
        assert all(problem.message for problem in error.problems)


@settings(deadline=None)
@given(st.dictionaries(JOB_FIELDS, VALUES, max_size=4))
def test_any_fields_make_settings_or_an_error(fields: dict[str, Any]) -> None:
    body = json.dumps({**GOOD, **fields}).encode()
    try:
        parsed = parse_job("reports", "nightly", "application/json", body, NOW_MS)
    except JobhookError as error:
        _answered(error)
    else:
        assert parsed.ttl_seconds < parsed.timeout_seconds


@settings(deadline=None)
@given(st.dictionaries(CALLBACK_FIELDS, VALUES, max_size=4))
def test_any_fields_make_a_callback_or_an_error(fields: dict[str, Any]) -> None:
    body = json.dumps({"status": "success", **fields}).encode()
    try:
        assert parse_callback("application/json", body).signal in Signal
    except JobhookError as error:
        _answered(error)


@given(st.binary(max_size=300))
def test_any_bytes_make_a_callback_or_an_error(body: bytes) -> None:
    with pytest.raises(JobhookError):
        parse_callback("application/json", body)


@given(st.text(max_size=60))
def test_any_media_type_but_json_is_refused(media_type: str) -> None:
    with pytest.raises(JobhookError):
        parse_callback(media_type, b"{")


@given(st.text(max_size=80))
def test_any_text_is_judged_as_a_target(url: str) -> None:
    problem = target_problem(url)
    assert problem is None or problem.startswith(("must", "is"))


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "https://reports.example.com:8443/x?y=z",
        "HTTPS://EXAMPLE.com/",
        "http://127.0.0.1:5000/hooks",
        "http://[::1]:8080/",
        "https://example.com/%20a",
    ],
)
def test_a_target(url: str) -> None:
    assert target_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//example.com",
        "http:/example.com",
        "http://",
        "http://:80/",
        "javascript:alert(1)",
        "http://[::1",
        "http://example.com:port/",
        "http://example.com:0/",
        "http://a:b@c/",
        "http://@c/",
        "http://a/#b",
        "http://a\tb/",
    ],
)
def test_no_target(url: str) -> None:
    assert target_problem(url) is not None


@pytest.mark.parametrize(
    ("ttl_seconds", "timeout_seconds"), [(1, 86_400), (43_200, 86_400), (43_201, 86_402), (1_296_000, 2_592_000)]
)
def test_the_timeout_is_a_day_or_twice_the_ttl(ttl_seconds: int, timeout_seconds: int) -> None:
    body = json.dumps({**GOOD, "ttl_seconds": ttl_seconds}).encode()
    assert parse_job("reports", "nightly", "application/json", body, NOW_MS).timeout_seconds == timeout_seconds


def test_a_schedule_whose_years_are_over_is_impossible() -> None:
    body = json.dumps({**GOOD, "schedule": "cron(0 9 * * ? 2026)"}).encode()
    assert parse_job("reports", "nightly", "application/json", body, NOW_MS).schedule == "cron(0 9 * * ? 2026)"
    with pytest.raises(ImpossibleSchedule):
        parse_job("reports", "nightly", "application/json", body, NOW_MS + 90 * 86_400_000)


@pytest.mark.parametrize(
    ("said", "signal"),
    [
        ("success", Signal.SUCCESS),
        ("fail", Signal.FAIL),
        ("failed", Signal.FAIL),
        ("heartbeat", Signal.HEARTBEAT),
        ("processing", Signal.HEARTBEAT),
    ],
)
def test_the_originals_words_are_understood(said: str, signal: Signal) -> None:
    assert parse_callback("application/json", json.dumps({"status": said}).encode()).signal is signal


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ttl_seconds", 0, "must be at least 1"),
        ("ttl_seconds", 1_296_001, "must be at most 1296000"),
        ("ttl_seconds", "60", "must be a whole number"),
        ("enabled", 1, "must be true or false"),
        ("payload", {}, "must be a string"),
        ("invocation_type", "sns", "must be 'http'"),
        ("tags", "a", "must be a list"),
        ("tags", [str(number) for number in range(21)], "must have at most 20 items"),
        ("schedules", [], "must not be empty"),
        ("state_schema", [], "must be an object"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_json(field: str, value: object, said: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        job_settings({**GOOD, field: value}, NOW_MS, [])
    assert said in [problem.message for problem in refused.value.problems if problem.field == field]
