"""`with jobhook.callback(webhook)`: what is sent, when, and what never gets out."""

import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

import jobhook
from jobhook.client import receiver
from jobhook.client.callbacks import Said, say
from tests.patience import PATIENCE_SECONDS

SECRET = "canary-token-1789"


def webhook(*, ttl_seconds: float = 600, url: str = f"http://127.0.0.1:9/callback/guid/{SECRET}") -> dict[str, Any]:
    return {
        "callback_url": url,
        "execution_id": "run-1",
        "service_name": "reports",
        "job_name": "nightly",
        "ttl_seconds": ttl_seconds,
        "payload": "to: team",
        "last_successful_execution": {"state": "1789"},
    }


class Jobhook:
    """Notes what is said; `answers` has what comes of the next callbacks: None for stored, or an error."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.answers: list[Exception | None] = []
        self._changed = threading.Condition()

    def __call__(self, url: str, said: Said) -> None:
        assert SECRET in url
        with self._changed:
            self.said.append(dict(said))
            self._changed.notify_all()
            answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.said) >= count, PATIENCE_SECONDS)


@pytest.fixture
def there() -> Jobhook:
    return Jobhook()


def until_ended(run: jobhook.Run) -> None:
    """Wait for the background thread to hear of the end."""
    run._thread.join(PATIENCE_SECONDS)
    assert run.ended


def test_success_is_sent_at_the_end(there: Jobhook) -> None:
    with jobhook.callback(webhook(), say=there) as run:
        assert (run.execution_id, run.payload, run.last_state) == ("run-1", "to: team", "1789")
        run.state, run.summary, run.correlation_id = "1790", "412 rows", "trace-7"
    assert there.said == [
        {"status": "success", "state": "1790", "summary": "412 rows", "correlation_id": "trace-7"},
    ]


def test_nothing_is_said_of_a_test_call(there: Jobhook) -> None:
    tried = {**webhook(ttl_seconds=0.03), "test": True}
    assert jobhook.is_test(tried)
    with jobhook.callback(tried, say=there) as run:
        run.progress(40)
    with pytest.raises(KeyError), jobhook.callback(tried, say=there):
        raise KeyError
    assert there.said == []


@pytest.mark.parametrize("said", [False, None, "true", 1])
def test_only_true_makes_a_test_call(said: object) -> None:
    assert not jobhook.is_test(webhook())
    assert not jobhook.is_test({**webhook(), "test": said})


def test_fail_is_sent_on_an_exception_which_is_raised_on(there: Jobhook) -> None:
    def work(run: jobhook.Run) -> None:
        run.summary = "got as far as the file"
        raise FileNotFoundError("no orders.csv")

    with pytest.raises(FileNotFoundError, match="orders"), jobhook.callback(webhook(), say=there) as run:
        work(run)
    assert there.said == [
        {"status": "fail", "summary": "got as far as the file", "error": "FileNotFoundError: no orders.csv"}
    ]


@pytest.mark.parametrize("leaving", [KeyboardInterrupt, SystemExit])
def test_a_process_that_is_stopped_says_so(there: Jobhook, leaving: type[BaseException]) -> None:
    with pytest.raises(leaving), jobhook.callback(webhook(), say=there):
        raise leaving
    assert there.said == [{"status": "fail", "error": leaving.__name__}]


def test_heartbeats_go_out_by_themselves(there: Jobhook) -> None:
    with jobhook.callback(webhook(ttl_seconds=0.06), say=there):
        there.wait_for(3)
    assert [said["status"] for said in there.said[:3]] == ["heartbeat"] * 3
    assert there.said[-1]["status"] == "success"


def test_progress_is_sent_at_once_and_with_what_follows(there: Jobhook) -> None:
    with jobhook.callback(webhook(), say=there) as run:
        run.progress(40.9)
        there.wait_for(1)
    assert there.said == [{"status": "heartbeat", "progress": 40}, {"status": "success", "progress": 40}]


def test_a_burst_of_progress_is_few_heartbeats(there: Jobhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "_LEAST_PAUSE_SECONDS", PATIENCE_SECONDS)  # the burst is over before
    with jobhook.callback(webhook(), say=there) as run:
        for percent in range(100):
            run.progress(percent)
    assert len(there.said) <= 3
    assert there.said[-1] == {"status": "success", "progress": 99}


@pytest.mark.parametrize("percent", [-1, 101])
def test_progress_is_a_percentage(there: Jobhook, percent: int) -> None:
    with pytest.raises(ValueError, match="0 to 100"), jobhook.callback(webhook(), say=there) as run:
        run.progress(percent)


def test_work_stops_when_jobhook_waits_no_more(there: Jobhook) -> None:
    def work(run: jobhook.Run) -> None:
        assert not run.ended
        run.progress(40)
        until_ended(run)
        run.progress(50)
        pytest.fail("the work went on")

    there.answers = [jobhook.ExecutionEnded("timed_out")]
    with pytest.raises(jobhook.ExecutionEnded, match="timed_out"), jobhook.callback(webhook(), say=there) as run:
        work(run)
    assert len(there.said) == 1  # neither success nor fail: nobody waits for them


def test_a_block_that_does_not_look_still_hears_of_it(there: Jobhook) -> None:
    def work(run: jobhook.Run) -> None:
        run.progress(40)
        until_ended(run)

    there.answers = [jobhook.ExecutionEnded("cancelled")]
    with pytest.raises(jobhook.ExecutionEnded) as ended, jobhook.callback(webhook(), say=there) as run:
        work(run)
    assert ended.value.status == "cancelled"


def test_the_blocks_own_error_is_the_one_that_is_raised(there: Jobhook) -> None:
    there.answers = [jobhook.ExecutionEnded("timed_out")]
    with pytest.raises(ZeroDivisionError), jobhook.callback(webhook(), say=there):
        raise ZeroDivisionError
    assert there.said == [{"status": "fail", "error": "ZeroDivisionError"}]


def test_the_end_is_said_again_until_it_gets_through(there: Jobhook) -> None:
    there.answers = [jobhook.Unreachable("x")] * 3
    with jobhook.callback(webhook(ttl_seconds=0.3), say=there):
        pass
    assert [said["status"] for said in there.said].count("success") == 4


def test_it_gives_up_in_the_end(there: Jobhook) -> None:
    there.answers = [jobhook.Unreachable("x")] * 50
    with pytest.raises(jobhook.Unreachable), jobhook.callback(webhook(ttl_seconds=0.3), say=there):
        pass
    assert [said["status"] for said in there.said].count("success") == 5


def test_a_heartbeat_that_is_lost_does_no_harm(there: Jobhook) -> None:
    there.answers = [jobhook.Unreachable("x"), jobhook.Unreachable("x")]
    with jobhook.callback(webhook(ttl_seconds=0.06), say=there) as run:
        there.wait_for(3)
        assert not run.ended


def test_a_state_that_is_refused_ends_the_run_as_failed(there: Jobhook) -> None:
    there.answers = [jobhook.Refused(400, "InvalidState", "state: must be a number")]
    with pytest.raises(jobhook.Refused), jobhook.callback(webhook(), say=there) as run:
        run.state = "x"
    assert there.said[1] == {"status": "fail", "error": "Refused: InvalidState: state: must be a number"}


def test_long_texts_are_cut_to_what_jobhook_takes(there: Jobhook) -> None:
    def work(run: jobhook.Run) -> None:
        run.summary = "é" * 5_000
        raise ValueError("é" * 5_000)

    with pytest.raises(ValueError, match="é"), jobhook.callback(webhook(), say=there) as run:
        work(run)
    (said,) = there.said
    assert all(4_000 < len(said[name].encode()) <= 4_096 for name in ("summary", "error"))


@pytest.mark.parametrize("document", [{}, {"callback_url": "x"}, webhook() | {"ttl_seconds": "soon"}])
def test_what_is_no_webhook_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="webhook of Jobhook"):
        jobhook.callback(document)


@contextmanager
def answering(
    status: int, body: bytes = b"{}", headers: dict[str, str] | None = None
) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives every POST this answer; its URL with the secret in it, and the bodies that came."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/callback/guid/{SECRET}", bodies
        server.shutdown()
        thread.join()


def test_a_callback_goes_out_as_json() -> None:
    with answering(200) as (url, bodies):
        say(url, {"status": "heartbeat", "progress": 4})
    assert bodies == [b'{"status": "heartbeat", "progress": 4}']


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (410, jobhook.ExecutionEnded),
        (404, jobhook.ExecutionEnded),
        (400, jobhook.Refused),
        (413, jobhook.Refused),
        (429, jobhook.Unreachable),
        (500, jobhook.Unreachable),
        (503, jobhook.Unreachable),
    ],
)
def test_an_answer_is_understood(status: int, error: type[Exception]) -> None:
    answer = b'{"code": "X", "message": "m", "status": "timed_out"}'
    with answering(status, answer) as (url, _), pytest.raises(error) as raised:
        say(url, {"status": "heartbeat"})
    if isinstance(raised.value, jobhook.ExecutionEnded):
        assert raised.value.status == "timed_out"


def test_a_redirect_is_not_followed() -> None:
    refused = pytest.raises(jobhook.Unreachable, match="307")
    with answering(200) as (to, came), answering(307, headers={"Location": to}) as (url, _), refused:
        say(url, {"status": "heartbeat"})
    assert came == []


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:9/{SECRET}",
        f"http://127.0.0.1:9/{SECRET} and\ncontrol",
        f"http://no.such.host.invalid/{SECRET}",
        f"http://[{SECRET}/",
        f"file:///etc/{SECRET}",
    ],
)
def test_the_callback_url_is_in_no_log_repr_or_error(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    run = jobhook.callback(webhook(url=url, ttl_seconds=0.1))
    with pytest.raises((jobhook.Unreachable, ValueError)) as raised, run:
        pass
    seen = "".join(traceback.format_exception(raised.value)) + caplog.text + repr(run) + "".join(capfd.readouterr())
    assert "run-1" in seen
    assert SECRET not in seen.replace(__file__, "")
