"""Requests signed and sent by botocore, and captured from a real socket."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from jobhook.server.auth.sigv4 import Identity, SignedRequest, verify

from .capture import CaptureServer
from .signing import KEY, SECRET, find_secret

Parameters = Sequence[tuple[str, str]]


def send(
    server: CaptureServer, method: str, target: str, parameters: Parameters = (), body: bytes = b""
) -> SignedRequest:
    url = f"http://127.0.0.1:{server.server_port}{target}"
    request = AWSRequest(method=method, url=url, params=dict(parameters), data=body)
    request.headers["Content-Type"] = "application/json"
    SigV4Auth(Credentials(KEY, SECRET), "execute-api", "us-east-1").add_auth(request)
    session = URLLib3Session(proxies={})
    session.send(request.prepare())
    session.close()
    return server.captured.pop()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "POST"])
@pytest.mark.parametrize(
    ("target", "parameters"),
    [
        ("/services/a/jobs/b", []),
        ("/services/a/jobs/b?limit=5&cursor=a%2Bb%3D%3D&status=failed", []),
        (
            "/jobs",
            [("status", "failed"), ("cursor", "a+b=="), ("since", "2026-11-21T09:00:00+00:00")],
        ),
        ("/jobs", [("q", "a b/世~")]),
        ("/jobs", [("empty", ""), ("a=b", "c&d")]),
        ("/executions/a%20b%2Fc/%E4%B8%96", []),
    ],
)
def test_what_botocore_sends_is_admitted(
    server: CaptureServer, method: str, target: str, parameters: Parameters
) -> None:
    body = b"" if method in ("GET", "DELETE") else '{"payload": "Grüße"}'.encode()
    request = send(server, method, target, parameters, body)
    assert (request.method, request.body) == (method, body)
    assert verify(request, find_secret, datetime.now(UTC)) == Identity(KEY, "us-east-1")
