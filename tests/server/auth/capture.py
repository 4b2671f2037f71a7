"""A tiny HTTP server that keeps each request as it stood on the wire."""

from http.server import BaseHTTPRequestHandler, HTTPServer

from jobhook.server.auth.sigv4 import SignedRequest


class Capture(BaseHTTPRequestHandler):
    """Answers everything, and keeps it."""

    protocol_version = "HTTP/1.1"
    server: "CaptureServer"
    raw_requestline: bytes

    def handle_any(self) -> None:
        method, target, _ = self.raw_requestline.decode().split(" ")
        # http.server reads headers as Latin-1, and SignedRequest wants them as UTF-8.
        headers = [(name, value.encode("latin-1").decode()) for name, value in self.headers.items()]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.captured.append(SignedRequest.of_target(method, target, headers, body))
        self.send_response(204)
        self.end_headers()

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = handle_any  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output quiet."""


class CaptureServer(HTTPServer):
    """Holds what was captured, oldest first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Capture)
        self.captured: list[SignedRequest] = []
