"""The examples for Flask, FastAPI and Lambda, called by a real Jobhook, and calling it back."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any
from urllib.request import Request, urlopen

import pytest
import uvicorn
from werkzeug.serving import make_server

from examples import fastapi_service, flask_service
from examples.lambda_service import make_handler
from jobhook import Client, Execution, JobSettings
from tests.client.live import Live, live
from tests.patience import PATIENCE_SECONDS

SCHEDULE = "rate(1 day)"


@contextmanager
def flask() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, flask_service.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/nightly"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def fastapi() -> Iterator[str]:
    listening = socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(fastapi_service.app, log_config=None))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/hooks/nightly"
    server.should_exit = True
    thread.join()
    listening.close()


@dataclass(frozen=True)
class Context:
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:reports"


@contextmanager
def function_url() -> Iterator[str]:
    """What Lambda does: events for requests, and a second invocation that nobody waits for."""
    invoked: list[threading.Thread] = []

    def start(function: str, document: str) -> None:
        assert function == Context.invoked_function_arn
        invoked.append(threading.Thread(target=handler, args=(json.loads(document), Context())))
        invoked[-1].start()

    handler = make_handler(start)

    class Url(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = base64.b64encode(self.rfile.read(int(self.headers["Content-Length"]))).decode()
            answer = handler({"version": "2.0", "body": body, "isBase64Encoded": True}, Context())
            assert answer is not None
            self.send_response(answer["statusCode"])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Url) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
    for invocation in invoked:
        invocation.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("data")) as serving:
        yield serving


@pytest.mark.parametrize(
    ("name", "serving", "summary"),
    [
        ("flask", flask, "3 rows"),
        ("fastapi", fastapi, "3 rows"),
        ("lambda", function_url, "3 rows for eu"),
    ],
)
def test_a_run_succeeds(
    server: Live, name: str, serving: Callable[[], AbstractContextManager[str]], summary: str
) -> None:
    with serving() as target, Client(server.url) as client:
        settings: JobSettings = {"schedule": SCHEDULE, "invocation_target": target, "ttl_seconds": 30}
        client.put_job("reports", name, {**settings, "payload": '{"region": "eu"}'})
        with urlopen(Request(f"{server.url}/services/reports/jobs/{name}/test", method="POST")) as tested:
            assert json.load(tested)["passed"] is True
        server.fire(SCHEDULE)
        ended = until_ended(client, name)
        client.delete_job("reports", name)
    assert (ended["status"], ended["summary"]) == ("success", summary)
    assert [attempt["http_status"] for attempt in ended["attempts"]] == [202]


def test_the_event_of_an_api_gateway_may_hold_plain_text() -> None:
    started: list[str] = []
    handler = make_handler(lambda _, document: started.append(document))
    assert handler({"body": '{"a": "ü"}', "isBase64Encoded": False}, Context()) == {"statusCode": 202}
    assert started == ['{"a": "ü"}']


def test_a_test_call_starts_nothing() -> None:
    started: list[str] = []
    handler = make_handler(lambda _, document: started.append(document))
    assert handler({"body": '{"test": true}'}, Context()) == {"statusCode": 202}
    assert started == []


@pytest.mark.parametrize("module", [flask_service, fastapi_service])
def test_a_double_is_dropped(module: Any) -> None:
    assert not module.doubles.is_double("run-1")
    assert module.doubles.is_double("run-1")


def test_every_example_says_what_it_is() -> None:
    for name in ("flask", "fastapi", "lambda"):
        text = (Path(flask_service.__file__).parent / f"{name}_service.py").read_text()
        assert text.startswith('"""A service in ')


def until_ended(client: Client, job: str) -> Execution:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        execution = next(client.list_executions("reports", job))
        if execution["status"] not in ("pending", "running"):
            return execution
        time.sleep(0.02)
    raise AssertionError(f"the run of {job} did not end")
