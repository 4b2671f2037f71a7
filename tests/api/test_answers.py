"""Every error has one status and one form."""

import pytest

from jobhook.api.responses import error_answer
from jobhook.api.routes import ROUTES
from jobhook.core import errors
from tests.api.client import ApiClient
from tests.api.job_bodies import job_body

PROBLEM = errors.Problem("schedule", "is required")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidDocument([PROBLEM], code="InvalidJob"), 400, "InvalidJob"),
        (errors.JobNotFound("no job"), 404, "JobNotFound"),
        (errors.ExecutionNotFound("no execution"), 404, "ExecutionNotFound"),
        (errors.CallbackNotFound(), 404, "CallbackNotFound"),
        (errors.Conflict("busy"), 409, "VersionConflict"),
        (errors.ExecutionEnded("failed"), 410, "ExecutionEnded"),
        (errors.DocumentTooLarge([PROBLEM]), 413, "PayloadTooLarge"),
        (errors.UnsupportedMediaType("send JSON"), 415, "UnsupportedMediaType"),
        (errors.ImpossibleSchedule("never comes due"), 422, "InvalidSchedule"),
        (errors.Unavailable("try again"), 503, "ServiceUnavailable"),
    ],
)
def test_each_error_has_its_status_and_code(error: errors.JobhookError, status: int, code: str) -> None:
    answer = error_answer(error)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.body.startswith(f'{{"code":"{code}","message":"'.encode())
    assert (b"errors" in answer.body) == isinstance(error, errors.InvalidDocument)


def test_every_error_has_a_status() -> None:
    pending: list[type[errors.JobhookError]] = [errors.JobhookError]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        error = kind.__new__(kind)
        Exception.__init__(error, "text")
        error.__dict__.update(problems=[], status="failed")
        assert error_answer(error).status >= 400


def test_an_ended_execution_says_how_it_ended() -> None:
    assert b'"status":"timed_out"' in error_answer(errors.ExecutionEnded("timed_out")).body


def test_unavailable_says_when_to_come_back() -> None:
    assert int(str(error_answer(errors.Unavailable("try again")).headers["Retry-After"])) > 0


def test_a_method_that_a_path_does_not_have_is_405(api: ApiClient) -> None:
    reply = api.send_json("POST", "/services/reports/jobs/nightly", {})
    assert (reply.status, reply.document["code"]) == (405, "MethodNotAllowed")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}


def test_text_beyond_ascii_survives(api: ApiClient) -> None:
    reply = api.send_json("PUT", "/services/reports/jobs/nightly", job_body(payload="Grüße 🎉 \u2028"))
    assert reply.document["payload"] == "Grüße 🎉 \u2028"


def test_only_callbacks_come_in_without_a_signature() -> None:
    unsigned = {(route.method, route.path) for route in ROUTES if not route.signed}
    assert unsigned == {("POST", "/callback/{guid}/{token}")}


def test_only_test_calls_wait_for_a_service() -> None:
    waiting = {(route.method, route.path) for route in ROUTES if route.waits_for_service}
    assert waiting == {("POST", "/services/{service}/jobs/{job}/test")}


def test_an_unknown_path_is_404(api: ApiClient) -> None:
    reply = api.get("/nothing/here")
    assert (reply.status, reply.document["code"]) == (404, "NotFound")
