"""Canned answers over a real socket, for routes that this tree's server may not have yet; notes what was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeApi:
    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str, str]] = []

    @property
    def last(self) -> tuple[str, str, str]:
        """Method, path with query, and body."""
        return self.asked[-1]


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    """`answers` has them by method and path, such as "GET /stats"."""
    fake = FakeApi()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            fake.asked.append((self.command, self.path, body))
            answer = json.dumps(fake.answers[f"{self.command} {self.path.partition('?')[0]}"]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
