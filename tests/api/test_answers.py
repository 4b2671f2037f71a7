"""Every error has one status and one form, Chalice's own answers included."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from chalice.app import Chalice, Response
from chalice.local import ForbiddenError, LocalChalice

from chalicelib.chalice_api import register
from jobhook.api.responses import error_answer, in_contract_form, unknown_route
from jobhook.core import errors
from tests.api.client import ApiClient
from tests.api.gateway import gateway_event
from tests.api.job_bodies import job_body
from tests.fakes.backend import MemoryBackend

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
    answer = error_answer(error).to_dict()
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (status, "application/json")
    assert answer["body"].startswith(f'{{"code":"{code}","message":"')
    assert ("errors" in answer["body"]) == isinstance(error, errors.InvalidDocument)


def test_every_error_has_a_status() -> None:
    pending: list[type[errors.JobhookError]] = [errors.JobhookError]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        error = kind.__new__(kind)
        Exception.__init__(error, "text")
        error.__dict__.update(problems=[], status="failed")
        assert error_answer(error).status_code >= 400


def test_an_ended_execution_says_how_it_ended() -> None:
    assert '"status":"timed_out"' in str(error_answer(errors.ExecutionEnded("timed_out")).body)


def test_unavailable_says_when_to_come_back() -> None:
    assert int(str(error_answer(errors.Unavailable("try again")).headers["Retry-After"])) > 0


def test_a_method_that_a_path_does_not_have_is_405(api: ApiClient) -> None:
    reply = api.send_json("POST", "/services/reports/jobs/nightly", {})
    assert (reply.status, reply.document["code"]) == (405, "MethodNotAllowed")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "PUT", "PATCH", "DELETE"}


def test_an_event_that_is_no_request_is_answered_in_our_form(app: Chalice, backend: MemoryBackend) -> None:
    answer = app({"some": "event"}, None)
    assert answer["statusCode"] == 500
    assert '"code":"InternalError"' in answer["body"]


def test_an_unknown_route_has_an_answer_for_the_server_that_looks_for_it(api: ApiClient) -> None:
    with pytest.raises(ForbiddenError):
        api.get("/nothing/here")
    assert (unknown_route().status_code, unknown_route().headers["Content-Type"]) == (404, "application/json")


def test_other_answers_of_chalice_take_our_form() -> None:
    taken = in_contract_form(Response({"Code": "BadRequest", "Message": "no Accept header"}, status_code=400))
    assert taken.status_code == 400
    assert '"code":"BadRequest"' in str(taken.body)


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_ours_shows_nothing_of_itself(
    app: Chalice, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("canary-4711")

    app.debug = debug
    monkeypatch.setattr(backend.memory, "read_job", broken)
    reply = ApiClient(app).get("/services/reports/jobs/nightly")
    assert (reply.status, reply.document["code"]) == (500, "InternalError")
    assert reply.headers["Content-Type"] == "application/json"
    assert "canary-4711" not in reply.body


def test_a_fault_is_logged_without_callback_url_or_body(
    api: ApiClient, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(backend.memory, "read_execution", broken)
    guid = "00000000-0000-5000-8000-000000000000"
    token = f"i00000000001.1795248060000.1.{'canary' * 7}x"
    caplog.set_level(logging.ERROR, "jobhook-test")
    reply = api.send("POST", f"/callback/{guid}/{token}", b'{"status":"success","state":"canary"}')
    assert reply.status == 500
    assert "ZeroDivisionError" in caplog.text
    assert "canary" not in caplog.text


def test_text_beyond_ascii_survives(api: ApiClient) -> None:
    reply = api.send_json("PUT", "/services/reports/jobs/nightly", job_body(payload="Grüße 🎉 \u2028"))
    assert reply.document["payload"] == "Grüße 🎉 \u2028"


def test_a_server_with_threads_may_mix_in_its_own_current_request(backend: MemoryBackend) -> None:
    class ThreadedApp(LocalChalice):
        pass

    app = ThreadedApp(app_name="jobhook-threads", configure_logs=False, env={})
    register(app)

    def ask(number: int) -> bool:
        event = gateway_event("GET", "/services/{service}/jobs", {"service": "reports"})
        event["multiValueQueryStringParameters"] = {f"unknown{number}": ["x"]}
        return f'"unknown{number}"' in app(event, None)["body"]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400)))


def test_only_callbacks_come_in_without_a_signature(app: Chalice) -> None:
    unsigned = {
        (method, path)
        for path, methods in app.routes.items()
        for method, entry in methods.items()
        if entry.authorizer is None
    }
    assert unsigned == {("POST", "/callback/{guid}/{token}")}


def test_a_second_app_is_as_well_guarded(app: Chalice) -> None:
    second = Chalice(app_name="second", configure_logs=False, env={})
    register(second)
    assert {path: set(methods) for path, methods in second.routes.items()} == {
        path: set(methods) for path, methods in app.routes.items()
    }
    assert all(
        entry.authorizer is not None
        for path, methods in second.routes.items()
        for entry in methods.values()
        if not path.startswith("/callback")
    )
