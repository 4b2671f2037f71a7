"""A service that owns jobs: a real HTTP server which notes its webhooks, and calls back when the test says so."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.patience import PATIENCE_SECONDS


class Service:
    """The webhooks that came, in order; `hold` keeps the answers back until it is set."""

    def __init__(self) -> None:
        self.webhooks: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hold = threading.Event()
        self.hold.set()
        self.url = ""
        self.answers_after: Callable[[], float] = float  # seconds; at once
        self._arrived = threading.Condition()

    def arrive(self, headers: dict[str, str], body: bytes) -> None:
        with self._arrived:
            self.headers.append(headers)
            self.webhooks.append(json.loads(body))
            self._arrived.notify_all()

    def wait_for(self, count: int, job_name: str | None = None) -> list[dict[str, Any]]:
        """The first `count` webhooks (of that job), once they have come."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: len(self.of(job_name)) >= count, PATIENCE_SECONDS)
            assert came, f"{len(self.of(job_name))} of {count} webhooks came"
            return self.of(job_name)[:count]

    def of(self, job_name: str | None) -> list[dict[str, Any]]:
        return [webhook for webhook in self.webhooks if job_name in (None, webhook["job_name"])]


@contextmanager
def service() -> Iterator[Service]:
    """A service that listens on a port of its own."""
    owner = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            try:
                self.answer_webhook()
            except ConnectionError:
                self.close_connection = True  # the server was killed

        def answer_webhook(self) -> None:
            """Note it, and answer when it is time."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            owner.arrive({name.lower(): value for name, value in self.headers.items()}, body)
            owner.hold.wait(PATIENCE_SECONDS)
            time.sleep(owner.answers_after())
            self.send_response(202)
            self.send_header("Content-Length", "7")
            self.end_headers()
            self.wfile.write(b"started")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A killed server leaves broken connections, which is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    owner.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield owner
    finally:
        owner.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
