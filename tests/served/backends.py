"""Jobhook behind a real socket on each of its backends, whose schedules come due when the test says so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

from chalicelib.sync_runner import run_to_end
from jobhook.core.schedules.expression import parse
from jobhook.core.times import MINUTE_MS, SECOND_MS, floor_to_minute, floor_to_second
from tests.chalicelib.local_gateway import ANN, ChaliceGateway
from tests.chalicelib.moto_stack import PREFIX, MotoStack, moto_stack
from tests.client.live import live
from tests.ports import own_port


class Served(Protocol):
    """One installation; `url` is its address."""

    url: str

    def fire(self, expression: str) -> None:
        """Have a schedule come due; returns when its webhooks were answered."""

    def settle(self) -> None:
        """Wait until the webhooks of what was started are answered, and callbacks are heard."""


class OnMoto:
    """The Chalice app on moto's DynamoDB, EventBridge, Step Functions and SQS, without signatures."""

    def __init__(self, stack: MotoStack, url: str) -> None:
        self.url = url
        self._stack = stack
        self._fired: dict[str, int] = {}

    def fire(self, expression: str) -> None:
        """At a time that it was not fired at before, and at which every job takes part: a little ahead."""
        row = run_to_end(self._stack.backend.store.read_schedule(expression))
        assert row is not None, expression
        backend = self._stack.backend
        led_ms = backend.clock.now_ms() + backend.settings.lead_ms
        is_rate = parse(expression).kind == "rate"
        step, due_ms = (SECOND_MS, floor_to_second(led_ms)) if is_rate else (MINUTE_MS, floor_to_minute(led_ms))
        self._fired[expression] = max(self._fired.get(expression, 0), due_ms) + step
        self._stack.fire_rules([PREFIX + row.rule_suffix], self._fired[expression])
        self.settle()

    def settle(self) -> None:
        self._stack.settle()


@contextmanager
def on_moto() -> Iterator[OnMoto]:
    """An empty installation, listening while the block runs."""
    port = own_port()
    url = f"http://127.0.0.1:{port}"
    with moto_stack(url) as stack, _listening(port, ChaliceGateway(lambda: stack.backend)):
        yield OnMoto(stack, url)


@contextmanager
def served(name: str, data: Path) -> Iterator[Served]:
    """The installation of that name."""
    if name == "aws":
        with on_moto() as installation:
            yield installation
    else:
        with live(data) as server:
            yield server


@contextmanager
def _listening(port: int, gateway: ChaliceGateway) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answered = gateway.answer(self.command, self.path, dict(self.headers.items()), body, ANN)
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            self.wfile.write(answered.body)

        do_GET = do_PUT = do_PATCH = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
